using TokenServer.Accounts;
using TokenServer.Clients;

namespace TokenServer.Import;

/// <summary>The import file (contract section 7).</summary>
internal sealed class ImportDocument
{
    /// <summary>Where an editor finds what may stand here; nothing else reads it.</summary>
    [JsonPropertyName("$schema")] public string? Schema { get; set; }
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
            throw new ImportException($"{e.Path ?? "$"} (line {e.LineNumber + 1})", ProblemOf(e));
        }
    }

    private static string ProblemOf(JsonException e) =>
        e.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "there is no member of this name here"
        : e.Message.StartsWith("Duplicate", StringComparison.Ordinal) ? "it is there twice"
        : "this is not the JSON that is expected here";

    private void Check()
    {
        Check("clients", Clients, c => c.Problem(), c => c.ClientId);
        Check("scopes", Scopes, s => s.Problem(), s => s.Name);
        Check("users", Users, u => u.Problem(), u => UserAccounts.Normalize(u.UserName));
        Check("users", Users, _ => null, u => UserAccounts.Normalize(u.Email));
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

/// <summary>Something in an import file cannot be taken; nothing of the file was.</summary>
internal sealed class ImportException(string place, string problem) : Exception($"{place}: {problem}");

[JsonSerializable(typeof(ImportDocument))]
[JsonSourceGenerationOptions(ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false)]
internal sealed partial class ImportJson : JsonSerializerContext;
