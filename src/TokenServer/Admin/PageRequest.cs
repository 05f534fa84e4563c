using System.Text.Json.Serialization.Metadata;
using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.Admin;

/// <summary>What of a list a request asks for: <c>?limit=&amp;cursor=&amp;sort=&amp;q=</c>, the newest first unless it says otherwise.
/// A cursor is the id of the last item shown, or <c>~</c> and that of the first for the page before.</summary>
internal sealed class PageRequest
{
    private const int Usual = 50, Most = 200;
    private const string Newest = "newest", Oldest = "oldest";

    private PageRequest(PageWanted wanted, NamePart? part) => (Wanted, Part) = (wanted, part);

    /// <summary>Which page.</summary>
    public PageWanted Wanted { get; }

    /// <summary>What to read of the list.</summary>
    public Stretch Stretch => Wanted.Stretch;

    /// <summary>The part of a name that is looked for; null: any.</summary>
    public NamePart? Part { get; }

    /// <summary>Reads the query; every parameter but the page's must be one of <paramref name="filters"/>, once.</summary>
    public static (PageRequest? Page, Problem? Problem) Of(HttpRequest request, params string[] filters)
    {
        string[] known = ["limit", "cursor", "sort", "q", .. filters];
        foreach (var (name, values) in request.Query)
        {
            if (!known.Contains(name))
                return (null, Problem.BadRequest($"A query parameter is not known. Known are: {string.Join(", ", known)}."));
            if (values.Count != 1) return (null, Problem.BadRequest($"{name} is there more than once."));
        }
        string? limit = request.Query["limit"], cursor = request.Query["cursor"], sort = request.Query["sort"], part = request.Query["q"];
        int size = Usual;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > Most))
            return (null, Problem.BadRequest($"limit must be 1 to {Most}."));
        bool isBack = cursor?.StartsWith('~') == true;
        long id = 0;
        if (cursor is not null && !long.TryParse(isBack ? cursor[1..] : cursor, NumberStyles.None, CultureInfo.InvariantCulture, out id))
            return (null, Problem.BadRequest("cursor is none that this server gave out."));
        if (sort is not (null or Newest or Oldest)) return (null, Problem.BadRequest($"sort must be one of: {Newest}, {Oldest}."));
        if (part?.Length > NamePart.Longest) return (null, Problem.BadRequest($"q may have {NamePart.Longest} characters at most."));
        return (new PageRequest(new(cursor is null ? null : id, isBack, sort == Oldest, size), NamePart.Of(part)), null);
    }

    /// <summary>The answer <c>{items, next_cursor, previous_cursor, total, total_is_exact}</c>.</summary>
    /// <param name="items">What the stretch had.</param>
    /// <param name="id">An item's id.</param>
    /// <param name="answer">An item as it is answered.</param>
    /// <param name="type">How that is written.</param>
    /// <param name="count">How many there are, up to a number; null where nobody knows.</param>
    public IResult Answer<T, TAnswer>(IReadOnlyList<T> items, Func<T, long> id, Func<T, TAnswer> answer, JsonTypeInfo<TAnswer> type,
        Func<int, int?> count) => Answer(new(items, Wanted.Total(items.Count, count)), id, answer, type);

    /// <summary>The same of what was read together with how many there are.</summary>
    public IResult Answer<T, TAnswer>(ListRead<T> read, Func<T, long> id, Func<T, TAnswer> answer, JsonTypeInfo<TAnswer> type) =>
        new PageAnswer<T, TAnswer>(Wanted.Of(read.Items, id), answer, type, read.Total);

    private sealed class PageAnswer<T, TAnswer>(ListPage<T> page,
        Func<T, TAnswer> answer, JsonTypeInfo<TAnswer> type, int? total) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) =>
            Json.WriteAsync(httpContext, StatusCodes.Status200OK, this, static (json, page) => page.Write(json));

        private void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteStartArray("items"u8);
            foreach (var item in page.Items) JsonSerializer.Serialize(json, answer(item), type);
            json.WriteEndArray();
            json.WriteString("next_cursor"u8, page.Next?.ToString(CultureInfo.InvariantCulture));
            json.WriteString("previous_cursor"u8,
                page.Previous is { } first ? string.Create(CultureInfo.InvariantCulture, $"~{first}") : null);
            if (total is { } counted) json.WriteNumber("total"u8, Math.Min(counted, PageWanted.Counted));
            else json.WriteNull("total"u8);
            json.WriteBoolean("total_is_exact"u8, total <= PageWanted.Counted);
            json.WriteEndObject();
        }
    }
}
