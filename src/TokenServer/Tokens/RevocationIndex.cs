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
    private const string TokenSql = """
        INSERT INTO "Revocations" ("DeadId", "ExpiresAt", "Kind", "ClientId", "Audiences", "RevokedAt") VALUES (@p0, @p1, 1, @p2, @p3, @p4)
        """;
    private readonly ConcurrentDictionary<long, DateTime> dead = new();
    private readonly Lock reading = new();
    private long lastRow, known, era;
    private bool isRead;

    /// <summary>Raised after others' ends were read, which this process had not heard of.</summary>
    public event Action? Learned;

    /// <summary>Raised after rows were read, whoever wrote them, while nobody else can read: who hears it must not take its time.</summary>
    public event Action? Grew;

    /// <summary>The number of the last row that was read.</summary>
    public long LastRow => Interlocked.Read(ref known);

    /// <summary>Another number after everything had to be read anew: rows' numbers may mean others.</summary>
    public long Era => Interlocked.Read(ref era);

    public string VersionName => ChangeFeed.RowsOfRevocations;
    public int Count => dead.Count;

    public bool Contains(long id) => dead.ContainsKey(id);

    /// <summary>When a session ended, UTC; null where that is not known, or not any more.</summary>
    public DateTime? SessionEndedAt(long sessionId) =>
        dead.TryGetValue(sessionId, out var expires) ? expires - LifetimesOptions.LongestAccessToken : null;

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
    /// <param name="token">One that has an id and an end.</param>
    /// <param name="reason">The audit entry that tells of it, if one shall.</param>
    public async Task BuryAsync(KnownToken token, AuditEvent? reason = null)
    {
        long id = token.Id!.Value;
        var expires = DateTimeOffset.FromUnixTimeSeconds(token.ExpiresAt!.Value).UtcDateTime;
        await database.WriteAsync(s =>
        {
            s.Execute(TokenSql, id, expires, token.Client?.ClientId, StoredJson.Write(token.Audiences), clock.GetUtcNow().UtcDateTime);
            s.Announce();
            if (reason is not null) AuditTrail.Append(s, reason);
        });
        Add(id, expires);
        instruments.TokenRevoked();
    }

    public void StartOver()
    {
        lock (reading)
        {
            lastRow = 0;
            Interlocked.Increment(ref era);
        }
    }

    /// <summary>Reads the rows that came since the last look.</summary>
    public void Reload()
    {
        bool isNew = false, isMore;
        lock (reading)
        {
            var rows = database.Read(s => s.All("""SELECT "Id", "DeadId", "ExpiresAt" FROM "Revocations" WHERE "Id" > @p0 ORDER BY "Id" """,
                r => (Row: r.GetInt64(0), Id: r.GetInt64(1), Expires: Row.Time(r, 2)), lastRow));
            foreach (var row in rows)
            {
                if (isRead && !dead.ContainsKey(row.Id))
                {
                    Measure(row.Expires);
                    isNew = true;
                }
                dead[row.Id] = row.Expires;
            }
            isRead = true;
            if (isMore = rows.Count > 0) lastRow = rows[^1].Row;
            Interlocked.Exchange(ref known, lastRow);
        }
        if (isMore) Grew?.Invoke();
        if (isNew) Learned?.Invoke();
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
