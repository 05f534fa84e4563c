namespace TokenServer.Storage;

/// <summary>Reads OpenIddict's JSON columns.</summary>
internal static class StoredJson
{
    public static ImmutableArray<string> ReadList(string? json) =>
        string.IsNullOrEmpty(json) ? [] : [.. JsonSerializer.Deserialize(json, StorageJson.Default.StringArray) ?? []];

    public static string Write(string[] list) => JsonSerializer.Serialize(list, StorageJson.Default.StringArray);

    public static ImmutableDictionary<string, string> ReadTexts(string? json) => string.IsNullOrEmpty(json)
        ? ImmutableDictionary<string, string>.Empty
        : (JsonSerializer.Deserialize(json, StorageJson.Default.DictionaryStringString) ?? []).ToImmutableDictionary();

    public static ImmutableDictionary<string, JsonElement> ReadValues(string? json) => string.IsNullOrEmpty(json)
        ? ImmutableDictionary<string, JsonElement>.Empty
        : (JsonSerializer.Deserialize(json, StorageJson.Default.DictionaryStringJsonElement) ?? []).ToImmutableDictionary();
}

/// <summary>What a text was read as, kept until there is another text; may be asked by several threads.</summary>
internal sealed class ReadOnce<T>(Func<string?, T> read)
{
    private volatile Tuple<string?, T>? last;

    public T Of(string? text)
    {
        if (last is { } known && ReferenceEquals(known.Item1, text)) return known.Item2;
        var now = Tuple.Create(text, read(text));
        last = now;
        return now.Item2;
    }
}
