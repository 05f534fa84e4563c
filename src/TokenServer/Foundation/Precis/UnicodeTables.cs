namespace TokenServer.Foundation.Precis;

/// <summary>What PRECIS needs of the Unicode Character Database, of one version on every machine: InvariantGlobalization leaves the
/// framework's normalisation without effect (docs/decisions/0027). Read when the first text that is not ASCII comes.</summary>
internal sealed class UnicodeTables
{
    private static readonly Lazy<UnicodeTables> Loaded = new(() => new UnicodeTables());
    private readonly Dictionary<int, int[]> decompositions = [];
    private readonly Dictionary<(int, int), int> compositions = [];
    private readonly Dictionary<int, int> widths = [];
    private readonly Dictionary<string, List<Span>> spans = new(StringComparer.Ordinal);

    private UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("precis/tables.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            foreach (string word in words.AsSpan(1)) Add(words[0], word);
        }
    }

    public static UnicodeTables Instance => Loaded.Value;

    /// <summary>The canonical decomposition of a character, one step of it; null where it has none.</summary>
    public int[]? Decomposition(int c) => decompositions.GetValueOrDefault(c);

    /// <summary>The character that two are put together to; null where there is none.</summary>
    public int? Composition(int first, int second) => compositions.TryGetValue((first, second), out int whole) ? whole : null;

    /// <summary>Canonical_Combining_Class; 0 for a starter.</summary>
    public int CombiningClass(int c) => Find("combining", c) is { } found ? int.Parse(found, CultureInfo.InvariantCulture) : 0;

    /// <summary>What a fullwidth or halfwidth character is mapped to; any other is itself.</summary>
    public int Width(int c) => widths.GetValueOrDefault(c, c);

    /// <summary>Whether the IdentifierClass (RFC 8264 section 4.2) has it; for some characters what stands beside them decides.</summary>
    public bool IsIdentifier(int c) => Find("identifier", c) is not null;

    /// <summary>Whether the FreeformClass (RFC 8264 section 4.3) has it.</summary>
    public bool IsFreeform(int c) => IsIdentifier(c) || Find("freeform", c) is not null;

    /// <summary>Bidi_Class, <c>AL</c> as <c>R</c>.</summary>
    public string BidiClass(int c) => Find("bidi", c) ?? "L";

    /// <summary>Joining_Type.</summary>
    public string JoiningType(int c) => Find("joining", c) ?? "U";

    // The spans are in order.
    private string? Find(string section, int c)
    {
        var list = spans[section];
        int low = 0, high = list.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            var span = list[middle];
            if (c < span.First) high = middle - 1;
            else if (c > span.Last) low = middle + 1;
            else return span.Value;
        }
        return null;
    }

    private void Add(string section, string word)
    {
        if (section == "#") return;
        int equals = word.IndexOfAny(['=', '!']);
        if (section == "width") widths[Hex(word.AsSpan(0, equals))] = Hex(word.AsSpan(equals + 1));
        else if (section == "decomposed") AddDecomposition(Hex(word.AsSpan(0, equals)), word[equals] == '=', word[(equals + 1)..]);
        else AddSpan(section, word);
    }

    private void AddDecomposition(int c, bool isComposed, string text)
    {
        int[] parts = [.. text.Split('+').Select(p => Hex(p))];
        decompositions[c] = parts;
        if (isComposed) compositions[(parts[0], parts[1])] = c;
    }

    private void AddSpan(string section, string word)
    {
        string[] said = word.Split(':'), ends = said[0].Split('-');
        if (!spans.TryGetValue(section, out var list)) spans[section] = list = [];
        list.Add(new(Hex(ends[0]), Hex(ends[^1]), said.Length > 1 ? said[1] : ""));
    }

    private static int Hex(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private readonly record struct Span(int First, int Last, string Value);
}
