namespace TokenServer.Web.Console.Overview;

/// <summary>A time that the overview looks back on.</summary>
/// <param name="Name">As an address has it.</param>
/// <param name="From">Its beginning, UTC.</param>
/// <param name="To">Its end, UTC.</param>
internal sealed record Period(string Name, DateTime From, DateTime To)
{
    /// <summary>The periods that end now, or ended last midnight.</summary>
    public static IReadOnlyList<Period> All(DateTime now)
    {
        // What happens in this very minute is in it, and a filter has whole minutes.
        DateTime end = new DateTime(now.Ticks - now.Ticks % TimeSpan.TicksPerMinute, DateTimeKind.Utc).AddMinutes(1);
        return
        [
            new("day", end.AddDays(-1), end), new("yesterday", now.Date.AddDays(-1), now.Date),
            new("week", end.AddDays(-7), end), new("month", end.AddDays(-30), end),
        ];
    }
}
