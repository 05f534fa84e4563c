using TokenServer.Storage;

namespace TokenServer.BackChannel;

/// <summary>The deliveries as administrators see them: what waits, and what was given up, the newest first.</summary>
internal sealed class LogoutList(Database database, TimeProvider clock)
{
    /// <summary>At most <paramref name="limit"/> before <paramref name="before"/>, the newest first.</summary>
    public List<LogoutSummary> List(LogoutFilter filter, long? before, int limit) => List(filter, Stretch.Newest(before, limit));

    /// <summary>The deliveries of a stretch of their list.</summary>
    public List<LogoutSummary> List(LogoutFilter filter, Stretch stretch)
    {
        var where = Meeting(filter);
        where.Add($""" "Id">={where.Bind(stretch.First)} AND "Id"<{where.Bind(stretch.End)} """);
        string sql = $"""
            SELECT "Id", "ApplicationId", "SessionId", "Subject", "CreatedAt", "NextAttemptAt", "Attempts", "LastError"
            FROM "LogoutDeliveries" {where.Sql} ORDER BY "Id" {stretch.Order} LIMIT {where.Bind(stretch.Limit)}
            """;
        return database.Read(s => s.All(sql, Read, where.Values));
    }

    /// <summary>How many there are of them, up to <paramref name="most"/>.</summary>
    public int Count(LogoutFilter filter, int most)
    {
        var where = Meeting(filter);
        string sql = $"""SELECT count(*) FROM (SELECT 1 FROM "LogoutDeliveries" {where.Sql} LIMIT {where.Bind(most)}) n""";
        return database.Read(s => s.All(sql, r => r.GetInt32(0), where.Values))[0];
    }

    // What is listed are those that wait and those that were given up: there are few, so that whose they are is looked up one by one.
    private static Conditions Meeting(LogoutFilter filter)
    {
        var where = new Conditions();
        where.AddIf(""" "ApplicationId"={0} """, filter.ClientRow);
        if (filter.Status is { } status)
            where.Add(status == LogoutSummary.Waiting ? """ "NextAttemptAt" IS NOT NULL """ : """ "NextAttemptAt" IS NULL """);
        if (filter.Part is not { } part) return where;
        string clients = string.Concat(filter.NamedClients.Select(row => $"""OR "ApplicationId"={where.Bind(row)} """));
        where.Add($"""
            (CAST("Subject" AS INTEGER) IN (SELECT "Id" FROM "AspNetUsers" WHERE {part.OfAccount(where)}) {clients})
            """);
        return where;
    }

    /// <summary>How many wait and were given up, of one client or of all.</summary>
    public LogoutFigures Count(long? clientRow = null)
    {
        var where = new Conditions();
        where.AddIf(""" "ApplicationId"={0} """, clientRow);
        string sql = $"""
            SELECT count("NextAttemptAt"), count("GivenUpAt"), min(CASE WHEN "NextAttemptAt" IS NOT NULL THEN "CreatedAt" END)
            FROM "LogoutDeliveries" {where.Sql}
            """;
        return database.Read(s => s.First(sql, r => new LogoutFigures(r.GetInt64(0), r.GetInt64(1), AgeOf(Row.TimeOrNull(r, 2))),
            where.Values))!;
    }

    private TimeSpan AgeOf(DateTime? oldest) =>
        oldest is { } time && clock.GetUtcNow().UtcDateTime - time is { Ticks: > 0 } age ? age : TimeSpan.Zero;

    private static LogoutSummary Read(DbDataReader r) => new(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetString(3), Row.Time(r, 4),
        Row.TimeOrNull(r, 5), r.GetInt32(6), Row.TextOrNull(r, 7));
}

/// <summary>Which deliveries; null is any.</summary>
internal sealed record LogoutFilter(long? ClientRow = null, string? Status = null)
{
    /// <summary>A part of the names of whose session it was.</summary>
    public NamePart? Part { get; init; }

    /// <summary>The clients, by their rows, that it is a part of the names of.</summary>
    public IReadOnlyList<long> NamedClients { get; init; } = [];
}

/// <summary>How many deliveries wait, how many were given up, and how old the oldest is that waits.</summary>
internal sealed record LogoutFigures(long Waiting, long Failed, TimeSpan Oldest);

/// <summary>A delivery as an administrator sees it.</summary>
/// <param name="Id">Its row.</param>
/// <param name="ClientRow">The client's row; it may be gone.</param>
/// <param name="SessionId">The session that ended.</param>
/// <param name="Subject">Whose it was.</param>
/// <param name="CreatedAt">When, UTC.</param>
/// <param name="NextAttemptAt">When it is tried next, UTC; null where it was given up.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="LastError">Why the last one failed.</param>
internal sealed record LogoutSummary(long Id, long ClientRow, long SessionId, string Subject, DateTime CreatedAt,
    DateTime? NextAttemptAt, int Attempts, string? LastError)
{
    public const string Waiting = "waiting", Failed = "failed";

    public string Status => NextAttemptAt is null ? Failed : Waiting;
}
