using TokenServer.Foundation;

namespace TokenServer.Faces;

/// <summary>The JSON object that a face's request carries, read strictly; what is wrong is said in words that name the field.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The texts of the required <paramref name="fields"/> of the body of <paramref name="request"/>, in their order.</summary>
    /// <returns>The texts, or none, what is wrong (of the first field that is missing, no text, empty, too long or holds a NUL),
    /// and with which status.</returns>
    public static async ValueTask<(string[] Texts, Refusal? Refusal)> ReadAsync(
        HttpRequest request, params (string Name, int Longest)[] fields)
    {
        var (texts, refusal) = await ReadAsync(request, fields, []);
        return ([.. texts.Select(t => t!)], refusal);
    }

    /// <summary>The texts of the <paramref name="required"/> fields, and behind them those of the <paramref name="optional"/> ones: null
    /// where one is missing or null.</summary>
    public static async ValueTask<(string?[] Texts, Refusal? Refusal)> ReadAsync(
        HttpRequest request, (string Name, int Longest)[] required, (string Name, int Longest)[] optional)
    {
        if (!request.HasJsonContentType()) return Refuse("The body must be application/json", StatusCodes.Status415UnsupportedMediaType);
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        if (bytes.Length > RequestLimits.LargestBody) return Refuse("The body is larger than 64 KB", StatusCodes.Status413PayloadTooLarge);
        try
        {
            bytes.Position = 0;
            using var document = JsonDocument.Parse(bytes, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return Refuse("The body must be a JSON object");
            var texts = new List<string?>();
            foreach (var (name, longest) in required.Concat(optional))
            {
                if (texts.Count >= required.Length && IsMissing(document.RootElement, name, out _)) texts.Add(null);
                else if (Problem(document.RootElement, name, longest, out string text) is { } problem) return Refuse(problem);
                else texts.Add(text);
            }
            return ([.. texts], null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is what a member's name that is no Unicode throws.
            return Refuse("The body is not valid JSON");
        }
    }

    private static bool IsMissing(JsonElement body, string field, out JsonElement value) =>
        !body.TryGetProperty(field, out value) || value.ValueKind == JsonValueKind.Null;

    private static (string?[], Refusal?) Refuse(string error, int status = StatusCodes.Status400BadRequest) => ([], new(status, error));

    private static string? Problem(JsonElement body, string field, int longest, out string text)
    {
        text = "";
        if (IsMissing(body, field, out var value)) return $"The field '{field}' is required";
        if (value.ValueKind != JsonValueKind.String) return $"The field '{field}' must be a string";
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return $"The field '{field}' is not valid Unicode";
        }
        if (text.Length == 0) return $"The field '{field}' must not be empty";
        if (text.Length > longest && text.EnumerateRunes().Count() > longest)
            return $"The field '{field}' must not be longer than {longest} characters";
        return text.Contains('\0', StringComparison.Ordinal) ? $"The field '{field}' must not contain a NUL character" : null;
    }
}

/// <summary>A request cannot be taken: the status and the words to say so with.</summary>
internal sealed record Refusal(int Status, string Error);
