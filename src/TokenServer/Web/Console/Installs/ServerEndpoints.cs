using InstallLifecycle;
using InstallLifecycle.Listing;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Installs;

/// <summary>/admin/servers: list, revoke, settle which of two goes on.</summary>
internal static class ServerEndpoints
{
    public const string Path = WebModule.Console + "/servers";
    public static readonly string[] Statuses = ["online", "offline", "stale", "active", "clone_suspected", "revoked"];

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/servers", IResult (HttpContext context, Lifecycle lifecycle) =>
            InstallEndpoints.List<ServersPage, ServerSummary>(context, Statuses, lifecycle.Servers, lifecycle.CountServers, s => s.Id));
        pages.MapGet("/servers/{id}/revoke", AskRevokeAsync).AfterRecentSignIn();
        pages.MapPost("/servers/{id}/revoke", RevokeAsync).AfterRecentSignIn();
        pages.MapGet("/servers/{id}/resolve", IResult (string id) => new Page<ResolvePage>(new Resolution(id))).AfterRecentSignIn();
        pages.MapPost("/servers/{id}/resolve", ResolveAsync).AfterRecentSignIn();
    }

    private static async Task<IResult> AskRevokeAsync(HttpContext context, string id, Lifecycle lifecycle) =>
        await lifecycle.RevokeServerAsync(id, context.Caller(), isDryRun: true) is not { } servers ? ErrorPages.Of(Fault.NotFound)
            : new Confirmation(InstallActWords.RevokeServer(id), Path) { Radius = new BlastRadius(Servers: servers) }.Ask();

    private static async Task<IResult> RevokeAsync(HttpContext context, string id, Lifecycle lifecycle) =>
        await lifecycle.RevokeServerAsync(id, context.Caller(), isDryRun: false) is null
            ? ErrorPages.Of(Fault.NotFound) : Go.To(Path, Notice.ServerRevoked);

    private static async Task<IResult> ResolveAsync(HttpContext context, string id, Lifecycle lifecycle)
    {
        string? action = context.Request.Text("action", longest: 10);
        if (action is not ("rekey" or "revoke"))
            return new Page<ResolvePage>(new Resolution(id, ResolvePage.SayWhich), StatusCodes.Status400BadRequest);
        return await lifecycle.ResolveCloneAsync(id, context.Caller(), isRekey: action == "rekey") switch
        {
            null => ErrorPages.Of(Fault.NotFound),
            false => new Page<ResolvePage>(new Resolution(id, ResolvePage.NoClone), StatusCodes.Status409Conflict),
            true => Go.To(Path, action == "rekey" ? Notice.ServerMayRekey : Notice.ServerRevoked),
        };
    }
}

/// <summary>What is to be settled, and why it was not.</summary>
internal sealed record Resolution(string ServerId, string? Error = null);
