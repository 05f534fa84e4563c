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
    /// <param name="values">The values.</param>
    /// <param name="stretch">Which of their rows.</param>
    /// <param name="more">What else the rows must meet.</param>
    public List<long> Ids(Statements s, IReadOnlyCollection<string> values, Stretch stretch, Conditions? more = null)
    {
        string[] sought = [.. values.Distinct()];
        if (sought.Length == 0) return [];
        var where = more?.Copy() ?? new Conditions();
        Bounds bound = new(where.Bind(stretch.First), where.Bind(stretch.End), where.Bind(stretch.Limit));
        string sql = sought.Length == 1 ? Sql(s, Typed(where.Bind(sought[0])), stretch, where, bound)
            : s.HasLateral ? Together(s, where.Bind(StoredJson.Write(sought)), where.Bind(sought.Length), stretch, where, bound)
            : Merged(s, where.Bind(StoredJson.Write(sought)), stretch, where, bound);
        return s.All(sql, r => r.GetInt64(0), where.Values);
    }

    private string Typed(string value) => Type == "text" ? value : $"CAST({value} AS {Type})";

    private string Sql(Statements s, string value, Stretch stretch, Conditions where, Bounds bound) => $"""
        SELECT a."Id" FROM "{Table}" a {where.SqlWith(s.Slice($"a.\"{Column}\"", "a.\"Id\"", value, bound.First, bound.End))}
        ORDER BY a."{Column}" {stretch.Order}, a."Id" {stretch.Order} LIMIT {bound.Limit}
        """;

    // The values' next rows wait in a queue, of which the first is taken and followed by the next of its value: as many steps as there are
    // values and rows on the page, however many rows they have.
    private string Merged(Statements s, string values, Stretch stretch, Conditions where, Bounds bound)
    {
        var one = bound with { Limit = "1" };
        var beyond = stretch.IsAscending ? one with { First = "n.\"Id\"+1" } : one with { End = "n.\"Id\"" };
        return $"""
            WITH RECURSIVE next("Value", "Id") AS (
                SELECT v.value, ({Sql(s, Typed("v.value"), stretch, where, one)}) FROM json_each({values}) v
                UNION ALL SELECT n."Value", ({Sql(s, Typed("n.\"Value\""), stretch, where, beyond)}) FROM next n WHERE n."Id" IS NOT NULL
                ORDER BY 2 {stretch.Order})
            SELECT "Id" FROM next WHERE "Id" IS NOT NULL LIMIT {bound.Limit}
            """;
    }

    // A few rows of each say how far the page goes, if they are enough for it; only what may have more of it than these is asked again.
    private string Together(Statements s, string values, string count, Stretch stretch, Conditions where, Bounds bound)
    {
        const string edge = "(SELECT e.\"Id\" FROM edge e)";
        string few = $"({bound.Limit}*2/{count}+1)";
        var (last, isInside, beyond) = stretch.IsAscending
            ? ("max", "<", bound with { First = "r.\"Id\"+1", End = $"coalesce({edge}+1, {bound.End})" })
            : ("min", ">", bound with { First = $"coalesce({edge}, {bound.First})", End = "r.\"Id\"" });
        return $"""
            WITH v(value) AS MATERIALIZED (SELECT jsonb_array_elements_text(CAST({values} AS jsonb))),
            found(value, "Id") AS MATERIALIZED (SELECT v.value, x."Id" FROM v
                CROSS JOIN LATERAL ({Sql(s, Typed("v.value"), stretch, where, bound with { Limit = few })}) x),
            edge("Id") AS (SELECT f."Id" FROM found f ORDER BY f."Id" {stretch.Order} LIMIT 1 OFFSET {bound.Limit}-1),
            rest(value, "Id") AS (SELECT f.value, {last}(f."Id") FROM found f GROUP BY f.value
                HAVING count(*)>={few} AND coalesce({last}(f."Id"){isInside}{edge}, TRUE))
            SELECT y."Id" FROM (SELECT f."Id" FROM found f UNION ALL SELECT x."Id" FROM rest r
                CROSS JOIN LATERAL ({Sql(s, Typed("r.value"), stretch, where, beyond)}) x) y
            ORDER BY y."Id" {stretch.Order} LIMIT {bound.Limit}
            """;
    }

    /// <summary>What stands in a statement for the ends of a stretch and for how much of it is wanted.</summary>
    private sealed record Bounds(string First, string End, string Limit);
}
