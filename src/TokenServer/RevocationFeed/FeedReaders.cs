using TokenServer.Storage;

namespace TokenServer.RevocationFeed;

/// <summary>Who reads the feed on this replica, and when each last had everything; written down now and then, so that every replica's
/// console shows all of them. So many of a client are known, here and in the table: the oldest goes for a new one.</summary>
internal sealed partial class FeedReaders(
    Database database, RevocationFeedOptions options, TimeProvider clock, ILogger<FeedReaders> logger)
{
    private const int Most = 10_000;
    private const string UpdateSql = """
        UPDATE "FeedReaders" SET "Way"=@p2, "CurrentAt"=@p3, "SeenAt"=@p4 WHERE "ApplicationId"=@p0 AND "Name"=@p1
        """;
    private const string InsertSql = """
        INSERT INTO "FeedReaders" ("ApplicationId", "Name", "Way", "CurrentAt", "SeenAt") VALUES (@p0, @p1, @p2, @p3, @p4)
        """;
    private const string EvictSql = """
        DELETE FROM "FeedReaders" WHERE "ApplicationId"=@p0 AND "Name" IN
            (SELECT "Name" FROM "FeedReaders" WHERE "ApplicationId"=@p0 AND "SeenAt" < @p1 ORDER BY "SeenAt", "Name" LIMIT @p2)
        """;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15), Gone = TimeSpan.FromMinutes(10), Minute = TimeSpan.FromMinutes(1);
    private readonly Lock gate = new();
    private readonly Dictionary<long, Dictionary<string, FeedReading>> ofClients = [];
    private int count;
    private long noted;
    private int isNoting;

    /// <summary>So many of one client are known: each of its listeners may have a name of its own.</summary>
    public int MostOfClient => Math.Max(100, options.ListenersPerClient);

    // Who has not been here for that long is not reading now: it polls, is written down, and comes again.
    private TimeSpan Absent => options.LongestPoll + Minute;

    /// <summary>Lets a reader in. Where its client has too many that read now, the answer is when the first of them may be gone; else
    /// null.</summary>
    public TimeSpan? Enter(FeedReader reader, string way)
    {
        DateTime now = Now;
        lock (gate)
        {
            if (!ofClients.TryGetValue(reader.Client.Id, out var names)) ofClients[reader.Client.Id] = names = [];
            if (names.ContainsKey(reader.Name)) return null;
            if (names.Count >= MostOfClient)
            {
                var (oldest, reading) = names.MinBy(r => r.Value.SeenAt);
                if (now - reading.SeenAt < Absent) return reading.SeenAt + Absent - now;
                names.Remove(oldest);
                count--;
            }
            // Where there are too many of all it reads as well, and is not shown.
            if (count >= Most) return null;
            names[reader.Name] = new(reader.ClientId, reader.Name, way, null, now);
            count++;
        }
        return null;
    }

    /// <summary>A reader was there.</summary>
    /// <param name="reader">Who.</param>
    /// <param name="way"><see cref="FeedReader.Stream"/> or <see cref="FeedReader.Poll"/>.</param>
    /// <param name="isCurrent">Whether it has everything there is.</param>
    public void Seen(FeedReader reader, string way, bool isCurrent)
    {
        DateTime now = Now;
        lock (gate)
        {
            if (ofClients.GetValueOrDefault(reader.Client.Id)?.TryGetValue(reader.Name, out var before) != true) return;
            ofClients[reader.Client.Id][reader.Name] = new(reader.ClientId, reader.Name, way, isCurrent ? now : before!.CurrentAt, now);
        }
        if (now.Ticks - Interlocked.Read(ref noted) < Pause.Ticks || Interlocked.Exchange(ref isNoting, 1) != 0) return;
        _ = Task.Run(NoteAsync);
    }

    /// <summary>Those that were here in the last minutes.</summary>
    public IReadOnlyList<FeedReading> Here() => [.. All().Select(r => r.Reading)];

    /// <summary>How long ago a reader last had everything; null where it never had.</summary>
    public TimeSpan? LagOf(FeedReading reading) => Now - reading.CurrentAt;

    /// <summary>Whether another reader of a client may be written down, in the caller's transaction: those that were not here for the
    /// longest go for it, unless all read now.</summary>
    public bool MakeRoom(Statements s, long application)
    {
        long more = s.All("""SELECT count(*) FROM "FeedReaders" WHERE "ApplicationId"=@p0""", r => r.GetInt64(0), application)[0]
            - (MostOfClient - 1);
        return more <= 0 || s.Execute(EvictSql, application, Now - Absent, more) == more;
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    private List<(long Application, FeedReading Reading)> All()
    {
        DateTime since = Now - Gone;
        var here = new List<(long, FeedReading)>();
        lock (gate)
        {
            foreach (var (application, names) in ofClients)
            {
                foreach (var (name, reading) in names)
                {
                    if (reading.SeenAt >= since) here.Add((application, reading));
                    else if (names.Remove(name)) count--;
                }
                if (names.Count == 0) ofClients.Remove(application);
            }
        }
        return here;
    }

    private async Task NoteAsync()
    {
        long now = clock.GetUtcNow().UtcTicks, before = Interlocked.Exchange(ref noted, now);
        try
        {
            foreach (var (application, reading) in All())
            {
                if (reading.SeenAt.Ticks < before || await database.WriteBesideAsync(s => Update(s, application, reading))) continue;
                await database.WriteAsync(s => Insert(s, application, reading));
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

    private static bool Update(Statements s, long application, FeedReading reading)
    {
        s.NeedNotLast();
        return Write(s, application, reading);
    }

    private static bool Write(Statements s, long application, FeedReading reading) =>
        s.Execute(UpdateSql, application, reading.Name, reading.Way, reading.CurrentAt, reading.SeenAt) == 1;

    private void Insert(Statements s, long application, FeedReading reading)
    {
        if (!Write(s, application, reading) && MakeRoom(s, application))
            s.Execute(InsertSql, application, reading.Name, reading.Way, reading.CurrentAt, reading.SeenAt);
    }

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
