namespace TokenServer.Storage;

/// <summary>Looks four times a second for what other processes (replicas, the command line) changed, and has it read anew.</summary>
internal sealed partial class ChangeFeed(Database database, IEnumerable<IKeptInMemory> kept, ILogger<ChangeFeed> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly IKeptInMemory[] kept = [.. kept];
    private Dictionary<string, long> seen = [];

    /// <summary>Reads everything once; what changes from here on is noticed.</summary>
    public void Load()
    {
        seen = Numbers();
        foreach (var one in kept) one.Reload();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Look();
            }
            catch (Exception e)
            {
                // The next look tries again; a server that stopped here would serve nobody.
                Log.Failed(logger, e);
            }
        }
    }

    private void Look()
    {
        var now = Numbers();
        foreach (var one in kept)
            if (one.VersionName is not { } name || now.GetValueOrDefault(name) != seen.GetValueOrDefault(name)) one.Reload();
        seen = now;
    }

    private Dictionary<string, long> Numbers() =>
        database.Read(s => s.All("""SELECT "Name", "Number" FROM "Versions" """, r => (r.GetString(0), r.GetInt64(1)))).ToDictionary(v => v.Item1, v => v.Item2);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Changes of other processes could not be read; trying again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
