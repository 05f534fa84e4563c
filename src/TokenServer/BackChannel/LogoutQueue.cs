using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.BackChannel;

/// <summary>The deliveries from the sender's side: taken by one process at a time, for as long as it may take; done, tried again later, or
/// given up after a day (docs/decisions/0032).</summary>
internal sealed class LogoutQueue(Database database, TimeProvider clock, Instruments instruments)
{
    /// <summary>How long one that was taken is its taker's; a taker that crashed leaves it to the next.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    /// <summary>How long a delivery is tried.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>How long after each attempt that failed the next one is made; after the last of them always as long.</summary>
    public static readonly IReadOnlyList<TimeSpan> Pauses =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4),
    ];

    private const string ClientsSql = """
        SELECT "ApplicationId", min("NextAttemptAt") FROM "LogoutDeliveries" WHERE "NextAttemptAt" IS NOT NULL GROUP BY "ApplicationId"
        """;

    // What a clock that was ahead has stamped is due, too.
    private const string DueSql = """
        SELECT "Id", "SessionId", "Subject", "CreatedAt", "Attempts" FROM "LogoutDeliveries"
        WHERE "ApplicationId"=@p0 AND ("NextAttemptAt"<=@p1 OR "NextAttemptAt">@p2) ORDER BY "NextAttemptAt", "Id" LIMIT @p3
        """;
    private const string TakeSql = """
        UPDATE "LogoutDeliveries" SET "NextAttemptAt"=@p2, "Attempts"="Attempts"+1
        WHERE "Id"=@p0 AND "Attempts"=@p1 AND "NextAttemptAt" IS NOT NULL
        """;
    private const string DoneSql = """DELETE FROM "LogoutDeliveries" WHERE "Id"=@p0 AND "Attempts"=@p1""";
    private const string FailedSql =
        """UPDATE "LogoutDeliveries" SET "NextAttemptAt"=@p2, "LastError"=@p3, "GivenUpAt"=@p4 WHERE "Id"=@p0 AND "Attempts"=@p1""";
    private const string DropSql = """
        DELETE FROM "LogoutDeliveries" WHERE "Id" IN
        (SELECT "Id" FROM "LogoutDeliveries" WHERE "ApplicationId"=@p0 AND "CreatedAt"<@p1 ORDER BY "Id" LIMIT @p2)
        """;

    /// <summary>The clients that are to be told something now.</summary>
    public IReadOnlyList<long> ClientsDue()
    {
        var (now, far) = (Now, Far);
        return [.. database.Read(s => s.All(ClientsSql, r => (Client: r.GetInt64(0), First: Row.Time(r, 1))))
            .Where(d => d.First <= now || d.First > far).Select(d => d.Client)];
    }

    /// <summary>How long until something is due; null where nothing waits.</summary>
    public TimeSpan? NextDue() => database.Read(s => s.All(ClientsSql, r => Row.Time(r, 1))) is [_, ..] times ? times.Min() - Now : null;

    /// <summary>Takes at most <paramref name="count"/> that are due for a client: until the lease is over no other process does.</summary>
    public Task<List<LogoutDelivery>> TakeAsync(long applicationId, int count)
    {
        var (now, far) = (Now, Far);
        return database.WriteAsync(s => s.All(DueSql,
            r => new LogoutDelivery(r.GetInt64(0), r.GetInt64(1), r.GetString(2), Row.Time(r, 3), r.GetInt32(4) + 1),
            applicationId, now, far, count).FindAll(d => s.Execute(TakeSql, d.Id, d.Attempt - 1, now + Lease) == 1));
    }

    /// <summary>It was delivered.</summary>
    public async Task DoneAsync(LogoutDelivery delivery)
    {
        await database.WriteAsync(s => s.Execute(DoneSql, delivery.Id, delivery.Attempt));
        instruments.LogoutSent("delivered");
    }

    /// <summary>An attempt failed.</summary>
    /// <returns>When the next one is due; null where it was given up.</returns>
    public async Task<DateTime?> FailedAsync(LogoutDelivery delivery, string clientId, string error)
    {
        DateTime now = Now, end = delivery.CreatedAt + Longest;
        bool isLast = now >= end || StoredTime.IsAhead(delivery.CreatedAt, now);
        DateTime due = now + Pauses[Math.Min(delivery.Attempt, Pauses.Count) - 1];
        DateTime? next = isLast ? null : due < end ? due : end;
        await database.WriteAsync(s =>
        {
            if (s.Execute(FailedSql, delivery.Id, delivery.Attempt, next, error, isLast ? now : null) != 1 || !isLast) return;
            AuditTrail.Append(s, new AuditEvent("logout.failed", now, "schedule")
            {
                Target = TimeOrderedId.ToText(delivery.SessionId), ClientId = clientId,
                Detail = $"{delivery.Attempt} attempts; {error}",
            });
        });
        instruments.LogoutSent(isLast ? "given_up" : "failed");
        return next;
    }

    /// <summary>Forgets those of a client that is gone, or wants to hear of nothing; not those of the last minute, which may be of a
    /// registration that this process does not know yet.</summary>
    public Task DropAsync(long applicationId, CancellationToken ct) =>
        database.InBatchesAsync(s => s.Execute(DropSql, applicationId, Now - StoredTime.Skew, Batch), Batch, ct);

    private const int Batch = 200;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    // Nothing is put off for longer.
    private DateTime Far => Now + Pauses[^1] + StoredTime.Skew;
}

/// <summary>A delivery that was taken.</summary>
/// <param name="Id">Its row.</param>
/// <param name="SessionId">The session that ended.</param>
/// <param name="Subject">Whose it was.</param>
/// <param name="CreatedAt">When, UTC.</param>
/// <param name="Attempt">The number of this attempt, from 1.</param>
internal sealed record LogoutDelivery(long Id, long SessionId, string Subject, DateTime CreatedAt, int Attempt);
