namespace TokenServer.Storage;

/// <summary>The addresses that a table has in its column <c>Address</c>, which an index begins with.</summary>
internal static class Addresses
{
    /// <summary>Those that begin with <paramref name="start"/>, <paramref name="most"/> at most: from each to the next by the index,
    /// however many rows there are of it.</summary>
    public static List<string> Beginning(Statements s, string table, string start, int most)
    {
        var found = new List<string>();
        string sql = $"""SELECT "Address" FROM "{table}" WHERE "Address">@p0 AND "Address"<@p1 ORDER BY "Address" LIMIT 1""";
        // An address of just these characters comes first; nothing in one comes after the last of ASCII.
        if (s.First($"""SELECT "Address" FROM "{table}" WHERE "Address"=@p0 LIMIT 1""", r => r.GetString(0), start) is { } whole)
            found.Add(whole);
        string last = start;
        while (found.Count < most && s.First(sql, r => r.GetString(0), last, start + "~") is { } next) found.Add(last = next);
        return found;
    }
}
