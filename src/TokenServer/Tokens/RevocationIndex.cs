using TokenServer.Foundation;
using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Tokens;

/// <summary>What is dead before its time: ids of tokens (<c>jti</c>) and sessions (<c>sid</c>). Kept in memory so that checking a token
/// queries nothing, written through to a table so that it outlives the process and reaches the others, and forgotten when nothing with that
/// id could be alive.</summary>
internal sealed class RevocationIndex(Database database, TimeProvider clock, Instruments instruments) : IKeptInMemory
{
    private readonly ConcurrentDictionary<long, DateTime> dead = new();
    private readonly Lock reading = new();
    private long lastRow;
    private bool isRead;

    public string? VersionName => null;
    public int Count => dead.Count;

    public bool Contains(long id) => dead.ContainsKey(id);

    /// <summary>Stores that <paramref name="id"/> is dead, in the caller's transaction; <see cref="Add"/> follows the commit.</summary>
    // In operations that are alone only: then the rows' numbers are in the order of the commits,
    // and who has read the last has read them all.
    public static void Insert(Statements statements, long id, DateTime expires)
    {
        statements.Execute("""INSERT INTO "Revocations" ("DeadId", "ExpiresAt") VALUES (@p0, @p1)""", id, expires);
        statements.Announce();
    }

    public void Add(long id, DateTime expires) => dead[id] = expires;

    /// <summary>Ends a token alone, until its own end.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="expiresAt">Its end, in Unix seconds.</param>
    /// <param name="reason">The audit entry that tells of it, if one shall.</param>
    public async Task BuryAsync(long id, long expiresAt, AuditEvent? reason = null)
    {
        var expires = DateTimeOffset.FromUnixTimeSeconds(expiresAt).UtcDateTime;
        await database.WriteAsync(s =>
        {
            Insert(s, id, expires);
            if (reason is not null) AuditTrail.Append(s, reason);
        });
        Add(id, expires);
        instruments.TokenRevoked();
    }

    public void StartOver()
    {
        lock (reading) lastRow = 0;
    }

    /// <summary>Reads the rows that came since the last look.</summary>
    public void Reload()
    {
        lock (reading)
        {
            var rows = database.Read(s => s.All("""SELECT "Id", "DeadId", "ExpiresAt" FROM "Revocations" WHERE "Id" > @p0 ORDER BY "Id" """,
                r => (Row: r.GetInt64(0), Id: r.GetInt64(1), Expires: Row.Time(r, 2)), lastRow));
            foreach (var row in rows)
            {
                if (isRead && !dead.ContainsKey(row.Id)) Measure(row.Expires);
                dead[row.Id] = row.Expires;
            }
            isRead = true;
            if (rows.Count > 0) lastRow = rows[^1].Row;
        }
    }

    // A session's entry tells when it was made: it is kept for LongestAccessToken from then. A token's is kept to the token's own end,
    // which is in whole seconds.
    private void Measure(DateTime expires)
    {
        if (expires.Ticks % TimeSpan.TicksPerSecond != 0)
            instruments.RevocationSeen(clock.GetUtcNow().UtcDateTime + LifetimesOptions.LongestAccessToken - expires);
    }

    /// <summary>Forgets what has expired; it could not be alive any more.</summary>
    public void Forget()
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        foreach (var (id, expires) in dead)
            if (expires < now) dead.TryRemove(id, out _);
    }
}
