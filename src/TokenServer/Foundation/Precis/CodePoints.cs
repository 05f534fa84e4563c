namespace TokenServer.Foundation.Precis;

/// <summary>A text as the numbers of its characters.</summary>
internal static class CodePoints
{
    /// <summary>The code points of <paramref name="text"/>; null where half of a pair stands alone.</summary>
    public static List<int>? Of(string text)
    {
        var points = new List<int>(text.Length);
        for (int i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out int length) != OperationStatus.Done) return null;
            points.Add(rune.Value);
            i += length;
        }
        return points;
    }

    public static string ToText(IEnumerable<int> points)
    {
        var text = new StringBuilder();
        foreach (int c in points) text.Append(char.ConvertFromUtf32(c));
        return text.ToString();
    }
}
