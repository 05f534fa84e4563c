using System.Text.Json.Serialization.Metadata;
using TokenServer.Foundation;

namespace TokenServer.Admin;

/// <summary>Which page of a list a request asks for: <c>?limit=&amp;cursor=</c>, the newest first.
/// A cursor is the id of the last item shown.</summary>
internal sealed class PageRequest
{
    private const int Usual = 50, Most = 200;

    private PageRequest(long? before, int limit) => (Before, Limit) = (before, limit);

    /// <summary>Only items with smaller ids.</summary>
    public long? Before { get; }

    /// <summary>At most so many.</summary>
    public int Limit { get; }

    /// <summary>Reads the query; every parameter but the page's must be one of <paramref name="filters"/>, once.</summary>
    public static (PageRequest? Page, Problem? Problem) Of(HttpRequest request, params string[] filters)
    {
        foreach (var (name, values) in request.Query)
        {
            if (name is not ("limit" or "cursor") && !filters.Contains(name))
                return (null, Problem.BadRequest(
                    $"A query parameter is not known. Known are: {string.Join(", ", ["limit", "cursor", .. filters])}."));
            if (values.Count != 1) return (null, Problem.BadRequest($"{name} is there more than once."));
        }
        string? limit = request.Query["limit"], cursor = request.Query["cursor"];
        int size = Usual;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > Most))
            return (null, Problem.BadRequest($"limit must be 1 to {Most}."));
        long before = 0;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
            return (null, Problem.BadRequest("cursor is none that this server gave out."));
        return (new PageRequest(cursor is null ? null : before, size), null);
    }

    /// <summary>The answer <c>{items, next_cursor}</c>; give it one item more than the limit,
    /// so that it knows whether there is a next page.</summary>
    public IResult Answer<T, TAnswer>(IReadOnlyList<T> items, Func<T, long> id, Func<T, TAnswer> answer, JsonTypeInfo<TAnswer> type) =>
        new PageAnswer<T, TAnswer>(this, items, id, answer, type);

    private sealed class PageAnswer<T, TAnswer>(PageRequest page, IReadOnlyList<T> items,
        Func<T, long> id, Func<T, TAnswer> answer, JsonTypeInfo<TAnswer> type) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) =>
            Json.WriteAsync(httpContext, StatusCodes.Status200OK, this, static (json, page) => page.Write(json));

        private void Write(Utf8JsonWriter json)
        {
            int shown = Math.Min(items.Count, page.Limit);
            json.WriteStartObject();
            json.WriteStartArray("items"u8);
            for (int i = 0; i < shown; i++) JsonSerializer.Serialize(json, answer(items[i]), type);
            json.WriteEndArray();
            if (items.Count > page.Limit) json.WriteString("next_cursor"u8, id(items[shown - 1]).ToString(CultureInfo.InvariantCulture));
            else json.WriteNull("next_cursor"u8);
            json.WriteEndObject();
        }
    }
}
