namespace TokenServer.Storage;

/// <summary>The rows of a table that have one of several values in a column, in the order of their ids. An index of the column and the id
/// finds each value's, so that it costs nothing how many there are of it, nor of any other.</summary>
/// <param name="Table">The table; in conditions it is <c>a</c>.</param>
/// <param name="Column">The column.</param>
/// <param name="Type">The column's type in SQL.</param>
internal sealed record Slices(string Table, string Column, string Type = "text")
{
    /// <summary>The ids of <paramref name="stretch"/> that have one of <paramref name="values"/>, in its order.</summary>
    /// <param name="s">The connection.</param>
    /// <param name="values">The values, without line feeds.</param>
    /// <param name="stretch">Which of their rows.</param>
    /// <param name="more">What else the rows must meet.</param>
    public List<long> Ids(Statements s, IReadOnlyCollection<string> values, Stretch stretch, Conditions? more = null)
    {
        string[] sought = [.. values.Distinct()];
        if (sought.Length == 0) return [];
        var where = more?.Copy() ?? new Conditions();
        string from = where.Bind(stretch.First), end = where.Bind(stretch.End), limit = where.Bind(stretch.Limit);
        if (s.HasLateral && sought.Length > 1) return Together(s, sought, stretch, where, (from, end, limit));
        string value = where.Bind("");
        string sql = Sql(s, Type == "text" ? value : $"CAST({value} AS {Type})", stretch, where, (from, end, limit));
        object?[] bound = where.Values;
        (int at, int first, int last) = (bound.Length - 1, bound.Length - 4, bound.Length - 3);
        List<long> ids = [];
        foreach (string one in sought)
        {
            bound[at] = one;
            ids.AddRange(s.All(sql, r => r.GetInt64(0), bound));
            if (ids.Count < stretch.Limit) continue;
            // What lies beyond those that are found already is no matter of the next value.
            ids = Best(ids, stretch);
            if (stretch.IsAscending) bound[last] = ids[^1];
            else bound[first] = ids[^1];
        }
        return Best(ids, stretch);
    }

    private static List<long> Best(List<long> ids, Stretch stretch) =>
        [.. (stretch.IsAscending ? ids.Order() : ids.OrderDescending()).Take(stretch.Limit)];

    private string Sql(Statements s, string value, Stretch stretch, Conditions where, (string From, string End, string Limit) bound) => $"""
        SELECT a."Id" FROM "{Table}" a {where.SqlWith(s.Slice($"a.\"{Column}\"", "a.\"Id\"", value, bound.From, bound.End))}
        ORDER BY a."{Column}" {stretch.Order}, a."Id" {stretch.Order} LIMIT {bound.Limit}
        """;

    private List<long> Together(Statements s, string[] values, Stretch stretch, Conditions where,
        (string From, string End, string Limit) bound)
    {
        string all = where.Bind(string.Join('\n', values));
        string sql = $"""
            SELECT x."Id" FROM unnest(string_to_array({all}, chr(10))) v(value)
            CROSS JOIN LATERAL ({Sql(s, $"CAST(v.value AS {Type})", stretch, where, bound)}) x
            ORDER BY x."Id" {stretch.Order} LIMIT {bound.Limit}
            """;
        return s.All(sql, r => r.GetInt64(0), where.Values);
    }
}
