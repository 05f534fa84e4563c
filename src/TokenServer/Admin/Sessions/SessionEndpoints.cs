using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Admin.Sessions;

/// <summary>/admin/api/sessions and /admin/api/users/{id}/sessions: list and end.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sessions",
            (HttpContext context, SessionList sessions, ClientRegistry clients) => List(context, sessions, clients, accountId: null));
        routes.MapGet("/users/{id:int}/sessions", (HttpContext context, int id, SessionList sessions, ClientRegistry clients,
            UserAccounts accounts) => accounts.Find(id) is null ? Problem.NotFound() : List(context, sessions, clients, id));
        DryRun.On(routes.MapDelete("/sessions/{id}", EndAsync));
    }

    private static IResult List(HttpContext context, SessionList sessions, ClientRegistry clients, int? accountId)
    {
        string[] filters = accountId is null ? ["user_id", "client_id", "status", "from", "to"] : ["client_id", "status", "from", "to"];
        var (page, problem) = PageRequest.Of(context.Request, filters);
        var query = new Query(context.Request);
        // A client that is not there has no sessions; no row has this number.
        long? client = query.Text("client_id") is { } name ? clients.Find(name)?.Id ?? 0 : null;
        var filter = new SessionFilter(accountId ?? query.Number("user_id"), client,
            query.OneOf("status", SessionSummary.Active, SessionSummary.Ended), query.Time("from"), query.Time("to"));
        if ((problem ?? query.Problem) is { } wrong) return wrong;
        return page!.Answer(sessions.List(filter, page.Before, page.Limit + 1),
            s => s.Id, SessionAnswer.Of, AdminJson.Default.SessionAnswer);
    }

    private static async Task<IResult> EndAsync(HttpContext context, string id, UserSessions sessions, BlastRadii radii, TimeProvider clock)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        if (TimeOrderedId.Parse(id) is not { } session) return Problem.NotFound();
        var radius = radii.OfSession(session);
        var actor = Administrator.Of(context);
        if (!isDryRun)
            await sessions.EndAsync(session, new AuditEvent("session.ended", clock.GetUtcNow().UtcDateTime, actor) { Target = id });
        return new JsonAnswer<RevocationAnswer>(StatusCodes.Status200OK,
            RevocationAnswer.Of(radius, isDryRun), AdminJson.Default.RevocationAnswer);
    }
}
