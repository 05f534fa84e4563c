namespace TokenServer.Storage;

/// <summary>Looks four times a second for what other processes (replicas, the command line) changed, and has it read anew.</summary>
internal sealed partial class ChangeFeed(Database database, IEnumerable<IKeptInMemory> kept, ILogger<ChangeFeed> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly IKeptInMemory[] kept = [.. kept];
    private Dictionary<string, long> seen = [], now = [];

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
            if (!Try(() => now = Numbers())) continue;
            foreach (var one in kept) Look(one);
        }
    }

    private void Look(IKeptInMemory one)
    {
        if (one.VersionName is not { } name) Try(one.Reload);
        else if (now.GetValueOrDefault(name) is var number && number != seen.GetValueOrDefault(name) && Try(one.Reload)) seen[name] = number;
    }

    // What cannot be read is tried again at the next look, and keeps nothing else from being read; a server that stopped here would serve nobody.
    private bool Try(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Exception e)
        {
            Log.Failed(logger, e);
            return false;
        }
    }

    private Dictionary<string, long> Numbers() =>
        database.Read(s => s.All("""SELECT "Name", "Number" FROM "Versions" """, r => (r.GetString(0), r.GetInt64(1)))).ToDictionary(v => v.Item1, v => v.Item2);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Changes of other processes could not be read; trying again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
