using TokenServer.Storage;

namespace TokenServer.Web.Console.Shared;

/// <summary>What the address of a list asks for; the first thing that makes no sense is told in words.</summary>
internal sealed class ListQuery(HttpRequest request)
{
    private const int PageSize = 50;

    /// <summary>How many a page shows.</summary>
    public const int Limit = PageSize;

    /// <summary>What an address says a page by: the number of the last one before it, or after it.</summary>
    public const string Before = "before", After = "after";

    /// <summary>The value of <c>sort</c> that begins with the oldest.</summary>
    public const string Oldest = "oldest";

    /// <summary>What an address has of the page that is shown.</summary>
    public static readonly string[] Cursors = [Before, After];

    public string? Problem { get; private set; }

    /// <summary>The part of a name that is looked for; null: any.</summary>
    public NamePart? Part => NamePart.Of(Text("q"));

    public string? Text(string name)
    {
        var values = request.Query[name];
        if (values.Count == 0 || values is [{ Length: 0 }]) return null;
        if (values is [{ Length: <= NamePart.Longest } text]) return text.Trim() is { Length: > 0 } found ? found : null;
        return Refuse(ListWords.NotOnce(name));
    }

    public long? Number(string name)
    {
        if (Text(name) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return number;
        Refuse(ListWords.NoNumber(name));
        return null;
    }

    public string? OneOf(string name, params string[] values)
    {
        string? text = Text(name);
        if (text is null || values.Contains(text)) return text;
        return Refuse(ListWords.NoneOf(name, values));
    }

    /// <summary>A time as a form's field has it, UTC.</summary>
    public DateTime? Time(string name)
    {
        if (Text(name) is not { } text) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time.UtcDateTime;
        Refuse(ListWords.NoTime(name));
        return null;
    }

    /// <summary>The list: nothing where the address makes no sense.</summary>
    /// <param name="read">Reads a stretch of it.</param>
    /// <param name="id">An item's id.</param>
    /// <param name="count">How many there are, up to a number; null where nobody knows.</param>
    public ListOf<T> Page<T>(Func<Stretch, IReadOnlyList<T>> read, Func<T, long> id, Func<int, int?> count) => Page(wanted =>
    {
        var items = read(wanted.Stretch);
        return new ListRead<T>(items, wanted.Total(items.Count, count));
    }, id);

    /// <summary>The list, where what is read of it is read together with how many there are.</summary>
    public ListOf<T> Page<T>(Func<PageWanted, ListRead<T>> read, Func<T, long> id)
    {
        var wanted = Wanted();
        if (Problem is not null) return new([], null, Problem);
        var (items, total) = read(wanted);
        var page = wanted.Of(items, id);
        var (newer, older) = wanted.IsOldestFirst ? (page.Next, page.Previous) : (page.Previous, page.Next);
        return new(page.Items, To(Before, older), null) { Newer = To(After, newer), Total = ListWords.Total(total) };
    }

    private PageWanted Wanted()
    {
        bool isOldestFirst = OneOf("sort", Oldest) is not null;
        long? before = Number(Before), after = Number(After);
        if (before is not null && after is not null) Refuse(ListWords.TwoPages);
        return new(before ?? after, isOldestFirst ? before is not null : after is not null, isOldestFirst, PageSize);
    }

    private string? To(string cursor, long? id) => id is not { } at ? null : request.Path
        + QueryString.Create(request.Query.Where(q => !Cursors.Contains(q.Key))
            .Append(new(cursor, at.ToString(CultureInfo.InvariantCulture)))).ToUriComponent();

    private string? Refuse(string problem)
    {
        Problem ??= problem;
        return null;
    }
}

/// <summary>A page of a list: what is on it, and where the older ones are.</summary>
internal sealed record ListOf<T>(IReadOnlyList<T> Items, string? Older, string? Problem)
{
    /// <summary>Where the newer ones are; null where there are none.</summary>
    public string? Newer { get; init; }

    /// <summary>How many there are, in words; null where nobody knows.</summary>
    public string? Total { get; init; }
    public int Status => Problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
}
