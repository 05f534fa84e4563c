using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Reads the audit trail: by what, by whom, to what, when; the newest first, a page at a time.</summary>
internal sealed class AuditLog(Database database)
{
    private const int Page = 5_000;
    private static readonly TimeSpan Slack = TimeSpan.FromHours(6);

    /// <summary>At most <paramref name="limit"/> entries before <paramref name="before"/>, the newest first.</summary>
    public IReadOnlyList<AuditEntry> List(AuditFilter filter, long? before, int limit) => database.Read(s =>
    {
        var within = Within(s, filter, Stretch.Newest(before, limit));
        return Entries(s, Ids(s, filter, within), within);
    });

    /// <summary>The entries for a page, and how many there are; null where to know that would be to walk through the trail.</summary>
    public ListRead<AuditEntry> List(AuditFilter filter, PageWanted wanted) => database.Read(s =>
    {
        if (IsWalked(filter))
        {
            var walked = Within(s, filter, wanted.Stretch).Walk(next => Entries(s, Ids(s, filter with { Meaning = null }, next), next),
                e => e.Id, some => filter.Meaning!.Pick(s, some));
            return new ListRead<AuditEntry>(walked, wanted.Total(walked.Count, _ => null));
        }
        var (ids, total) = wanted.Look(stretch => Ids(s, filter, Within(s, filter, stretch)));
        return new ListRead<AuditEntry>(Entries(s, ids, wanted.Stretch), total);
    });

    // Who did something, or to whom it was done, has few, of which a client that is meant has many more.
    private static bool IsWalked(AuditFilter filter) =>
        filter.Meaning is { } meaning && (!meaning.IsFew || (filter.Actor ?? filter.Target) is not null);

    private static List<AuditEntry> Entries(Statements s, List<long> ids, Stretch stretch) =>
        stretch.Of(s.OfIds("Audit", AuditEntry.Columns, ids, AuditEntry.Read), e => e.Id);

    private static List<long> Ids(Statements s, AuditFilter filter, Stretch stretch)
    {
        IReadOnlyCollection<string>? events = filter.Event is { } one ? [one] : filter.Events;
        var refused = filter.Reason is { } reason ? RefusedFor.Of(s, reason, events) : null;
        if (filter.Meaning is { } meaning)
            return stretch.Of(meaning.Terms.SelectMany(term =>
                Of(term.Column).Ids(s, term.Values, stretch, More(filter, events, refused, but: null, term.Kinds))).Distinct(), id => id);
        // The first of these, as the one that most likely has the fewest entries, finds them by its index; the others only sort out.
        foreach (var (column, value) in (ReadOnlySpan<(string, string?)>)
            [("Target", filter.Target), ("Actor", filter.Actor), ("ClientId", filter.ClientId)])
            if (value is not null) return Of(column).Ids(s, [value], stretch, More(filter, events, refused, column));
        var where = More(filter, null, null, but: null);
        if (refused is not null) return refused.Ids(s, stretch, where);
        if (events is not null) return Of("Event").Ids(s, events, stretch, where);
        where.Add($"""a."Id">={where.Bind(stretch.First)} AND a."Id"<{where.Bind(stretch.End)}""");
        return s.All($"""SELECT a."Id" FROM "Audit" a {where.Sql} ORDER BY a."Id" {stretch.Order} LIMIT {where.Bind(stretch.Limit)}""",
            r => r.GetInt64(0), where.Values);
    }

    private static Slices Of(string column) => new("Audit", column);

    // No index is to be taken for these.
    private static Conditions More(AuditFilter filter, IReadOnlyCollection<string>? events, RefusedFor? refused, string? but,
        IReadOnlyCollection<string>? kinds = null)
    {
        var where = new Conditions();
        if (but != "Target") where.AddIf("""(a."Target"={0}) IS TRUE""", filter.Target);
        if (but != "Actor") where.AddIf("""(a."Actor"={0}) IS TRUE""", filter.Actor);
        if (but != "ClientId") where.AddIf("""(a."ClientId"={0}) IS TRUE""", filter.ClientId);
        where.AddAnyOf("""(a."Event" IN ({0})) IS TRUE""", events);
        refused?.AddTo(where);
        if (kinds is not null)
        {
            var any = kinds.Select(kind => $"""a."Event" LIKE {where.Bind(kind + ".%")}""");
            where.Add($"({string.Join(" OR ", any)})");
        }
        where.AddIf("""(a."Time">={0}) IS TRUE""", filter.From);
        where.AddIf("""(a."Time"<{0}) IS TRUE""", filter.To);
        return where;
    }

