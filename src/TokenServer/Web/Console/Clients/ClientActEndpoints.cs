using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Clients;

/// <summary>/admin/clients/{id}/secret, /revoke, /restore, /delete: each asks first, and says what dies.</summary>
internal static class ClientActEndpoints
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/clients/{id}/secret", AskSecret).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/secret", RotateSecretAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}/revoke", AskRevoke).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/revoke", RevokeAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}/restore", AskRestore).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/restore", RestoreAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}/delete", AskDelete).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/delete", DeleteAsync).AfterRecentSignIn();
    }

    private static IResult AskSecret(string id, ClientRegistry clients) =>
        clients.FindAt(id) is not { IsPublic: false } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation($"New secret for {client.ClientId}",
            "The client gets a new secret, which is shown once. The old one is refused at once; tokens that were given out stay good.",
            "Make a new secret", ClientEndpoints.PathOf(client.ClientId)).Ask();

    private static async Task<IResult> RotateSecretAsync(HttpContext context, string id, ClientRegistry clients, ScopeRegistry scopes) =>
        clients.FindAt(id) is { IsPublic: false, ClientId: var clientId }
            && await clients.RotateSecretAsync(clientId, context.Actor()) is { } secret && clients.Find(clientId) is { } client
            ? ClientEndpoints.Show(client, scopes, secret) : ErrorPages.Of(Fault.NotFound);

    private static IResult AskRevoke(string id, ClientRegistry clients, BlastRadii radii) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation($"Revoke {client.ClientId}",
            "The client is refused, and every token it was given is dead. It can be restored; the tokens cannot.",
            "Revoke the client", ClientEndpoints.PathOf(client.ClientId)) { Radius = radii.OfClient(client) }.Ask();

    private static async Task<IResult> RevokeAsync(HttpContext context, string id, ClientRegistry clients)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await clients.RevokeAsync(client.ClientId, context.Actor());
        return Go.To(ClientEndpoints.PathOf(client.ClientId), Notice.ClientRevoked);
    }

    private static IResult AskRestore(string id, ClientRegistry clients) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation($"Restore {client.ClientId}",
            "The client may ask for new tokens, with the secret it has. Those from before stay dead.",
            "Restore the client", ClientEndpoints.PathOf(client.ClientId)) { IsHarmless = true }.Ask();

    private static async Task<IResult> RestoreAsync(HttpContext context, string id, ClientRegistry clients)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await clients.RestoreAsync(client.ClientId, context.Actor());
        return Go.To(ClientEndpoints.PathOf(client.ClientId), Notice.ClientRestored);
    }

    private static IResult AskDelete(string id, ClientRegistry clients, BlastRadii radii) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation($"Delete {client.ClientId}", "The registration is gone for good, and every token it was given is dead.",
            "Delete the client", ClientEndpoints.PathOf(client.ClientId)) { Radius = radii.OfClient(client) }.Ask();

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, ClientRegistry clients)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await clients.DeleteAsync(client.ClientId, context.Actor());
        return Go.To(ClientEndpoints.Path, Notice.ClientDeleted);
    }
}
