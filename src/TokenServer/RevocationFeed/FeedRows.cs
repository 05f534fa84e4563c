using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.RevocationFeed;

/// <summary>Reads the revocation index's table as a feed: in the order of the commits, with whom each row concerns.</summary>
internal sealed class FeedRows(Database database, ClientRegistry clients, ScopeRegistry scopes, Issuer issuer, TimeProvider clock)
{
    private const string SelectSql = """
        SELECT r."Id", r."DeadId", r."ExpiresAt", r."Kind", r."ClientId", r."Audiences", r."RevokedAt",
            a."Id", a."ApplicationId", a."Scopes", c."Id", c."Properties"
        FROM "Revocations" r
        LEFT JOIN "OpenIddictAuthorizations" a ON a."Id"=r."DeadId"
        LEFT JOIN "OpenIddictApplications" c ON c."ClientId"=r."ClientId"
        """;
    private const string AfterSql = $"""{SelectSql} WHERE r."Id" > @p0 ORDER BY r."Id" LIMIT @p1""";
    private const string FindSql = $"""{SelectSql} WHERE r."Id" = @p0""";

    /// <summary>At most <paramref name="most"/> rows after one.</summary>
    /// <exception cref="StorageUnavailableException">The database did not answer.</exception>
    public IReadOnlyList<FeedEntry> After(long row, int most) => Read(s => s.All(AfterSql, Raw.Of, row, most));

    /// <summary>The row of this number; null where it was pruned, or never was.</summary>
    /// <inheritdoc cref="After"/>
    public FeedEntry? Find(long row) => Read(s => s.All(FindSql, Raw.Of, row)).SingleOrDefault();

    private List<FeedEntry> Read(Func<Statements, List<Raw>> query)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var (rows, former) = database.Read(s => (query(s),
            s.All("""SELECT "Listed" FROM "FormerAudiences" WHERE "Until" > @p0""", r => r.GetString(0), now)));
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
