using TokenServer.Storage.Providers;

namespace TokenServer.Storage;

/// <summary>Compares this machine's clock, twice a minute, with that of the database, the only one that replicas have in common: lifetimes,
/// leeways and one-time codes are measured against their own, which have to agree within a second.</summary>
internal sealed partial class ClockWatch(Database database, DatabaseProvider provider, TimeProvider clock, ILogger<ClockWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30), Agreed = TimeSpan.FromSeconds(1);
    private const long NotAsked = long.MinValue;
    private long aheadTicks = NotAsked;
    private bool differs;

    /// <summary>How far this clock is ahead of the database's; null where that is the same one, or was not asked yet.</summary>
    public TimeSpan? Ahead => Volatile.Read(ref aheadTicks) is var ticks and not NotAsked ? new(ticks) : null;

    /// <summary>Compares them once.</summary>
    /// <param name="query">Reads the database's clock.</param>
    /// <exception cref="StorageUnavailableException">The database did not answer.</exception>
    public void Look(string query)
    {
        DateTime before = clock.GetUtcNow().UtcDateTime;
        DateTime there = database.Read(s => s.All(query, r => Row.Time(r, 0)))[0];
        DateTime after = clock.GetUtcNow().UtcDateTime;
        // Somewhere between the two; an answer that was long under way accuses nobody.
        TimeSpan ahead = there < before ? before - there : there > after ? after - there : TimeSpan.Zero;
        Volatile.Write(ref aheadTicks, ahead.Ticks);
        bool differed = differs;
        differs = ahead.Duration() > Agreed;
        if (differs && !differed) Log.Differs(logger, ahead.TotalSeconds);
        else if (differed && !differs) Log.Agrees(logger);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (provider.ReadClock is not { } query) return;
        using var timer = new PeriodicTimer(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) TryLook(query);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private void TryLook(string query)
    {
        try
        {
            Look(query);
        }
        catch (StorageUnavailableException)
        {
            // Whoever needs the database says so; there is a next time.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message =
            "This machine's clock is {Seconds:F1} s ahead of the database's; the clocks of replicas have to agree within a second")]
        public static partial void Differs(ILogger logger, double seconds);

        [LoggerMessage(Level = LogLevel.Information, Message = "This machine's clock agrees with the database's again")]
        public static partial void Agrees(ILogger logger);
    }
}
