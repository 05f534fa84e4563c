using TokenServer.Storage;

namespace TokenServer.Audit;

/// <summary>Reads the audit trail: by what, by whom, to what, when; the newest first, a page at a time.</summary>
internal sealed class AuditLog(Database database)
{
    private const int Page = 5_000;

    /// <summary>At most <paramref name="limit"/> entries before <paramref name="before"/>, the newest first.</summary>
    public IReadOnlyList<AuditEntry> List(AuditFilter filter, long? before, int limit)
    {
        var where = new Conditions();
        where.AddIf(""" "Event"={0} """, filter.Event);
        where.AddIf(""" "Actor"={0} """, filter.Actor);
        where.AddIf(""" "Target"={0} """, filter.Target);
        where.AddIf(""" "ClientId"={0} """, filter.ClientId);
        where.AddIf(""" "Time">={0} """, filter.From);
        where.AddIf(""" "Time"<{0} """, filter.To);
        where.AddIf(""" "Id"<{0} """, before);
        return database.Read(s => s.All($"""SELECT {AuditEntry.Columns} FROM "Audit" {where.Sql} ORDER BY "Id" DESC LIMIT {limit}""", AuditEntry.Read, where.Values));
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
