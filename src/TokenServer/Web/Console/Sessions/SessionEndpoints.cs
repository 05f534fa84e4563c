using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Sessions;

/// <summary>/admin/sessions: list, read, end one, end ticked ones; then back to where the visitor came from.</summary>
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
        pages.MapGet("/sessions/end", AskEndTicked).AfterRecentSignIn();
        pages.MapPost("/sessions/end", EndTickedAsync).AfterRecentSignIn();
    }

    /// <summary>The page of a session.</summary>
    public static string PathOf(long id) => $"{Path}/{TimeOrderedId.ToText(id)}";

    private static Page<SessionsPage> List(HttpContext context, SessionList sessions, ClientRegistry clients)
    {
        var query = new ListQuery(context.Request);
        // A client or a user that is not there has no sessions; no row has these numbers.
        long? client = query.Text("client") is { } name ? clients.Find(name)?.Id ?? 0 : null;
        int? account = query.Number("user") is { } number ? number <= int.MaxValue ? (int)number : 0 : null;
        var filter = new SessionFilter(account, client, query.OneOf("status", SessionSummary.Active, SessionSummary.Ended),
            query.Time("from"), query.Time("to"))
            { Meaning = sessions.MeaningOf(query.Part) };
        var list = query.Page(wanted => sessions.List(filter, wanted), s => s.Id);
        return new Page<SessionsPage>(list, list.Status);
    }

    private static IResult AskEnd(HttpContext context, string id, SessionList sessions, BlastRadii radii) =>
        Find(sessions, id) is not { } session ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation(SessionActWords.End(session.UserName, session.AccountId), ReturnPath.From(context.Request, PathOf(session.Id)))
            { Radius = radii.OfSession(session.Id) }.Ask();

    private static async Task<IResult> EndAsync(HttpContext context, string id, SessionList list, SessionAdministration sessions)
    {
        if (Find(list, id) is not { } session) return ErrorPages.Of(Fault.NotFound);
        return await sessions.EndAsync(session.Id, context.Actor()) == SessionEnd.Refused ? NotYours()
            : Go.To(ReturnPath.From(context.Request, Path), Notice.SessionEnded);
    }

    private static IResult AskEndTicked(HttpContext context, BlastRadii radii)
    {
        var ids = Ticked(context.Request);
        string back = ReturnPath.From(context.Request, Path);
        if (ids.Count == 0) return new Confirmation(SessionActWords.EndNone(), back) { HasNothing = true }.Ask();
        var all = ids.Select(radii.OfSession).Aggregate((a, b) => a with
            { Sessions = a.Sessions + b.Sessions, RefreshTokens = a.RefreshTokens + b.RefreshTokens });
        return new Confirmation(SessionActWords.EndTicked(ids.Count), back) { Radius = all }.Ask();
    }

    private static async Task<IResult> EndTickedAsync(HttpContext context, SessionAdministration sessions)
    {
        bool isRefused = false;
        foreach (long id in Ticked(context.Request))
            isRefused |= await sessions.EndAsync(id, context.Actor()) == SessionEnd.Refused;
        return isRefused ? NotYours() : Go.To(ReturnPath.From(context.Request, Path), Notice.SessionsEnded);
    }

    private static IResult NotYours() => ErrorPages.Of(StatusCodes.Status403Forbidden, SessionActWords.NotYours);

    // As many as a page of the list shows.
    private static List<long> Ticked(HttpRequest request) => [.. request.Query["session"].Select(text => TimeOrderedId.Parse(text))
        .OfType<long>().Distinct().Take(ListQuery.Limit)];

    private static SessionSummary? Find(SessionList sessions, string text) =>
        TimeOrderedId.Parse(text) is { } id ? sessions.List(new SessionFilter(Id: id), null, 1).SingleOrDefault() : null;
}
