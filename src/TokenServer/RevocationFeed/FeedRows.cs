using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.RevocationFeed;

/// <summary>Reads the revocation index's table as a feed: in the order of the commits, with whom each row concerns.</summary>
internal sealed class FeedRows(Database database, ClientRegistry clients, ScopeRegistry scopes, Issuer issuer, TimeProvider clock)
    : IDisposable
{
    // So many threads wait for the database at a time, however many read the feed; the others wait without one.
    private const int AtOnce = 4;
    private const string SelectSql = """
        SELECT r."Id", r."DeadId", r."ExpiresAt", r."Kind", r."ClientId", r."Audiences", r."RevokedAt",
            a."Id", a."ApplicationId", a."Scopes", c."Id", c."Properties"
        FROM "Revocations" r
        LEFT JOIN "OpenIddictAuthorizations" a ON a."Id"=r."DeadId"
        LEFT JOIN "OpenIddictApplications" c ON c."ClientId"=r."ClientId"
        """;
    private const string AfterSql = $"""{SelectSql} WHERE r."Id" > @p0 ORDER BY r."Id" LIMIT @p1""";
    private const string FindSql = $"""{SelectSql} WHERE r."Id" = @p0""";
    private readonly SemaphoreSlim turns = new(AtOnce);

    /// <summary>At most <paramref name="most"/> rows after one.</summary>
    /// <exception cref="StorageUnavailableException">The database did not answer.</exception>
    public async ValueTask<IReadOnlyList<FeedEntry>> AfterAsync(long row, int most, CancellationToken ct) =>
        await ReadEntriesAsync(s => s.All(AfterSql, Raw.Of, row, most), ct);

    /// <summary>The row of this number; null where it was pruned, or never was.</summary>
    /// <inheritdoc cref="AfterAsync"/>
    public async ValueTask<FeedEntry?> FindAsync(long row, CancellationToken ct) =>
        (await ReadEntriesAsync(s => s.All(FindSql, Raw.Of, row), ct)).SingleOrDefault();

    /// <summary>What else is read for readers of the feed, in the same turns.</summary>
    /// <inheritdoc cref="AfterAsync"/>
    public async ValueTask<T> ReadAsync<T>(Func<Statements, T> query, CancellationToken ct)
    {
        await turns.WaitAsync(ct);
        try
        {
            return database.Read(query);
        }
        finally
        {
            turns.Release();
        }
    }

    public void Dispose() => turns.Dispose();

    private async ValueTask<List<FeedEntry>> ReadEntriesAsync(Func<Statements, List<Raw>> query, CancellationToken ct)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var (rows, former) = await ReadAsync(s => (query(s),
            s.All("""SELECT "Listed" FROM "FormerAudiences" WHERE "Until" > @p0""", r => r.GetString(0), now)), ct);
        var audiences = new FeedAudiences(clients, scopes, issuer.Known, former);
        return rows.ConvertAll(row => Entry(row, audiences));
    }

    private FeedEntry Entry(Raw row, FeedAudiences audiences)
    {
        DateTime happened = row.RevokedAt ?? row.ExpiresAt - LifetimesOptions.LongestAccessToken;
        switch (row.Kind)
        {
            case RevocationRow.Client:
                return new(row.Id, row.DeadId, row.ExpiresAt, FeedKind.Client)
                {
                    HappenedAt = happened, ClientId = row.ClientId, Audiences = audiences.OfClient(row.Audiences),
                    ValidAfter = row.ApplicationNow is { } id ? ValidAfter(id, row.Properties) : null,
                };
            case RevocationRow.Token:
                return new(row.Id, row.DeadId, row.ExpiresAt, FeedKind.Token)
                    { HappenedAt = happened, ClientId = row.ClientId, Audiences = audiences.OfToken(row.Audiences ?? "[]") };
        }
        // Where a session's row is gone, or the row was written before it said whose token it was, nobody knows whom it concerns. A token's
        // end is in whole seconds, a session's is not.
        bool isToken = row.SessionId is null && row.ExpiresAt.Ticks % TimeSpan.TicksPerSecond == 0;
        if (isToken) happened = clock.GetUtcNow().UtcDateTime;
        var client = row.ApplicationId is { } application ? clients.FindRow(application) : null;
        return new(row.Id, row.DeadId, row.ExpiresAt, isToken ? FeedKind.Token : FeedKind.Session)
        {
            HappenedAt = happened, ClientId = client?.ClientId,
            Audiences = row.SessionId is null ? null : audiences.OfSession(client, row.Scopes),
        };
    }

    // As Client reads it; one whose row cannot be read is refused.
    private static long? ValidAfter(long id, string? properties)
    {
        try
        {
            var values = StoredJson.ReadValues(properties);
            if (values.ContainsKey(ClientColumns.RevokedAt)) return null;
            return Math.Max(id, values.TryGetValue(ClientColumns.ValidAfter, out var after)
                ? TimeOrderedId.Parse(after.GetString()) ?? 0 : 0);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed record Raw(long Id, long DeadId, DateTime ExpiresAt, int? Kind, string? ClientId, string? Audiences)
    {
        public DateTime? RevokedAt { get; init; }
        public long? SessionId { get; init; }
        public long? ApplicationId { get; init; }
        public string? Scopes { get; init; }
        public long? ApplicationNow { get; init; }
        public string? Properties { get; init; }

        public static Raw Of(DbDataReader r) => new(r.GetInt64(0), r.GetInt64(1), Row.Time(r, 2),
            r.IsDBNull(3) ? null : r.GetInt32(3), Row.TextOrNull(r, 4), Row.TextOrNull(r, 5))
        {
            RevokedAt = Row.TimeOrNull(r, 6), SessionId = Row.LongOrNull(r, 7), ApplicationId = Row.LongOrNull(r, 8),
            Scopes = Row.TextOrNull(r, 9), ApplicationNow = Row.LongOrNull(r, 10), Properties = Row.TextOrNull(r, 11),
        };
    }
}
