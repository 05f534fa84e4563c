using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/sessions: list, end one, end all others.</summary>
internal static class SessionEndpoints
{
    public const string Path = WebModule.Account + "/sessions";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sessions", IResult (HttpContext context, OpenSessions sessions, SignInHistory history) =>
            Show(context, sessions, history));
        pages.MapPost("/sessions/{id}/end", EndAsync);
        pages.MapPost("/sessions/end-others", EndOthersAsync);
    }

    private static Page<SessionsPage> Show(HttpContext context, OpenSessions sessions, SignInHistory history)
    {
        var (account, current) = context.Visitor();
        return new(new AccountSessions(sessions.Of(account.Id).Where(s => s.Id != current.Id).ToList(), history.Of(account.Id)));
    }

    private static async Task<IResult> EndAsync(HttpContext context, string id, UserSessions sessions)
    {
        if (TimeOrderedId.Parse(id) is not { } session || await sessions.EndAsync(context.Owner(), session) == NotOwned.NotThere)
            return ErrorPages.Of(Fault.NotFound);
        return Go.To(Path, Notice.SessionEnded);
    }

    private static async Task<IResult> EndOthersAsync(HttpContext context, UserSessions sessions)
    {
        await sessions.EndOthersAsync(context.Owner());
        return Go.To(Path, Notice.OthersEnded);
    }
}

/// <summary>What the sessions page shows beside the visitor's own session.</summary>
internal sealed record AccountSessions(IReadOnlyList<OpenSession> Others, IReadOnlyList<PastSignIn> History);
