using TokenServer.Storage;

namespace TokenServer.Clients;

/// <summary>The logout tokens that are to be sent (OpenID Connect Back-Channel Logout section 2.5): a row for each session that ends at a
/// client which registered an address for that, written in the transaction where it ends (docs/decisions/0032).</summary>
internal sealed class LogoutDeliveries(TimeProvider clock)
{
    private const string Columns = """("ApplicationId", "SessionId", "Subject", "CreatedAt", "NextAttemptAt", "Attempts")""";
    private const string InsertSql = $"""INSERT INTO "LogoutDeliveries" {Columns} VALUES (@p0, @p1, @p2, @p3, @p3, 0)""";
    private readonly ConcurrentDictionary<long, bool> written = new();

    /// <summary>Raised when some were committed by this process: they may be sent.</summary>
    public event Action? Due;

    /// <summary>Has <paramref name="client"/> told of a session's end, in the caller's transaction; <see cref="Announce"/> follows the
    /// commit.</summary>
    public void Insert(Statements s, Client client, long sessionId, string subject)
    {
        s.Execute(InsertSql, client.Id, sessionId, subject, clock.GetUtcNow().UtcDateTime);
        written[sessionId] = true;
    }

    /// <summary>The same for sessions that a query finds; <see cref="Signal"/> follows the commit.</summary>
    /// <param name="s">The caller's.</param>
    /// <param name="sessions">Finds their ids, with three values.</param>
    /// <param name="applicationId">Its first: the client's row.</param>
    /// <param name="last">Its second.</param>
    /// <param name="limit">Its third.</param>
    public void Insert(Statements s, string sessions, long applicationId, long last, int limit) => s.Execute($"""
        INSERT INTO "LogoutDeliveries" {Columns}
        SELECT "ApplicationId", "Id", "Subject", @p3, @p3, 0 FROM "OpenIddictAuthorizations"
        WHERE "Id" IN ({sessions}) AND "Subject" IS NOT NULL
        """, applicationId, last, limit, clock.GetUtcNow().UtcDateTime);

    /// <summary>These sessions' ends were committed.</summary>
    public void Announce(IReadOnlyCollection<long> sessionIds)
    {
        if (written.IsEmpty) return;
        bool any = false;
        foreach (long id in sessionIds) any |= written.TryRemove(id, out _);
        if (any) Signal();
    }

    /// <summary>Some were committed.</summary>
    public void Signal() => Due?.Invoke();
}
