namespace TokenServer.Foundation.Precis;

/// <summary>Characters that are taken only beside certain others (RFC 5892 appendix A).</summary>
internal static class ContextRules
{
    private const int ZeroWidthNonJoiner = 0x200C, ZeroWidthJoiner = 0x200D, Virama = 9;

    /// <summary>Whether what stands around the character at <paramref name="at"/> allows it; most need nothing.</summary>
    public static bool Allow(List<int> text, int at)
    {
        int before = at > 0 ? text[at - 1] : -1, after = at + 1 < text.Count ? text[at + 1] : -1;
        return text[at] switch
        {
            ZeroWidthJoiner => IsVirama(before),
            ZeroWidthNonJoiner => IsVirama(before) || Joins(text, at, -1, "L", "D") && Joins(text, at, 1, "R", "D"),
            0xB7 => before == 'l' && after == 'l',
            0x375 => after is >= 0x370 and <= 0x3FF or >= 0x1F00 and <= 0x1FFF,
            0x5F3 or 0x5F4 => before is >= 0x591 and <= 0x5F4,
            0x30FB => text.Any(IsKanaOrHan),
            >= 0x660 and <= 0x669 => !text.Any(c => c is >= 0x6F0 and <= 0x6F9),
            >= 0x6F0 and <= 0x6F9 => !text.Any(c => c is >= 0x660 and <= 0x669),
            _ => true,
        };
    }

    private static bool IsVirama(int c) => c >= 0 && UnicodeTables.Instance.CombiningClass(c) == Virama;

    // Over what is transparent, to one of the two types.
    private static bool Joins(List<int> text, int at, int step, string one, string other)
    {
        for (int i = at + step; i >= 0 && i < text.Count; i += step)
        {
            string type = UnicodeTables.Instance.JoiningType(text[i]);
            if (type != "T") return type == one || type == other;
        }
        return false;
    }

    private static bool IsKanaOrHan(int c) => c is >= 0x3041 and <= 0x30FA or >= 0x30FC and <= 0x30FF or >= 0x31F0 and <= 0x31FF
        or 0x3005 or 0x3007 or >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x1B000 and <= 0x1B16F
        or >= 0x20000 and <= 0x323AF;
}
