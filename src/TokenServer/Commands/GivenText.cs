namespace TokenServer.Commands;

/// <summary>What an option of a change says: an empty text stands for nothing.</summary>
internal static class GivenText
{
    public static string? Of(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>The entries of a list; one empty text is an empty list.</summary>
    public static string[] Of(string[]? list) => list is null or [""] ? [] : list;
}
