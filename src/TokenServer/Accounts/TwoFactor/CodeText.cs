namespace TokenServer.Accounts.TwoFactor;

/// <summary>What apps, pages and word processors put into a code that people copy; none of it is part of the code.</summary>
internal static class CodeText
{
    /// <summary>White space, and what shows nothing: zero-width characters, soft hyphens, byte order marks.</summary>
    public static bool IsBlank(char c) => char.IsWhiteSpace(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format;

    /// <summary>A dash of the keyboard, a typographic one (U+2010 to U+2015) or the minus sign.</summary>
    public static bool IsDash(char c) => c is '-' or (>= '\u2010' and <= '\u2015') or '\u2212';
}
