namespace InstallLifecycle.Codes;

/// <summary>An install code: <c>IPT-SD-</c> and three groups of six from Crockford's base 32, 90 random bits.
/// Input is taken in any case, with I and L for 1, O for 0, and with dashes, spaces and what cannot be seen as they come
/// (contract section 5).</summary>
internal sealed class InstallCode
{
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", Prefix = "IPT-SD-", FoldedPrefix = "1PTSD";
    private const int Length = 18, Group = 6;

    private InstallCode(string digits)
    {
        Text = $"{Prefix}{digits[..Group]}-{digits[Group..(2 * Group)]}-{digits[(2 * Group)..]}";
        Hint = $"{Prefix}{digits[..4]}...{digits[(2 * Group)..]}";
    }

    /// <summary>The canonical form.</summary>
    public string Text { get; }

    /// <summary>Enough to tell codes apart, too little to use one: <c>IPT-SD-ABCD...UVWXYZ</c>.</summary>
    public string Hint { get; }

    public static InstallCode Create() => new(RandomNumberGenerator.GetString(Digits, Length));

    /// <summary>The code in <paramref name="input"/>, or null where it is malformed.</summary>
    public static InstallCode? Parse(string input)
    {
        var folded = new StringBuilder(FoldedPrefix.Length + Length);
        foreach (char c in input)
        {
            if (IsForgiven(c)) continue;
            if (folded.Length == FoldedPrefix.Length + Length) return null;
            folded.Append(char.ToUpperInvariant(c) switch { 'I' or 'L' => '1', 'O' => '0', var other => other });
        }
        string text = folded.ToString();
        if (text.Length != FoldedPrefix.Length + Length || !text.StartsWith(FoldedPrefix, StringComparison.Ordinal)) return null;
        string digits = text[FoldedPrefix.Length..];
        return digits.All(c => Digits.Contains(c, StringComparison.Ordinal)) ? new InstallCode(digits) : null;
    }

    // What word processors, keyboards and chats put into a copied code: dashes of any kind, the minus sign and the hyphen bullet, blanks,
    // zero-width characters.
    private static bool IsForgiven(char c) => c is '\u2212' or '\u2043' || char.IsWhiteSpace(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format;

    /// <summary>What is stored of it: an HMAC, so that who has the table alone cannot search for codes.</summary>
    public string Hash(byte[] key) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(Text)));
}
