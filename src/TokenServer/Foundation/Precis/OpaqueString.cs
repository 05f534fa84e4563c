namespace TokenServer.Foundation.Precis;

/// <summary>The profile OpaqueString (RFC 8265 section 4.2), for passwords: every space is SPACE, and a text has one form,
/// whatever a keyboard makes of it.</summary>
internal static class OpaqueString
{
    /// <summary>The prepared form of a password; null where it is empty, or has a character that none may have, such as a control
    /// character. One of printable ASCII is itself.</summary>
    public static string? Prepare(string password)
    {
        if (password.Length == 0) return null;
        if (password.All(c => c is >= ' ' and <= '~')) return password;
        if (CodePoints.Of(password) is not { } points) return null;
        string prepared = Normalization.ToFormC(CodePoints.ToText(points.Select(c => IsSpace(c) ? ' ' : c)));
        var text = CodePoints.Of(prepared)!;
        for (int i = 0; i < text.Count; i++)
            if (!UnicodeTables.Instance.IsFreeform(text[i]) || !IsAllowedHere(text, i)) return null;
        return prepared;
    }

    private static bool IsSpace(int c) => CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator;

    // The FreeformClass has the rules for joiners too; those of the letters are for names.
    private static bool IsAllowedHere(List<int> text, int at) => text[at] is not (0x200C or 0x200D) || ContextRules.Allow(text, at);
}
