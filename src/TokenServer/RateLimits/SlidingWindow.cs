using System.Collections.Concurrent;

namespace TokenServer.RateLimits;

/// <summary>
/// Lets through so many requests of one key in any span of the window, to the exact moment; a refused one uses up nothing. The framework's
/// limiters go by segments of a window and by a clock of their own; this one keeps the moments, of no more keys than it may.
/// </summary>
internal sealed class SlidingWindow(RateLimit limit, TimeProvider clock)
{
    private const int MostKeys = 200_000;
    private readonly ConcurrentDictionary<string, Queue<long>> passed = new();
    private long nextSweep;

    /// <summary>Whether the limit is reached, without counting anything.</summary>
    public TimeSpan? RetryAfter(string key) => Look(key, count: false);

    /// <summary>Counts a request of <paramref name="key"/>: null where it may pass, else how long until one may.</summary>
    public TimeSpan? Take(string key) => Look(key, count: true);

    private TimeSpan? Look(string key, bool count)
    {
        long now = clock.GetUtcNow().Ticks, from = now - limit.Window.Ticks;
        Sweep(now);
        if (!count && !passed.ContainsKey(key)) return null;
        var moments = passed.GetOrAdd(key, _ => new Queue<long>(1));
        lock (moments)
        {
            while (moments.TryPeek(out long oldest) && oldest <= from) moments.Dequeue();
            if (moments.Count >= limit.Permits) return TimeSpan.FromTicks(moments.Peek() - from);
            if (count) moments.Enqueue(now);
            return null;
        }
    }

    // Once a window, or when there are too many, the keys without a moment in the window go.
    private void Sweep(long now)
    {
        long due = Volatile.Read(ref nextSweep);
        if (now < due && passed.Count < MostKeys || Interlocked.CompareExchange(ref nextSweep, now + limit.Window.Ticks, due) != due) return;
        foreach (var (key, moments) in passed)
            lock (moments)
                if (!moments.Any(m => m > now - limit.Window.Ticks)) passed.TryRemove(key, out _);
        if (passed.Count >= MostKeys) passed.Clear();
    }
}
