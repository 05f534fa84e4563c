using InstallLifecycle;
using InstallLifecycle.Listing;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Installs;

/// <summary>/admin/servers: list, revoke.</summary>
internal static class ServerEndpoints
{
    public const string Path = WebModule.Console + "/servers";
    public static readonly string[] Statuses = ["active", "revoked"];

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/servers", IResult (HttpContext context, Lifecycle lifecycle) =>
            InstallEndpoints.List<ServersPage, ServerSummary>(context, Statuses, lifecycle.Servers, s => s.Id));
        pages.MapGet("/servers/{id}/revoke", AskRevokeAsync).AfterRecentSignIn();
        pages.MapPost("/servers/{id}/revoke", RevokeAsync).AfterRecentSignIn();
    }

    private static async Task<IResult> AskRevokeAsync(HttpContext context, string id, Lifecycle lifecycle) =>
        await lifecycle.RevokeServerAsync(id, context.Caller(), isDryRun: true) is not { } servers ? ErrorPages.Of(Fault.NotFound)
            : new Confirmation($"Revoke server {id}",
                "The server's token is dead, and it cannot check in any more. It takes a new install to bring it back.",
                "Revoke the server", Path) { Radius = new BlastRadius(Servers: servers) }.Ask();

    private static async Task<IResult> RevokeAsync(HttpContext context, string id, Lifecycle lifecycle) =>
        await lifecycle.RevokeServerAsync(id, context.Caller(), isDryRun: false) is null
            ? ErrorPages.Of(Fault.NotFound) : Go.To(Path, Notice.ServerRevoked);
}
