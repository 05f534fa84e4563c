using TokenServer.Audit;

namespace TokenServer.Web.Console.Overview;

/// <summary>Sign-ins and refusals of the last 24 hours, hour by hour, the one that has begun included.</summary>
internal sealed record Day(IReadOnlyList<Hour> Hours)
{
    private const string SignIn = "session.started";

    public long SignIns => Hours.Sum(h => h.SignIns);
    public long Refused => Hours.Sum(h => h.Refused);

    /// <summary>The highest bar; one where there is none.</summary>
    public long Most => Math.Max(1, Hours.Max(h => Math.Max(h.SignIns, h.Refused)));

    public static Day Of(AuditLog audit, DateTime now)
    {
        DateTime first = new DateTime(now.Year, now.Month, now.Day, now.Hour, 0, 0, DateTimeKind.Utc).AddHours(-23);
        var counts = audit.CountByHour(first, [SignIn, .. AuditReason.Events]).ToLookup(c => c.Hour);
        return new([.. Enumerable.Range(0, 24).Select(i => first.AddHours(i)).Select(hour =>
            new Hour(hour, counts[hour].Where(c => c.Event == SignIn).Sum(c => c.Count),
                counts[hour].Where(c => c.Event != SignIn).Sum(c => c.Count)))]);
    }
}

/// <summary>What happened in the hour that begins then, UTC.</summary>
internal sealed record Hour(DateTime Begins, long SignIns, long Refused);
