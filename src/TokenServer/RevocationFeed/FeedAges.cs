using TokenServer.Telemetry;

namespace TokenServer.RevocationFeed;

/// <summary>How long it took from a revocation until it was written to a reader that had everything before, on this replica: for the
/// measurements, and the last of them for whoever looks at the console.</summary>
internal sealed class FeedAges(Instruments instruments, TimeProvider clock)
{
    private const int Most = 1000;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private readonly Lock gate = new();
    private readonly Queue<(DateTime At, TimeSpan Age)> last = [];

    /// <summary>An event was told that happened at a time, UTC.</summary>
    public void Told(DateTime happenedAt)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var age = now > happenedAt ? now - happenedAt : TimeSpan.Zero;
        instruments.EventTold(age);
        lock (gate)
        {
            last.Enqueue((now, age));
            if (last.Count > Most) last.Dequeue();
        }
    }

    /// <summary>Of the last hour, and at most of the last thousand: how many, what half of them, ninety-nine of a hundred and all took at
    /// most. Null where there were none.</summary>
    public FeedAgesShown? Shown()
    {
        DateTime since = clock.GetUtcNow().UtcDateTime - Kept;
        TimeSpan[] ages;
        lock (gate) ages = [.. last.Where(l => l.At >= since).Select(l => l.Age).Order()];
        return ages.Length == 0 ? null : new(ages.Length, At(ages, 0.5), At(ages, 0.99), ages[^1]);
    }

    private static TimeSpan At(TimeSpan[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}

/// <summary>How long it took.</summary>
internal sealed record FeedAgesShown(int Count, TimeSpan Half, TimeSpan NinetyNine, TimeSpan Slowest);
