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

    /// <summary>How things stand for <paramref name="key"/>, without counting anything.</summary>
    public RateLease Look(string key) => Count(key, take: false);

    /// <summary>Counts a request of <paramref name="key"/>, if it may pass.</summary>
    public RateLease Take(string key) => Count(key, take: true);

    private RateLease Count(string key, bool take)
    {
        long now = clock.GetUtcNow().Ticks, from = now - limit.Window.Ticks;
        lock (passed)
        {
            Sweep(now);
            if (!passed.TryGetValue(key, out var moments))
            {
                moments = new Queue<long>(1);
                if (take) passed[key] = moments;
            }
            while (moments.TryPeek(out long oldest) && oldest <= from) moments.Dequeue();
            bool allowed = moments.Count < limit.Permits;
            if (allowed && take) moments.Enqueue(now);
            TimeSpan frees = moments.TryPeek(out long first) ? TimeSpan.FromTicks(first - from) : TimeSpan.Zero;
            return new RateLease(allowed, limit.Permits, limit.Permits - moments.Count, frees, new DateTimeOffset(now, TimeSpan.Zero) + frees);
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

/// <summary>How things stand for one key.</summary>
/// <param name="Allowed">Whether the request may pass.</param>
/// <param name="Limit">How many may pass in the window.</param>
/// <param name="Remaining">How many more may pass now.</param>
/// <param name="RetryAfter">How long until the oldest request that counts is out of the window.</param>
/// <param name="Reset">When that is.</param>
internal sealed record RateLease(bool Allowed, int Limit, int Remaining, TimeSpan RetryAfter, DateTimeOffset Reset);
