namespace TokenServer.Sessions.Devices;

/// <summary>What a person types to say which device is meant (RFC 8628 section 6.1): eight letters of twenty that spell no word and are
/// hard to take for each other, shown as <c>WDJB-MJHT</c>.</summary>
internal sealed record UserCode
{
    public const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Length = 8;

    private UserCode(string letters) => Letters = letters;

    /// <summary>The letters alone.</summary>
    public string Letters { get; }

    public static UserCode Draw() => new(RandomNumberGenerator.GetString(Alphabet, Length));

    /// <summary>The code that <paramref name="typed"/> is meant to be: whatever its case and width, and whatever blanks and dashes an
    /// editor, a keyboard or a copied page has put between the letters. Null where it is none.</summary>
    public static UserCode? Parse(string typed)
    {
        Span<char> letters = stackalloc char[Length];
        int count = 0;
        foreach (char c in typed)
        {
            if (IsBetween(c)) continue;
            char letter = char.ToUpperInvariant(c is >= '\uFF21' and <= '\uFF5A' ? (char)(c - '\uFF21' + 'A') : c);
            if (count == Length || !Alphabet.Contains(letter, StringComparison.Ordinal)) return null;
            letters[count++] = letter;
        }
        return count == Length ? new(letters.ToString()) : null;
    }

    /// <summary>As it is shown.</summary>
    public override string ToString() => $"{Letters[..4]}-{Letters[4..]}";

    // The minus sign is a symbol to Unicode, and the byte order mark and the soft hyphen are formats.
    private static bool IsBetween(char c) => c == '\u2212' || char.GetUnicodeCategory(c) is UnicodeCategory.DashPunctuation
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.Format or UnicodeCategory.Control;
}
