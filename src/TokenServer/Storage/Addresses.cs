namespace TokenServer.Storage;

/// <summary>The addresses that a table has in its column <c>Address</c>, which an index begins with.</summary>
internal static class Addresses
{
    /// <summary>Those that begin with <paramref name="start"/>, <paramref name="most"/> at most: from each to the next by the index,
    /// however many rows there are of it.</summary>
    // An address of just these characters comes first; nothing in one comes after the last of ASCII.
    public static List<string> Beginning(Statements s, string table, string start, int most) => s.All($"""
        WITH RECURSIVE next("Address") AS (
            SELECT ({First(table, ">=@p0")}) UNION ALL SELECT ({First(table, ">n.\"Address\"")}) FROM next n WHERE n."Address" IS NOT NULL)
        SELECT "Address" FROM next WHERE "Address" IS NOT NULL LIMIT @p2
        """, r => r.GetString(0), start, start + "~", most);

    private static string First(string table, string beyond) =>
        $"""SELECT a."Address" FROM "{table}" a WHERE a."Address"{beyond} AND a."Address"<@p1 ORDER BY a."Address" LIMIT 1""";
}
