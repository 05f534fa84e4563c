using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Sessions;

/// <summary>/admin/sessions: list, read, end.</summary>
internal static class SessionEndpoints
{
    public const string Path = WebModule.Console + "/sessions";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sessions",
            IResult (HttpContext context, SessionList sessions, ClientRegistry clients) => List(context, sessions, clients));
        pages.MapGet("/sessions/{id}", IResult (string id, SessionList sessions) => Find(sessions, id) is { } session
            ? new Page<SessionPage>(session) : ErrorPages.Of(Fault.NotFound));
        pages.MapGet("/sessions/{id}/end", AskEnd).AfterRecentSignIn();
        pages.MapPost("/sessions/{id}/end", EndAsync).AfterRecentSignIn();
    }

    /// <summary>The page of a session.</summary>
    public static string PathOf(long id) => $"{Path}/{TimeOrderedId.ToText(id)}";

    private static Page<SessionsPage> List(HttpContext context, SessionList sessions, ClientRegistry clients)
    {
        var query = new ListQuery(context.Request);
        // A client or a user that is not there has no sessions; no row has these numbers.
        long? client = query.Text("client", "The client") is { } name ? clients.Find(name)?.Id ?? 0 : null;
        int? account = query.Number("user", "The user") is { } number ? number <= int.MaxValue ? (int)number : 0 : null;
        var filter = new SessionFilter(account, client, query.OneOf("status", "Status", SessionSummary.Active, SessionSummary.Ended),
            query.Time("from", "From"), query.Time("to", "To"));
        long? before = query.Before;
        var list = query.Page(() => sessions.List(filter, before, ListQuery.Limit), s => s.Id);
        return new Page<SessionsPage>(list, list.Status);
    }

    private static IResult AskEnd(string id, SessionList sessions, BlastRadii radii) =>
        Find(sessions, id) is not { } session ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation($"End a session of {session.UserName ?? $"user {session.AccountId}"}",
            "The session is over everywhere, with every token that was given out for it.",
            "End the session", PathOf(session.Id)) { Radius = radii.OfSession(session.Id) }.Ask();

    private static async Task<IResult> EndAsync(HttpContext context, string id, SessionList list, UserSessions sessions, TimeProvider clock)
    {
        if (Find(list, id) is not { } session) return ErrorPages.Of(Fault.NotFound);
        var actor = context.Actor();
        await sessions.EndAsync(session.Id, new AuditEvent("session.ended", clock.GetUtcNow().UtcDateTime, actor)
            { Target = TimeOrderedId.ToText(session.Id) });
        return Go.To(Path, Notice.SessionEnded);
    }

    private static SessionSummary? Find(SessionList sessions, string text) =>
        TimeOrderedId.Parse(text) is { } id ? sessions.List(new SessionFilter(Id: id), null, 1).SingleOrDefault() : null;
}
