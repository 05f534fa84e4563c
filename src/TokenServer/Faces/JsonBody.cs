using TokenServer.Foundation;

namespace TokenServer.Faces;

/// <summary>The JSON object that a face's request carries, read strictly; what is wrong is said in words that name the field.</summary>
internal sealed class JsonBody : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 8 };
    private readonly JsonDocument document;

    private JsonBody(JsonDocument document) => this.document = document;

    /// <summary>What was wrong with the fields asked for so far; null while nothing was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the body of <paramref name="request"/>.</summary>
    /// <returns>The body, or what is wrong and with which status.</returns>
    public static async ValueTask<(JsonBody? Body, Refusal? Refusal)> ReadAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            return (null, new(StatusCodes.Status415UnsupportedMediaType, "The body must be application/json"));
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        if (bytes.Length > RequestLimits.LargestBody)
            return (null, new(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KB"));
        try
        {
            var document = JsonDocument.Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return (new JsonBody(document), null);
            document.Dispose();
            return (null, new(StatusCodes.Status400BadRequest, "The body must be a JSON object"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is what a member's name that is no Unicode throws.
            return (null, new(StatusCodes.Status400BadRequest, "The body is not valid JSON"));
        }
    }

    /// <summary>The text of a required field. Where it is missing, no text, empty, too long or holds a NUL,
    /// <see cref="Problem"/> says so and the answer is empty.</summary>
    public string Text(string field, int longest)
    {
        string? problem = Check(field, longest, out string text);
        Problem ??= problem;
        return problem is null ? text : "";
    }

    public void Dispose() => document.Dispose();

    private string? Check(string field, int longest, out string text)
    {
        text = "";
        if (!document.RootElement.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return $"The field '{field}' is required";
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
