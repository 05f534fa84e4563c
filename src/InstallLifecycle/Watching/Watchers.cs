namespace InstallLifecycle.Watching;

/// <summary>Who watches an install on this process: so many for a session, an address and the server, woken when there is something new.
/// While nobody watches nothing is read.</summary>
internal sealed class Watchers
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);
    private readonly Steps steps;
    private readonly Places places;
    private readonly Lock looking = new();
    private int isDue;
    // The last step that was looked at; null where that is not known. What was seen before the first of them came is long ago.
    private long? seen;
    private volatile bool isFirst;

    public Watchers(Steps steps, InstallNews news, InstallLifecycleOptions options)
    {
        this.steps = steps;
        places = new(() => options.Watchers, () => options.WatchersPerSession, () => options.WatchersPerIp);
        news.Came += Hear;
    }

    /// <summary>How many streams are open.</summary>
    public int Count => places.Count;

    /// <summary>A place for a stream; refused where there are too many of its session or address (429), or of all (503).</summary>
    public Outcome<Place> Enter(string session, string address)
    {
        var (place, isTheirs) = places.Enter(session, address, () => isFirst = true);
        if (place is not null) return place;
        return isTheirs ? InstallError.RateLimitExceeded(Wait) : InstallError.Unavailable with { RetryAfter = Wait };
    }

    // Who says it must not wait for a query, and one look is enough for many that say it at once.
    private void Hear()
    {
        if (places.Count > 0 && Interlocked.Exchange(ref isDue, 1) == 0) _ = Task.Run(Look);
    }

    private void Look()
    {
        lock (looking)
        {
            // What is said from here on gets a look of its own.
            Volatile.Write(ref isDue, 0);
            if (isFirst) seen = null;
            isFirst = false;
            try
            {
                (long last, var sessions) = steps.Since(seen);
                places.Wake(seen is null ? null : sessions);
                seen = last;
            }
            catch (Exception)
            {
                // Each stream reads for itself, meets the failure and ends; its browser comes again.
                seen = null;
                places.Wake();
            }
        }
    }
}
