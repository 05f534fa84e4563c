using TokenServer.Storage;

namespace TokenServer.RevocationFeed;

/// <summary>How far the readers have come that acknowledge what they took (RFC 8936 section 2.4), for all replicas. One that shows a cursor
/// needs no place here.</summary>
internal sealed class FeedPositions(Database database, FeedCursors cursors, FeedTail tail, TimeProvider clock)
{
    private const string AdvanceSql = """
        UPDATE "FeedReaders" SET "Acknowledged"=@p2 WHERE "ApplicationId"=@p0 AND "Name"=@p1 AND coalesce("Acknowledged", '')=@p3
        """;
    private const string InsertSql = """
        INSERT INTO "FeedReaders" ("ApplicationId", "Name", "Acknowledged", "Way", "SeenAt") VALUES (@p0, @p1, @p2, 'poll', @p3)
        ON CONFLICT ("ApplicationId", "Name") DO NOTHING
        """;

    /// <summary>The cursor of what <paramref name="reader"/> has acknowledged.</summary>
    public string Find(FeedReader reader) => database.Read(s => s.First(
        """SELECT "Acknowledged" FROM "FeedReaders" WHERE "ApplicationId"=@p0 AND "Name"=@p1""",
        r => Row.TextOrNull(r, 0), reader.Client.Id, reader.Name)) ?? FeedCursors.Beginning;

    /// <summary>Goes on after what was acknowledged without a gap; what lies behind one is told again.</summary>
    /// <param name="reader">Who.</param>
    /// <param name="from">Its cursor, which is good.</param>
    /// <param name="acknowledged">The <c>jti</c> of what it took.</param>
    /// <returns>Its cursor now.</returns>
    public async Task<string> AdvanceAsync(FeedReader reader, string from, IReadOnlySet<string> acknowledged)
    {
        string cursor = from;
        DateTime now = clock.GetUtcNow().UtcDateTime;
        long row = FeedCursors.RowOf(from) ?? 0;
        int left = acknowledged.Count;
        while (left > 0 && tail.After(row) is { Entries.Count: > 0 } page)
        {
            foreach (var entry in page.Entries)
            {
                string jti = FeedCursors.Of(entry, reader);
                if (acknowledged.Contains(jti)) left--;
                else if (entry.ExpiresAt > now && entry.Concerns(reader)) return await StoreAsync(reader, from, cursor);
                (cursor, row) = (jti, entry.Row);
                if (left == 0) break;
            }
        }
        return await StoreAsync(reader, from, cursor);
    }

    /// <summary>Remembers that <paramref name="reader"/> has come from one cursor to another, unless it has moved on meanwhile.</summary>
    /// <returns>The cursor to go on by.</returns>
    public async Task<string> StoreAsync(FeedReader reader, string from, string to)
    {
        if (from == to || await database.WriteBesideAsync(s => Store(s, reader, from, to))) return to;
        string moved = Find(reader);
        return cursors.Resume(moved, reader) is null ? FeedCursors.Beginning : moved;
    }

    private bool Store(Statements s, FeedReader reader, string from, string to) =>
        s.Execute(AdvanceSql, reader.Client.Id, reader.Name, to, from) == 1
        || FeedReaders.HasRoom(s, reader.Client.Id)
            && s.Execute(InsertSql, reader.Client.Id, reader.Name, to, clock.GetUtcNow().UtcDateTime) == 1;
}
