using TokenServer.Storage;

namespace TokenServer.RateLimits;

/// <summary>A window of this process. The framework's limiters go by segments of a window and by a clock of their own; this one keeps the
/// moments, of no more keys than it may.</summary>
internal sealed class SlidingWindow(RateLimit limit, TimeProvider clock) : IRateWindow
{
    private const int MostKeys = 200_000;
    private readonly Dictionary<string, Queue<long>> passed = [];
    private long nextSweep;

    public RateLease Look(string key) => Count(key, take: false);

    public RateLease Take(string key) => Count(key, take: true);

    ValueTask<RateLease> IRateWindow.LookAsync(string key) => new(Look(key));

    ValueTask<RateLease> IRateWindow.TakeAsync(string key) => new(Take(key));

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
            while (moments.TryPeek(out long oldest) && IsOver(oldest, now)) moments.Dequeue();
            bool allowed = moments.Count < limit.Permits;
            if (allowed && take) moments.Enqueue(now);
            TimeSpan frees = moments.TryPeek(out long first)
                ? TimeSpan.FromTicks(Math.Min(first - from, limit.Window.Ticks)) : TimeSpan.Zero;
            return new RateLease(allowed, limit.Permits, limit.Permits - moments.Count, frees,
                new DateTimeOffset(now, TimeSpan.Zero) + frees);
        }
    }

    // Out of the window, or stamped by a clock that was ahead and has been set back.
    private bool IsOver(long moment, long now) => moment <= now - limit.Window.Ticks || moment > now + StoredTime.Skew.Ticks;

    // Once a window the keys without a moment in it go; a flood of keys makes the oldest go before their time, never the newest.
    private void Sweep(long now)
    {
        if (now < nextSweep && nextSweep <= now + limit.Window.Ticks && passed.Count < MostKeys) return;
        nextSweep = now + limit.Window.Ticks;
        foreach (var (key, moments) in passed)
            if (moments.Count == 0 || IsOver(moments.Last(), now)) passed.Remove(key);
        if (passed.Count < MostKeys) return;
        foreach (string key in passed.OrderBy(p => p.Value.Last()).Take(MostKeys / 4).Select(p => p.Key).ToList()) passed.Remove(key);
    }
}
