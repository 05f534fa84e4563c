namespace TokenServer.Foundation.Precis;

/// <summary>The profiles UsernameCasePreserved and UsernameCaseMapped (RFC 8265 section 3): a name as it is shown, and as it is
/// compared.</summary>
internal static class UserNameProfile
{
    private const int CapitalIWithDot = 0x130;

    /// <summary>UsernameCasePreserved: halfwidth and fullwidth letters as usual ones, form C. Null where it is no user name: it is empty,
    /// or has a space, a symbol, an invisible character, or right-to-left letters in an order that could be taken for another.</summary>
    public static string? Preserve(string name)
    {
        if (name.Length == 0) return null;
        if (name.All(c => c is > ' ' and <= '~')) return name;
        if (CodePoints.Of(name) is not { } points) return null;
        string prepared = Normalization.ToFormC(CodePoints.ToText(points.Select(UnicodeTables.Instance.Width)));
        var text = CodePoints.Of(prepared)!;
        for (int i = 0; i < text.Count; i++)
            if (!UnicodeTables.Instance.IsIdentifier(text[i]) || !ContextRules.Allow(text, i)) return null;
        return BidiRule.IsMet(text) ? prepared : null;
    }

    /// <summary>UsernameCaseMapped: the same in lower case. Null as above.</summary>
    public static string? Map(string name) => Preserve(name) is not { } shown ? null
        : Ascii.IsValid(shown) ? shown.ToLowerInvariant()
        : Preserve(CodePoints.ToText(CodePoints.Of(shown)!.SelectMany(Lower)));

    // One character has a lower case of two (Unicode's SpecialCasing, without conditions).
    private static int[] Lower(int c) => c == CapitalIWithDot ? ['i', 0x307] : [Rune.ToLowerInvariant(new Rune(c)).Value];
}
