namespace TokenServer.Foundation.Precis;

/// <summary>A name that a person gives to something (a tunnel, a key, an account), as it is kept: without the space around it.</summary>
internal static class GivenName
{
    /// <summary>What such a name may not have, in words.</summary>
    public const string Rule = "must have a visible character, and no control, invisible or bidirectional characters";

    /// <summary>The name; null where nothing of it can be seen, or it has a control character, a line's end, or one that changes the
    /// direction of what follows.</summary>
    public static string? Of(string text)
    {
        string name = text.Trim();
        return CodePoints.Of(name) is { } points && points.Any(IsVisible) && !points.Any(IsRefused) ? name : null;
    }

    private static bool IsRefused(int c) => CharUnicodeInfo.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || c is 0xAD or 0x180E or 0x200B or 0x2060 or 0xFEFF
        || c is 0x61C or 0x200E or 0x200F or >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069;

    // The braille blank and the Hangul fillers are letters and symbols that show nothing.
    private static bool IsVisible(int c) => c is not (0x2800 or 0x115F or 0x1160 or 0x3164 or 0xFFA0)
        && CharUnicodeInfo.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
