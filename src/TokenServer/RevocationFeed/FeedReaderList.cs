using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.RevocationFeed;

/// <summary>The readers of all replicas as administrators see them, who is furthest behind first.</summary>
internal sealed class FeedReaderList(Database database, ClientRegistry clients, TimeProvider clock)
{
    /// <summary>At most so many.</summary>
    public const int Most = 500;

    private const string SelectSql = """
        SELECT "ApplicationId", "Name", "Way", "CurrentAt", "SeenAt" FROM "FeedReaders"
        ORDER BY "CurrentAt" IS NOT NULL, "CurrentAt", "ApplicationId", "Name" LIMIT @p0
        """;

    public IReadOnlyList<FeedReading> List() => [.. database.Read(s => s.All(SelectSql, Read, Most))];

    /// <summary>How many entries the feed has whose token or session could still be alive.</summary>
    public long CountEntries() => database.Read(s => s.All(
        """SELECT count(*) FROM "Revocations" WHERE "ExpiresAt" > @p0""", r => r.GetInt64(0), clock.GetUtcNow().UtcDateTime))[0];

    private FeedReading Read(DbDataReader r) => new(clients.FindRow(r.GetInt64(0))?.ClientId ?? "", r.GetString(1), r.GetString(2),
        Row.TimeOrNull(r, 3), Row.Time(r, 4));
}
