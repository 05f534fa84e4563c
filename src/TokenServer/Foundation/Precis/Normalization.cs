namespace TokenServer.Foundation.Precis;

/// <summary>Unicode's normalisation forms C and D (UAX 15), over code points.</summary>
internal static class Normalization
{
    // Hangul syllables are computed (Unicode section 3.12).
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;
    private const int SCount = LCount * VCount * TCount;

    /// <summary>Form C of a text; the same text where it is no Unicode, for that is refused elsewhere.</summary>
    public static string ToFormC(string text) =>
        Ascii.IsValid(text) || CodePoints.Of(text) is not { } points ? text : CodePoints.ToText(Compose(Decompose(points)));

    /// <summary>Form D of a text; the same text where it is no Unicode.</summary>
    public static string ToFormD(string text) =>
        Ascii.IsValid(text) || CodePoints.Of(text) is not { } points ? text : CodePoints.ToText(Decompose(points));

    private static List<int> Decompose(List<int> points)
    {
        var parts = new List<int>(points.Count + 8);
        foreach (int c in points) Decompose(c, parts);
        SortMarks(parts);
        return parts;
    }

    private static void Decompose(int c, List<int> parts)
    {
        if (c - SBase is var s and >= 0 and < SCount)
        {
            parts.Add(LBase + s / (VCount * TCount));
            parts.Add(VBase + s % (VCount * TCount) / TCount);
            if (s % TCount != 0) parts.Add(TBase + s % TCount);
        }
        else if (UnicodeTables.Instance.Decomposition(c) is { } mapped) foreach (int part in mapped) Decompose(part, parts);
        else parts.Add(c);
    }

    // The marks after each starter, by their class; those of one class stay in their order.
    private static void SortMarks(List<int> points)
    {
        var tables = UnicodeTables.Instance;
        for (int i = 0; i < points.Count; i++)
        {
            int end = i;
            while (end < points.Count && tables.CombiningClass(points[end]) != 0) end++;
            if (end - i < 2) continue;
            int[] sorted = [.. points[i..end].OrderBy(tables.CombiningClass)];
            for (int j = 0; j < sorted.Length; j++) points[i + j] = sorted[j];
            i = end;
        }
    }

    private static List<int> Compose(List<int> points)
    {
        var tables = UnicodeTables.Instance;
        var composed = new List<int>(points.Count);
        int starter = -1, before = 0;
        foreach (int c in points)
        {
            int rank = tables.CombiningClass(c);
            // A mark is blocked by one of its class, or of a later one, between it and the starter.
            bool isBlocked = starter != composed.Count - 1 && (before == 0 || before >= rank);
            if (starter >= 0 && !isBlocked && Join(composed[starter], c) is { } whole)
            {
                composed[starter] = whole;
                continue;
            }
            if (rank == 0) starter = composed.Count;
            before = rank;
            composed.Add(c);
        }
        return composed;
    }

    private static int? Join(int first, int second)
    {
        if (first - LBase is var l and >= 0 and < LCount && second - VBase is var v and >= 0 and < VCount)
            return SBase + (l * VCount + v) * TCount;
        if (first - SBase is var s and >= 0 and < SCount && s % TCount == 0 && second - TBase is var t and > 0 and < TCount)
            return first + t;
        return UnicodeTables.Instance.Composition(first, second);
    }
}
