namespace TokenServer.Web.Shared;

/// <summary>Names inside a sentence that is text alone, as a title is: what <c>bdi</c> is in
/// HTML (Unicode Standard Annex 9, isolates).</summary>
internal static class Bidi
{
    // Hebrew, Arabic and their neighbours, their presentation forms, and what is beyond the first plane.
    private static readonly System.Buffers.SearchValues<char> other = System.Buffers.SearchValues.Create(
        [.. Range('\u0590', '\u08FF'), .. Range('\uFB1D', '\uFEFC'), .. Range('\uD800', '\uDFFF'), .. Range('\u200E', '\u200F'),
            .. Range('\u202A', '\u202E'), .. Range('\u2066', '\u2069')]);

    /// <summary>The name, between isolates where it could turn what stands beside it round.</summary>
    public static string Of(string name) => name.AsSpan().ContainsAny(other) ? $"\u2068{name}\u2069" : name;

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(c => (char)c);
}
