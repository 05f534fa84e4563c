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
        foreach (var (column, value) in (ReadOnlySpan<(string, string?)>)[("Target", filter.Target), ("Actor", filter.Actor), ("ClientId", filter.ClientId), ("Event", filter.Event)])
        {
            where.AddIf(isFound ? "(\"" + column + "\"={0}) IS TRUE" : "\"" + column + "\"={0}", value);
            isFound |= value is not null;
        }
        AddSpan(where, filter);
        where.AddIf(""" "Id"<{0} """, before);
        string sql = $"""SELECT {AuditEntry.Columns} FROM "Audit" {where.Sql} ORDER BY "Id" DESC LIMIT {where.Bind(limit)}""";
        return database.Read(s => s.All(sql, AuditEntry.Read, where.Values));
    }

    // Numbers grow with time, but for a clock that went back by less than the slack. So a span of time is a span of numbers, in which any page is as near as
    // another; the times themselves only sort out what the slack let in.
    private static void AddSpan(Conditions where, AuditFilter filter)
    {
        if (filter.From is { } from)
        {
            where.AddIf("""("Time">={0}) IS TRUE""", from);
            where.AddIf(""" "Id">coalesce((SELECT "Id" FROM "Audit" WHERE "Time"<{0} ORDER BY "Time" DESC LIMIT 1), 0) """, from - (from > DateTime.MinValue + Slack ? Slack : TimeSpan.Zero));
        }
        if (filter.To is { } to)
        {
            where.AddIf("""("Time"<{0}) IS TRUE""", to);
            where.AddIf(""" "Id"<coalesce((SELECT "Id" FROM "Audit" WHERE "Time">={0} ORDER BY "Time" LIMIT 1), 9223372036854775807) """, to + (to < DateTime.MaxValue - Slack ? Slack : TimeSpan.Zero));
        }
    }

    /// <summary>All entries, the oldest first.</summary>
    public IEnumerable<AuditEntry> Export()
    {
        long last = 0;
        while (database.Read(s => s.All($"""SELECT {AuditEntry.Columns} FROM "Audit" WHERE "Id">@p0 ORDER BY "Id" LIMIT @p1""", AuditEntry.Read, last, Page)) is { Count: > 0 } page)
        {
            foreach (var entry in page) yield return entry;
            last = page[^1].Id;
        }
    }
}

/// <summary>Which entries; null is any.</summary>
internal sealed record AuditFilter(string? Event = null, string? Actor = null, string? Target = null, string? ClientId = null, DateTime? From = null, DateTime? To = null);
