using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Reads the audit trail: by what, by whom, to what, when; the newest first, a page at a time.</summary>
internal sealed class AuditLog(Database database)
{
    private const int Page = 5_000;
    private static readonly TimeSpan Slack = TimeSpan.FromHours(6);

    /// <summary>At most <paramref name="limit"/> entries before <paramref name="before"/>, the newest first.</summary>
    public IReadOnlyList<AuditEntry> List(AuditFilter filter, long? before, int limit)
    {
        var where = new Conditions();
        bool isFound = false;
        // The first of these, as the one that most likely has the fewest entries, finds them by its index; the others only sort out.
        foreach (var (column, value) in (ReadOnlySpan<(string, string?)>)[("Target", filter.Target),
            ("Actor", filter.Actor), ("ClientId", filter.ClientId), ("Event", filter.Event)])
        {
            where.AddIf(isFound ? "(\"" + column + "\"={0}) IS TRUE" : "\"" + column + "\"={0}", value);
            isFound |= value is not null;
        }
        where.AddIf("""("Time">={0}) IS TRUE""", filter.From);
        where.AddIf("""("Time"<{0}) IS TRUE""", filter.To);
        return database.Read(s =>
        {
            var (after, end) = Span(s, filter);
            where.AddIf(""" "Id">{0} """, after);
            where.AddIf(""" "Id"<{0} """, before is null || before > end ? end : before);
            return s.All($"""SELECT {AuditEntry.Columns} FROM "Audit" {where.Sql} ORDER BY "Id" DESC LIMIT {where.Bind(limit)}""",
                AuditEntry.Read, where.Values);
        });
    }

    // Numbers grow with time, but for a clock that went back by less than the slack. So a span of time lies in a span of numbers,
    // where any page is as near as
    // another; the times themselves only sort out what the slack let in.
    private static (long? After, long? End) Span(Statements s, AuditFilter filter)
    {
        long? after = null, end = null;
        if (filter.From is { } from)
            after = First(s, """SELECT "Id" FROM "Audit" WHERE "Time"<@p0 ORDER BY "Time" DESC LIMIT 1""",
                from > DateTime.MinValue + Slack ? from - Slack : from);
        if (filter.To is { } to)
            end = First(s, """SELECT "Id" FROM "Audit" WHERE "Time">=@p0 ORDER BY "Time" LIMIT 1""",
                to < DateTime.MaxValue - Slack ? to + Slack : to);
        return (after, end);
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

/// <summary>How often something happened in the hour that begins then, UTC.</summary>
internal sealed record HourlyCount(DateTime Hour, string Event, long Count);

/// <summary>Which entries; null is any.</summary>
internal sealed record AuditFilter(string? Event = null, string? Actor = null,
    string? Target = null, string? ClientId = null, DateTime? From = null, DateTime? To = null);
