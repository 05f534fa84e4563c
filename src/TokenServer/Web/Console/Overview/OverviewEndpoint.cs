using InstallLifecycle;
using InstallLifecycle.Listing;
using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Keys;
using TokenServer.Sessions;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Overview;

/// <summary>/admin: how much there is of everything, who came and was turned away in the last 24 hours, and why.</summary>
internal static class OverviewEndpoint
{
    public static void Map(RouteGroupBuilder pages) => pages.MapGet(
        "", IResult (HttpContext context, Figures figures, TimeProvider clock) =>
            new Page<OverviewPage>(figures.Read(clock.GetUtcNow().UtcDateTime, context.Request.Query["period"])));
}

/// <summary>Reads what the overview shows.</summary>
internal sealed class Figures(ClientRegistry clients, AccountAdministration accounts,
    OpenSessions sessions, Lifecycle lifecycle, KeyRing keys, AuditLog audit)
{
    public OverviewFigures Read(DateTime now, string? wanted)
    {
        var periods = Period.All(now);
        var period = periods.FirstOrDefault(p => p.Name == wanted) ?? periods[0];
        var registered = clients.Registered.ToList();
        return new OverviewFigures
        {
            Clients = registered.Count, RevokedClients = registered.Count(c => c.IsRevoked), Accounts = accounts.Count(),
            Sessions = sessions.Count(), Installs = lifecycle.Count(), Keys = keys.Keys.Count,
            KeysRotateAt = KeyRing.Algorithms.Min(keys.RotatesAt), Entries = audit.Count(), Day = Day.Of(audit, now),
            Periods = periods, Period = period, Reasons = audit.CountByReason(period.From, period.To),
        };
    }
}

/// <summary>What the overview shows.</summary>
internal sealed record OverviewFigures
{
    public required int Clients { get; init; }
    public required int RevokedClients { get; init; }
    public required AccountFigures Accounts { get; init; }
    public required long Sessions { get; init; }
    public required InstallFigures Installs { get; init; }
    public required int Keys { get; init; }
    public required DateTime KeysRotateAt { get; init; }
    public required long Entries { get; init; }
    public required Day Day { get; init; }

    /// <summary>The times that refusals are counted of, and the one that they were counted of.</summary>
    public required IReadOnlyList<Period> Periods { get; init; }
    public required Period Period { get; init; }

    /// <summary>Why things were refused in that time, the most frequent reason first.</summary>
    public required IReadOnlyList<ReasonCount> Reasons { get; init; }
}
