using System.Buffers.Binary;
using TokenServer.Storage;

namespace TokenServer.RateLimits;

/// <summary>A window that all replicas count in: its moments are rows,
/// written by those of one key one after the other (docs/decisions/0018).</summary>
internal sealed class SharedWindow(string name, RateLimit limit, Database database, TimeProvider clock) : IRateWindow
{
    private const int Lanes = 64, MostRefused = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const string Passed = """
        SELECT count(*), min("CountsUntil") FROM "RateMoments" WHERE "Bucket"=@p0 AND "CountsUntil">@p1 AND "CountsUntil"<=@p2
        """;
    private const string Pass = """INSERT INTO "RateMoments" ("Bucket", "CountsUntil") VALUES (@p0, @p1)""";
    private readonly SemaphoreSlim[] lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new SemaphoreSlim(1))];
    private readonly ConcurrentDictionary<long, DateTime> refused = new();

    public ValueTask<RateLease> LookAsync(string key) => new(database.Read(s => Count(s, Bucket(key), take: false)));

    public async ValueTask<RateLease> TakeAsync(string key)
    {
        long bucket = Bucket(key);
        if (Refused(bucket) is { } known) return known;
        // A flood of one key waits here, not on the writers that other keys need.
        var lane = lanes[(ulong)bucket % Lanes];
        if (!await lane.WaitAsync(Patience))
            throw new StorageUnavailableException("too many requests of one key are waiting to be counted");
        try
        {
            if (Refused(bucket) is { } meanwhile) return meanwhile;
            var lease = await database.WriteBesideAsync(s => Count(s, bucket, take: true));
            if (!lease.Allowed) Remember(bucket, lease.Reset.UtcDateTime);
            return lease;
        }
        finally
        {
            lane.Release();
        }
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    // No request that has passed counts longer.
    private DateTime Latest(DateTime now) => now + limit.Window + StoredTime.Skew;

    private RateLease Lease(bool allowed, int passed, DateTime oldest, DateTime now)
    {
        var frees = new DateTime(Math.Min(oldest.Ticks, (now + limit.Window).Ticks), DateTimeKind.Utc);
        return new(allowed, limit.Permits, Math.Max(0, limit.Permits - passed), frees - now, frees);
    }

    private RateLease Count(Statements s, long bucket, bool take)
    {
        // The count sees what was committed when it began, so the lock comes first.
        if (take) s.Lock(bucket);
        DateTime now = Now, until = now + limit.Window;
        var (passed, oldest) = s.All(Passed, r => ((int)r.GetInt64(0), Row.TimeOrNull(r, 1)), bucket, now, Latest(now))[0];
        bool allowed = passed < limit.Permits;
        if (!allowed || !take) return Lease(allowed, passed, oldest ?? now, now);
        s.Execute(Pass, bucket, until);
        return Lease(allowed, passed + 1, oldest ?? until, now);
    }

    // Until the oldest moment is out of the window nothing can change for a key that was refused.
    private RateLease? Refused(long bucket)
    {
        if (!refused.TryGetValue(bucket, out var until)) return null;
        DateTime now = Now;
        if (now < until && until <= Latest(now)) return Lease(allowed: false, limit.Permits, until, now);
        refused.TryRemove(bucket, out _);
        return null;
    }

    private void Remember(long bucket, DateTime until)
    {
        // Whoever is forgotten is counted anew, from the same rows.
        if (refused.Count >= MostRefused) refused.Clear();
        refused[bucket] = until;
    }

    // The rows name no address.
    private long Bucket(string key) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{name}\n{key}")));
}
