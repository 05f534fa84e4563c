using TokenServer.Storage;

namespace TokenServer.RevocationFeed;

/// <summary>How far the readers have come that acknowledge what they took (RFC 8936 section 2.4), for all replicas. One that shows a cursor
/// needs no place here.</summary>
internal sealed class FeedPositions(
    Database database, FeedRows rows, FeedCursors cursors, FeedTail tail, FeedReaders readers, TimeProvider clock)
{
    private const string FindSql = """SELECT "Acknowledged" FROM "FeedReaders" WHERE "ApplicationId"=@p0 AND "Name"=@p1""";
    private const string AdvanceSql = """
        UPDATE "FeedReaders" SET "Acknowledged"=@p2 WHERE "ApplicationId"=@p0 AND "Name"=@p1 AND coalesce("Acknowledged", '')=@p3
        """;
    private const string InsertSql = """
        INSERT INTO "FeedReaders" ("ApplicationId", "Name", "Acknowledged", "Way", "SeenAt") VALUES (@p0, @p1, @p2, 'poll', @p3)
        """;

    /// <summary>The cursor of what <paramref name="reader"/> has acknowledged.</summary>
    public async ValueTask<string> FindAsync(FeedReader reader, CancellationToken ct) =>
        await rows.ReadAsync(s => s.First(FindSql, r => Row.TextOrNull(r, 0), reader.Client.Id, reader.Name), ct)
            ?? FeedCursors.Beginning;

    /// <summary>Goes on after what was acknowledged without a gap; what lies behind one is told again.</summary>
    /// <param name="reader">Who.</param>
    /// <param name="from">Its cursor, which is good.</param>
    /// <param name="acknowledged">The <c>jti</c> of what it took.</param>
    /// <param name="ct">Ends it before anything is remembered.</param>
    /// <returns>Its cursor now; null where its client has too many readers for it to be remembered.</returns>
    public async Task<string?> AdvanceAsync(FeedReader reader, string from, IReadOnlySet<string> acknowledged, CancellationToken ct)
    {
        string cursor = from;
        DateTime now = clock.GetUtcNow().UtcDateTime;
        long row = FeedCursors.RowOf(from) ?? 0;
        int left = acknowledged.Count;
        while (left > 0 && await tail.AfterAsync(row, ct) is { Entries.Count: > 0 } page)
        {
            foreach (var entry in page.Entries)
            {
                string jti = FeedCursors.Of(entry, reader);
                if (acknowledged.Contains(jti)) left--;
                else if (entry.ExpiresAt > now && entry.Concerns(reader)) return await StoreAsync(reader, from, cursor, ct);
                (cursor, row) = (jti, entry.Row);
                if (left == 0) break;
            }
        }
        return await StoreAsync(reader, from, cursor, ct);
    }

    /// <summary>Remembers that <paramref name="reader"/> has come from one cursor to another, unless it has moved on meanwhile.</summary>
    /// <returns>The cursor to go on by; null where its client has too many readers for it to be remembered.</returns>
    public async Task<string?> StoreAsync(FeedReader reader, string from, string to, CancellationToken ct)
    {
        if (from == to || await database.WriteBesideAsync(s => Advance(s, reader, from, to))) return to;
        // It has no place yet, or has moved on.
        if (await database.WriteAsync(s => Begin(s, reader, from, to)) is { } hasRoom) return hasRoom ? to : null;
        string moved = await FindAsync(reader, ct);
        return await cursors.ResumeAsync(moved, reader, ct) is null ? FeedCursors.Beginning : moved;
    }

    private static bool Advance(Statements s, FeedReader reader, string from, string to) =>
        s.Execute(AdvanceSql, reader.Client.Id, reader.Name, to, from) == 1;

    // Null where it has a place, which is another's answer's by now.
    private bool? Begin(Statements s, FeedReader reader, string from, string to)
    {
        if (Advance(s, reader, from, to)) return true;
        if (s.First(FindSql, _ => "", reader.Client.Id, reader.Name) is not null) return null;
        return readers.MakeRoom(s, reader.Client.Id)
            && s.Execute(InsertSql, reader.Client.Id, reader.Name, to, clock.GetUtcNow().UtcDateTime) == 1;
    }
}
