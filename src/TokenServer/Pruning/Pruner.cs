using TokenServer.Foundation;
using TokenServer.Audit;
using TokenServer.Keys;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Pruning;

/// <summary>Deletes expired tokens, sessions and revocations in batches so small that none holds the writer for more than a few
/// milliseconds; requests get their turn between two batches.</summary>
internal sealed partial class Pruner(Database database, RevocationIndex revocations, KeyRing keys,
    AuditKeeping audit, TimeProvider clock, ILogger<Pruner> logger)
{
    private const int Batch = 200;

    private const string Due =
        """FROM "OpenIddictTokens" WHERE "Type"=@p0 AND "ExpirationDate" < @p1 ORDER BY "ExpirationDate" LIMIT @p2""";

    // A session with refresh tokens ends with the last of them, the one that was never used.
    private const string EndedSessions = $"""
        DELETE FROM "OpenIddictAuthorizations" WHERE "Id" IN
        (SELECT "AuthorizationId" FROM (SELECT "AuthorizationId", "Status" {Due}) due WHERE "Status"='valid')
        """;
    private const string Tokens = $"""DELETE FROM "OpenIddictTokens" WHERE "Id" IN (SELECT "Id" {Due})""";

    // The clients that consents speak of, from one to the next by the index, and of them those that are deleted, whoever did it:
    // ids are not given out again.
    private const string ClientsGone = """
        WITH RECURSIVE seen("Id") AS (SELECT min("ApplicationId") FROM "Consents" UNION ALL
            SELECT (SELECT min("ApplicationId") FROM "Consents" WHERE "ApplicationId" > seen."Id") FROM seen WHERE seen."Id" IS NOT NULL)
        SELECT seen."Id" FROM seen WHERE seen."Id" IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM "OpenIddictApplications" a WHERE a."Id"=seen."Id")
        """;
    private const string Consents = """
        DELETE FROM "Consents" WHERE "ApplicationId"=@p0 AND "AccountId" IN
        (SELECT "AccountId" FROM "Consents" WHERE "ApplicationId"=@p0 LIMIT @p1)
        """;
    private static readonly string AdHocSessions = Oldest("OpenIddictAuthorizations", "CreationDate", "\"Type\"='ad-hoc' AND ");
    // The last one stays: by it the readers of the feed say how far they have come.
    private static readonly string Revocations =
        Oldest("Revocations", "ExpiresAt", """ "Id" < (SELECT max("Id") FROM "Revocations") AND """);
    private static readonly string RateMoments = Oldest("RateMoments", "CountsUntil"), UsedIds = Oldest("UsedIds", "ExpiresAt"),
        FormerAudiences = Oldest("FormerAudiences", "Until"), KeptAnswers = Oldest("KeptAnswers", "ExpiresAt");

    // A day after the last attempt could have been made, and a week for whoever wants to see which failed.
    private static readonly TimeSpan LogoutsKept = TimeSpan.FromDays(8);
    // Who acknowledges and comes again later begins anew; what it missed is forgotten by then.
    private static readonly TimeSpan ReadersKept = TimeSpan.FromDays(8);
    private static readonly string Logouts = Oldest("LogoutDeliveries", "CreatedAt");

    /// <summary>Prunes until nothing expired is left.</summary>
    public async Task<Pruned> RunAsync(CancellationToken ct)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        // A session's row stays as long as an access token of it could live: ending it must find it.
        DateTime outlived = now - LifetimesOptions.LongestAccessToken;
        var (tokens, sessions) = await PruneRefreshTokensAsync(outlived, ct);
        foreach (string type in StoredTokens.ShortLived)
            tokens += await database.InBatchesAsync(s => s.Execute(Tokens, type, now, Batch), Batch, ct);
        sessions += await database.InBatchesAsync(s => s.Execute(AdHocSessions, outlived, Batch), Batch, ct);
        int forgotten = await database.InBatchesAsync(s => s.Execute(Revocations, now, Batch), Batch, ct);
        revocations.Forget();
        await database.InBatchesAsync(s => s.Execute(RateMoments, now, Batch), Batch, ct);
        foreach (long client in database.Read(s => s.All(ClientsGone, r => r.GetInt64(0))))
            await database.InBatchesAsync(s => s.Execute(Consents, client, Batch), Batch, ct);
        await database.InBatchesAsync(s => s.Execute(UsedIds, now, Batch), Batch, ct);
        await database.InBatchesAsync(s => s.Execute(FormerAudiences, now, Batch), Batch, ct);
        await database.InBatchesAsync(s => s.Execute(KeptAnswers, now, Batch), Batch, ct);
        await database.WriteAsync(s => s.Execute("""DELETE FROM "FeedReaders" WHERE "SeenAt" < @p0""", now - ReadersKept));
        await database.InBatchesAsync(s => s.Execute(Logouts, now - LogoutsKept, Batch), Batch, ct);
        await keys.MaintainAsync();
        int entries = await audit.PruneAsync(ct);
        await audit.SealAsync();
        var pruned = new Pruned(tokens, sessions, forgotten, entries);
        if (pruned != new Pruned(0, 0, 0)) Log.Done(logger, tokens, sessions, forgotten, entries);
        return pruned;
    }

    // With a condition of its own, or none, before that of its age.
    private static string Oldest(string table, string time, string which = "") => $"""
        DELETE FROM "{table}" WHERE "Id" IN (SELECT "Id" FROM "{table}" WHERE {which}"{time}" < @p0 ORDER BY "{time}" LIMIT @p1)
        """;

    private async Task<(int Tokens, int Sessions)> PruneRefreshTokensAsync(DateTime before, CancellationToken ct)
    {
        int tokens = 0, sessions = 0, deleted;
        do
        {
            ct.ThrowIfCancellationRequested();
            (deleted, int ended) = await database.WriteAsync(s =>
            {
                int ended = s.Execute(EndedSessions, StoredTokens.Refresh, before, Batch);
                return (s.Execute(Tokens, StoredTokens.Refresh, before, Batch), ended);
            });
            (tokens, sessions) = (tokens + deleted, sessions + ended);
        }
        while (deleted == Batch);
        return (tokens, sessions);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information,
            Message = "Pruned {Tokens} tokens, {Sessions} sessions, {Revocations} revocations, {Entries} audit entries")]
        public static partial void Done(ILogger logger, int tokens, int sessions, int revocations, int entries);
    }
}

/// <summary>How much was pruned.</summary>
internal sealed record Pruned(int Tokens, int Sessions, int Revocations, int AuditEntries = 0);
