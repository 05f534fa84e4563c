using InstallLifecycle;
using InstallLifecycle.Listing;
using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Keys;
using TokenServer.Sessions;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Overview;

/// <summary>/admin: how much there is of everything, and who came and was turned away in the last 24 hours.</summary>
internal static class OverviewEndpoint
{
    public static void Map(RouteGroupBuilder pages) => pages.MapGet(
        "", IResult (Figures figures, TimeProvider clock) => new Page<OverviewPage>(figures.Read(clock.GetUtcNow().UtcDateTime)));
}

/// <summary>Reads what the overview shows.</summary>
internal sealed class Figures(ClientRegistry clients, AccountAdministration accounts,
    OpenSessions sessions, Lifecycle lifecycle, KeyRing keys, AuditLog audit)
{
    public OverviewFigures Read(DateTime now)
    {
        var registered = clients.Registered.ToList();
        return new OverviewFigures
        {
            Clients = registered.Count, RevokedClients = registered.Count(c => c.IsRevoked), Accounts = accounts.Count(),
            Sessions = sessions.Count(), Installs = lifecycle.Count(), Keys = keys.Keys.Count,
            KeysRotateAt = KeyRing.Algorithms.Min(keys.RotatesAt), Entries = audit.Count(), Day = Day.Of(audit, now),
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
}
