using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Audit;

/// <summary>The refusals that have a reason: events, each with the details that say it. The details of the trail are few, words of the
/// program's, and an index goes from each to the next (docs/decisions/0039).</summary>
internal sealed class RefusedFor
{
    // From an event's detail to its next one.
    private const string NextSql = $"""
        SELECT "Detail" FROM "Audit" WHERE "Event"=@p0 AND "Detail">@p1 AND {AuditRow.IsRefusal} ORDER BY "Event", "Detail" LIMIT 1
        """;

    private static readonly Slices ByDetail = new("Audit", "Detail");
    private readonly List<(string Event, string[] Details, bool IsBare)> kinds = [];

    private RefusedFor() { }

    /// <summary>What <paramref name="reason"/> means in the trail as it is.</summary>
    /// <param name="s">The connection.</param>
    /// <param name="reason">The reason, whole.</param>
    /// <param name="events">Of these events alone; null: of any refusal.</param>
    public static RefusedFor Of(Statements s, string reason, IReadOnlyCollection<string>? events)
    {
        var found = new RefusedFor();
        foreach (string happened in AuditReason.Events.Where(e => events?.Contains(e) != false))
        {
            string[] details = [.. DetailsOf(s, happened).Where(detail => AuditReason.Of(happened, detail) == reason)];
            bool isBare = AuditReason.Of(happened, null) == reason;
            if (details.Length > 0 || isBare) found.kinds.Add((happened, details, isBare));
        }
        return found;
    }

    /// <summary>The ids of those of a stretch, in its order, that meet <paramref name="more"/> too.</summary>
    public List<long> Ids(Statements s, Stretch stretch, Conditions more)
    {
        List<long> ids = [];
        foreach (var (happened, details, isBare) in kinds)
        {
            var where = more.Copy();
            where.AddIf("""a."Event"={0}""", happened);
            where.Add(AuditRow.IsRefusal);
            ids.AddRange(ByDetail.Ids(s, details, stretch, where));
            if (isBare) ids.AddRange(Bare(s, stretch, where));
        }
        return stretch.Of(ids, id => id);
    }

    /// <summary>Adds that a row is one of them.</summary>
    public void AddTo(Conditions where)
    {
        var any = kinds.Select(kind =>
        {
            string of = $"""a."Event"={where.Bind(kind.Event)}""";
            var details = kind.Details.Select(detail => $"""a."Detail"={where.Bind(detail)}""");
            return $"{of} AND ({string.Join(" OR ", kind.IsBare ? details.Append("a.\"Detail\" IS NULL") : details)})";
        });
        where.Add(kinds.Count == 0 ? "1=0" : $"({string.Join(" OR ", any)}) IS TRUE");
    }

    // Entries from before there were reasons.
    private static List<long> Bare(Statements s, Stretch stretch, Conditions where)
    {
        var bare = where.Copy();
        bare.Add($"""a."Detail" IS NULL AND a."Id">={bare.Bind(stretch.First)} AND a."Id"<{bare.Bind(stretch.End)}""");
        return s.All($"""SELECT a."Id" FROM "Audit" a {bare.Sql} ORDER BY a."Id" {stretch.Order} LIMIT {bare.Bind(stretch.Limit)}""",
            r => r.GetInt64(0), bare.Values);
    }

    private static IEnumerable<string> DetailsOf(Statements s, string happened)
    {
        for (string? last = ""; (last = s.First(NextSql, r => r.GetString(0), happened, last)) is not null;) yield return last;
    }
}
