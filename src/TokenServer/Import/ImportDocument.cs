using TokenServer.Accounts;
using TokenServer.Clients;

namespace TokenServer.Import;

/// <summary>The import file (contract section 7).</summary>
internal sealed class ImportDocument
{
    [JsonPropertyName("clients")] public ClientRegistration[] Clients { get; set; } = [];
    [JsonPropertyName("scopes")] public ScopeRegistration[] Scopes { get; set; } = [];
    [JsonPropertyName("users")] public NewAccount[] Users { get; set; } = [];

    /// <exception cref="ImportException">The text is not such a document; the message names the place.</exception>
    public static ImportDocument Parse(byte[] json)
    {
        try
        {
            // The byte order mark that some editors write is no part of JSON.
            var text = json.AsSpan().StartsWith("\uFEFF"u8) ? json.AsSpan(3) : json;
            var document = JsonSerializer.Deserialize(text, ImportJson.Default.ImportDocument)
                ?? throw new ImportException("$", "an object is expected");
            document.Check();
            return document;
        }
        catch (JsonException e)
        {
            throw new ImportException($"{e.Path ?? "$"} (line {e.LineNumber + 1})", "this is not the JSON that is expected here");
        }
    }

    private void Check()
    {
        Check("clients", Clients, c => c.Problem(), c => c.ClientId);
        Check("scopes", Scopes, s => s.Problem(), s => s.Name);
        Check("users", Users, u => u.Problem(), u => u.UserName.ToUpperInvariant());
        Check("users", Users, _ => null, u => u.Email.ToUpperInvariant());
    }

    private static void Check<T>(string section, T[]? items, Func<T, string?> problem, Func<T, string?> name) where T : class
    {
        if (items is null) throw new ImportException(section, "an array is expected");
        var names = new HashSet<string?>(StringComparer.Ordinal);
        for (int i = 0; i < items.Length; i++)
        {
            string place = $"{section}[{i}]";
            if (items[i] is null) throw new ImportException(place, "an object is expected");
            if (problem(items[i]) is { } wrong) throw new ImportException(place, wrong);
            if (!names.Add(name(items[i]))) throw new ImportException(place, "it is in the file twice");
        }
    }
}

/// <summary>A scope as it is registered.</summary>
internal sealed class ScopeRegistration
{
    [JsonPropertyName("name")] public string Name { get; set; } = "";
    [JsonPropertyName("display_name")] public string? DisplayName { get; set; }

    /// <summary>What becomes the <c>aud</c> of a token with this scope.</summary>
    [JsonPropertyName("resources")] public string[] Resources { get; set; } = [];

    public string? Problem()
    {
        if (Name is null || !ScopeRegistry.IsName(Name))
            return "name must be 1 to 100 printable ASCII characters without spaces, quotes or backslashes";
        return Resources is null || Resources.Any(string.IsNullOrWhiteSpace) ? "resources has an empty entry" : null;
    }
}

/// <summary>Something in an import file cannot be taken; nothing of the file was.</summary>
internal sealed class ImportException(string place, string problem) : Exception($"{place}: {problem}");

[JsonSerializable(typeof(ImportDocument))]
[JsonSourceGenerationOptions(ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
internal sealed partial class ImportJson : JsonSerializerContext;
