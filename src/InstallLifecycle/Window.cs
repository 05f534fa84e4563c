using InstallLifecycle.Storage;

namespace InstallLifecycle;

/// <summary>A limit on how often something may happen in any span of a window, over the times that it did.</summary>
internal static class Window
{
    /// <summary>As good as no limit: nothing is counted for it.</summary>
    private const int Unlimited = 1_000_000;

    /// <summary>How long until fewer than <paramref name="most"/> of the times lie in the window; null where that is so now.</summary>
    /// <param name="s">Where they are stored.</param>
    /// <param name="sql">Finds those of @p0 after @p1 and up to @p2, the latest first: one, after the first @p3.</param>
    /// <param name="whose">Whose they are.</param>
    /// <param name="most">How many there may be.</param>
    /// <param name="window">How long.</param>
    /// <param name="now">The end of the window.</param>
    public static TimeSpan? Wait(IInstallStatements s, string sql, string whose, int most, TimeSpan window, DateTime now)
    {
        if (most == Unlimited) return null;
        DateTime from = now - window;
        // The last one that has to leave the window is the most-th latest.
        var binding = s.All(sql, r => Row.Time(r, 0), whose, from, now + StoredTime.Skew, most - 1);
        return binding.Count == 0 ? null : new TimeSpan(Math.Min((binding[0] - from).Ticks, window.Ticks));
    }
}
