namespace InstallLifecycle;

/// <summary>A limit on how often something may happen in any span of a window, over the times that it did.</summary>
internal static class Window
{
    /// <summary>How long until fewer than <paramref name="most"/> of <paramref name="times"/> lie in the window;
    /// null where that is so now.</summary>
    public static TimeSpan? Wait(IQueryable<DateTime> times, int most, TimeSpan window, DateTime now)
    {
        DateTime from = now - window, ahead = now + StoredTime.Skew;
        // The last one that has to leave the window is the most-th latest.
        var binding = times.Where(t => t > from && t <= ahead).OrderByDescending(t => t).Skip(most - 1).Take(1).ToList();
        return binding.Count == 0 ? null : new TimeSpan(Math.Min((binding[0] - from).Ticks, window.Ticks));
    }
}
