namespace TokenServer.Web.Console.Shared;

/// <summary>What the address of a list asks for; the first thing that makes no sense is told in words.</summary>
internal sealed class ListQuery(HttpRequest request)
{
    private const int PageSize = 50, LongestText = 254;
    private const string Cursor = "before";

    /// <summary>How many to read: one more than are shown, to know whether there are older ones.</summary>
    public const int Limit = PageSize + 1;

    public string? Problem { get; private set; }

    /// <summary>Only what is older than this.</summary>
    public long? Before => Number(Cursor, "The page");

    public string? Text(string name, string label)
    {
        var values = request.Query[name];
        if (values.Count == 0 || values is [{ Length: 0 }]) return null;
        if (values is [{ Length: <= LongestText } text]) return text.Trim() is { Length: > 0 } found ? found : null;
        return Refuse($"{label} can be asked for once, in {LongestText} characters at most.");
    }

    public long? Number(string name, string label)
    {
        if (Text(name, label) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return number;
        Refuse($"{label} must be a number.");
        return null;
    }

    public string? OneOf(string name, string label, params string[] values)
    {
        string? text = Text(name, label);
        if (text is null || values.Contains(text)) return text;
        return Refuse($"{label} must be one of: {string.Join(", ", values)}.");
    }

    /// <summary>A time as a form's field has it, UTC.</summary>
    public DateTime? Time(string name, string label)
    {
        if (Text(name, label) is not { } text) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time.UtcDateTime;
        Refuse($"{label} must be a time, for example 2026-03-31T12:05.");
        return null;
    }

    /// <summary>The list: nothing where the address makes no sense.</summary>
    public ListOf<T> Page<T>(Func<IEnumerable<T>> read, Func<T, long> id)
    {
        if (Problem is not null) return new([], null, Problem);
        List<T> items = [.. read()];
        bool isLast = items.Count <= PageSize;
        return new(isLast ? items : items[..PageSize], isLast ? null : Older(id(items[PageSize - 1])), null);
    }

    private string Older(long before) => request.Path
        + QueryString.Create(request.Query.Where(q => q.Key is not (Cursor or "said"))
            .Append(new(Cursor, before.ToString(CultureInfo.InvariantCulture)))).ToUriComponent();

    private string? Refuse(string problem)
    {
        Problem ??= problem;
        return null;
    }
}

/// <summary>A page of a list: what is on it, and where the older ones are.</summary>
internal sealed record ListOf<T>(IReadOnlyList<T> Items, string? Older, string? Problem)
{
    public int Status => Problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
}
