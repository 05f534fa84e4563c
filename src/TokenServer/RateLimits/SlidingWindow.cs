namespace TokenServer.RateLimits;

/// <summary>
/// Lets through so many requests of one key in any span of the window, to the exact moment; a refused one uses up nothing. The framework's
/// limiters go by segments of a window and by a clock of their own; this one keeps the moments, of no more keys than it may.
/// </summary>
internal sealed class SlidingWindow(RateLimit limit, TimeProvider clock)
{
    private const int MostKeys = 200_000;
    private readonly Dictionary<string, Queue<long>> passed = [];
    private long nextSweep;

    /// <summary>Whether the limit is reached, without counting anything.</summary>
    public TimeSpan? RetryAfter(string key) => Look(key, count: false);

    /// <summary>Counts a request of <paramref name="key"/>: null where it may pass, else how long until one may.</summary>
    public TimeSpan? Take(string key) => Look(key, count: true);

    private TimeSpan? Look(string key, bool count)
    {
        long now = clock.GetUtcNow().Ticks, from = now - limit.Window.Ticks;
        lock (passed)
        {
            Sweep(now);
            if (!passed.TryGetValue(key, out var moments))
            {
                if (!count) return null;
                passed[key] = moments = new Queue<long>(1);
            }
            while (moments.TryPeek(out long oldest) && oldest <= from) moments.Dequeue();
            if (moments.Count >= limit.Permits) return TimeSpan.FromTicks(moments.Peek() - from);
            if (count) moments.Enqueue(now);
            return null;
        }
    }

    // Once a window the keys without a moment in it go; a flood of keys makes the oldest go before their time, never the newest.
    private void Sweep(long now)
    {
        if (now < nextSweep && passed.Count < MostKeys) return;
        nextSweep = now + limit.Window.Ticks;
        foreach (var (key, moments) in passed)
            if (moments.Count == 0 || moments.Last() <= now - limit.Window.Ticks) passed.Remove(key);
        if (passed.Count < MostKeys) return;
        foreach (string key in passed.OrderBy(p => p.Value.Last()).Take(MostKeys / 4).Select(p => p.Key).ToList()) passed.Remove(key);
    }
}
