using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Admin.Sessions;

/// <summary>/admin/api/sessions, and those of a user and of a client: list and end.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sessions",
            (HttpContext context, SessionList sessions, ClientRegistry clients) => List(context, sessions, clients, accountId: null));
        routes.MapGet("/users/{id:int}/sessions", (HttpContext context, int id, SessionList sessions, ClientRegistry clients,
            UserAccounts accounts) => accounts.Find(id) is null ? Problem.NotFound() : List(context, sessions, clients, id));
        DryRun.On(routes.MapDelete("/sessions/{id}", EndAsync));
        DryRun.On(routes.MapPost("/users/{id:int}/sessions/end", EndOfUserAsync));
        DryRun.On(routes.MapPost("/clients/{clientId}/sessions/end", EndOfClientAsync));
    }

    private static IResult List(HttpContext context, SessionList sessions, ClientRegistry clients, int? accountId)
    {
        string[] filters = accountId is null ? ["user_id", "client_id", "status", "from", "to"] : ["client_id", "status", "from", "to"];
        var (page, problem) = PageRequest.Of(context.Request, filters);
        var query = new Query(context.Request);
        // A client that is not there has no sessions; no row has this number.
        long? client = query.Text("client_id") is { } name ? clients.Find(name)?.Id ?? 0 : null;
        var filter = new SessionFilter(accountId ?? query.Number("user_id"), client,
            query.OneOf("status", SessionSummary.Active, SessionSummary.Ended), query.Time("from"), query.Time("to"))
            { Meaning = query.Problem is null ? sessions.MeaningOf(page?.Part) : null };
        if ((problem ?? query.Problem) is { } wrong) return wrong;
        return page!.Answer(sessions.List(filter, page.Wanted), s => s.Id, SessionAnswer.Of, AdminJson.Default.SessionAnswer);
    }

    private static async Task<IResult> EndAsync(HttpContext context, string id, SessionAdministration sessions, BlastRadii radii)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        if (TimeOrderedId.Parse(id) is not { } session) return Problem.NotFound();
        var radius = radii.OfSession(session);
        var actor = Administrator.Of(context);
        bool isRefused = isDryRun ? !sessions.MayEnd(session, actor) : await sessions.EndAsync(session, actor) == SessionEnd.Refused;
        return isRefused ? Problem.Of(new ChangeRefused(Rank.Problem)) : Answer(radius, isDryRun);
    }

    private static async Task<IResult> EndOfUserAsync(HttpContext context, int id, UserAccounts accounts, SessionAdministration sessions,
        BlastRadii radii)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        if (accounts.Find(id) is null) return Problem.NotFound();
        var radius = radii.OfAccount(id) with { ApiKeys = 0, Tunnels = 0 };
        if (!isDryRun && await sessions.EndAllOfAsync(id, Administrator.Of(context)) is null)
            return accounts.Find(id) is null ? Problem.NotFound() : Problem.Of(new ChangeRefused(Rank.Problem));
        return Answer(radius, isDryRun);
    }

    private static async Task<IResult> EndOfClientAsync(HttpContext context, string clientId, ClientRegistry clients,
        SessionAdministration sessions, BlastRadii radii)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        // The server leaves %2F in a path as it is.
        if (clients.FindRegistered(clientId.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)) is not { } client)
            return Problem.NotFound();
        var radius = radii.OfClient(client);
        if (!isDryRun) await sessions.EndAllOfAsync(client, Administrator.Of(context));
        return Answer(radius, isDryRun);
    }

    private static JsonAnswer<RevocationAnswer> Answer(BlastRadius radius, bool isDryRun) =>
        new(StatusCodes.Status200OK, RevocationAnswer.Of(radius, isDryRun), AdminJson.Default.RevocationAnswer);
}
