using TokenServer.Storage;

namespace TokenServer.RevocationFeed;

/// <summary>Who reads the feed on this replica, and when each last had everything; written down now and then, so that every replica's
/// console shows all of them.</summary>
internal sealed partial class FeedReaders(Database database, TimeProvider clock, ILogger<FeedReaders> logger)
{
    // So many of one client are written down; here, of all.
    private const int MostOfClient = 100, Most = 10_000;
    private const string UpdateSql = """
        UPDATE "FeedReaders" SET "Way"=@p2, "CurrentAt"=@p3, "SeenAt"=@p4 WHERE "ApplicationId"=@p0 AND "Name"=@p1
        """;
    private const string InsertSql = """
        INSERT INTO "FeedReaders" ("ApplicationId", "Name", "Way", "CurrentAt", "SeenAt") VALUES (@p0, @p1, @p2, @p3, @p4)
        ON CONFLICT ("ApplicationId", "Name") DO NOTHING
        """;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15), Gone = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<(long Application, string Name), FeedReading> readers = new();
    private long noted;
    private int isNoting;

    /// <summary>A reader was there.</summary>
    /// <param name="reader">Who.</param>
    /// <param name="way"><see cref="FeedReader.Stream"/> or <see cref="FeedReader.Poll"/>.</param>
    /// <param name="isCurrent">Whether it has everything there is.</param>
    public void Seen(FeedReader reader, string way, bool isCurrent)
    {
        var key = (reader.Client.Id, reader.Name);
        DateTime now = clock.GetUtcNow().UtcDateTime;
        if (readers.Count >= Most && !readers.ContainsKey(key)) return;
        readers[key] = new(reader.ClientId, reader.Name, way, isCurrent ? now : readers.GetValueOrDefault(key)?.CurrentAt, now);
        if (now.Ticks - Interlocked.Read(ref noted) < Pause.Ticks || Interlocked.Exchange(ref isNoting, 1) != 0) return;
        _ = Task.Run(NoteAsync);
    }

    /// <summary>Those that were here in the last minutes.</summary>
    public IEnumerable<FeedReading> Here()
    {
        DateTime since = clock.GetUtcNow().UtcDateTime - Gone;
        foreach (var (key, reading) in readers)
        {
            if (reading.SeenAt >= since) yield return reading;
            else readers.TryRemove(KeyValuePair.Create(key, reading));
        }
    }

    /// <summary>How long ago a reader last had everything; null where it never had.</summary>
    public TimeSpan? LagOf(FeedReading reading) => clock.GetUtcNow().UtcDateTime - reading.CurrentAt;

    private async Task NoteAsync()
    {
        long now = clock.GetUtcNow().UtcTicks, before = Interlocked.Exchange(ref noted, now);
        try
        {
            foreach (var (key, reading) in readers)
            {
                if (reading.SeenAt.Ticks < before) continue;
                await database.WriteBesideAsync(s => Note(s, key, reading));
            }
        }
        catch (StorageUnavailableException e)
        {
            // It is looked at in the console, and comes again.
            Log.NotNoted(logger, e.Message);
        }
        finally
        {
            Volatile.Write(ref isNoting, 0);
        }
    }

    private static void Note(Statements s, (long Application, string Name) key, FeedReading reading)
    {
        s.NeedNotLast();
        if (s.Execute(UpdateSql, key.Application, key.Name, reading.Way, reading.CurrentAt, reading.SeenAt) == 0
            && HasRoom(s, key.Application))
            s.Execute(InsertSql, key.Application, key.Name, reading.Way, reading.CurrentAt, reading.SeenAt);
    }

    /// <summary>Whether another reader of a client may be written down.</summary>
    public static bool HasRoom(Statements s, long application) => s.All(
        """SELECT count(*) FROM "FeedReaders" WHERE "ApplicationId"=@p0""", r => r.GetInt64(0), application)[0] < MostOfClient;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Debug, Message = "Who reads the feed of revocations was not written down: {Problem}")]
        public static partial void NotNoted(ILogger logger, string problem);
    }
}

/// <summary>A reader as it was last seen.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="Name">What it calls itself; empty where it does not.</param>
/// <param name="Way">How it reads.</param>
/// <param name="CurrentAt">When it last had everything, UTC; null where it never had.</param>
/// <param name="SeenAt">When it was last here, UTC.</param>
internal sealed record FeedReading(string ClientId, string Name, string Way, DateTime? CurrentAt, DateTime SeenAt);