    // Numbers grow with time, but for a clock that went back by less than the slack. So a span of time lies in a span of numbers,
    // where any page is as near as another; the times themselves only sort out what the slack let in.
    private static Stretch Within(Statements s, AuditFilter filter, Stretch stretch)
    {
        long after = 0, end = long.MaxValue;
        if (filter.From is { } from)
            after = First(s, """SELECT "Id" FROM "Audit" WHERE "Time"<@p0 ORDER BY "Time" DESC LIMIT 1""",
                from > DateTime.MinValue + Slack ? from - Slack : from) ?? 0;
        if (filter.To is { } to)
            end = First(s, """SELECT "Id" FROM "Audit" WHERE "Time">=@p0 ORDER BY "Time" LIMIT 1""",
                to < DateTime.MaxValue - Slack ? to + Slack : to) ?? long.MaxValue;
        return stretch.Within(after + 1, end);
    }

    private static long? First(Statements s, string sql, DateTime time) => s.All(sql, r => (long?)r.GetInt64(0), time).FirstOrDefault();

    /// <summary>How many entries there are: their numbers have no gaps.</summary>
    public long Count() => database.Read(s =>
        s.All("""SELECT coalesce((SELECT max("Id") FROM "Audit")-(SELECT min("Id") FROM "Audit")+1, 0)""", r => r.GetInt64(0))).Single();

    /// <summary>How often each of <paramref name="events"/> happened in each hour of the day that begins with the hour
    /// <paramref name="from"/>; what did not happen is not there.</summary>
    public IReadOnlyList<HourlyCount> CountByHour(DateTime from, IReadOnlyList<string> events)
    {
        string names = string.Join(", ", Enumerable.Range(2, events.Count).Select(i => $"@p{i}"));
        // Joined to nothing, so that a planner takes the index by time: that by event would go through all the years.
        return database.Read(s => s.All($"""
            SELECT {s.HourOf("Time")}, "Event", count(*) FROM "Audit"
            WHERE "Time">=@p0 AND "Time"<@p1 AND "Event" || '' IN ({names}) GROUP BY 1, 2
            """, r => new HourlyCount(Hour(r.GetString(0)), r.GetString(1), r.GetInt64(2)), [from, from.AddDays(1), .. events]));
    }

    /// <summary>How often each thing was refused, and why, since <paramref name="from"/> and before <paramref name="to"/>.</summary>
    public IReadOnlyList<ReasonCount> CountByReason(DateTime from, DateTime to) => [.. database.Read(s => s.All($"""
        SELECT "Event", "Detail", count(*) FROM "Audit" WHERE "Time">=@p0 AND "Time"<@p1 AND {AuditReason.Condition} GROUP BY 1, 2
        """, r => (Reason: AuditReason.Of(r.GetString(0), Row.TextOrNull(r, 1)) ?? "", Count: r.GetInt64(2)), from, to))
        .GroupBy(c => c.Reason, (reason, counts) => new ReasonCount(reason, counts.Sum(c => c.Count)))
        .OrderByDescending(c => c.Count).ThenBy(c => c.Reason, StringComparer.Ordinal)];

    /// <summary>The latest refusals of a client, or those of everything it asked for; the newest first.</summary>
    public IReadOnlyList<AuditEntry> RefusalsOfClient(string clientId, int limit) => database.Read(s => s.All($"""
        SELECT {AuditEntry.Columns} FROM "Audit" WHERE "ClientId"=@p0 AND {AuditReason.Condition}
        ORDER BY "ClientId" DESC, "Time" DESC LIMIT @p1
        """, AuditEntry.Read, clientId, limit));

    private static DateTime Hour(string text) => DateTime.ParseExact(
        text, "yyyy-MM-dd HH", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>All entries, the oldest first.</summary>
    public IEnumerable<AuditEntry> Export()
    {
        long last = 0;
        while (database.Read(s => s.All($"""SELECT {AuditEntry.Columns} FROM "Audit" WHERE "Id">@p0 ORDER BY "Id" LIMIT @p1""",
            AuditEntry.Read, last, Page)) is { Count: > 0 } page)
        {
            foreach (var entry in page) yield return entry;
            last = page[^1].Id;
        }
    }
}

/// <summary>How often something was refused for a reason.</summary>
internal sealed record ReasonCount(string Reason, long Count);

/// <summary>How often something happened in the hour that begins then, UTC.</summary>
internal sealed record HourlyCount(DateTime Hour, string Event, long Count);
