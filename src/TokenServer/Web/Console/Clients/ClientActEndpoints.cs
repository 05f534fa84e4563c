using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Clients;

/// <summary>/admin/clients/{id}/secret, /end-old-secret, /revoke, /restore, /end-sessions, /delete: each asks first, and says what
/// dies.</summary>
internal static class ClientActEndpoints
{
    private const string KeepOldFor = "keep_old_for";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/clients/{id}/secret", AskSecret).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/secret", RotateSecretAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}/end-old-secret", AskEndOldSecret).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/end-old-secret", EndOldSecretAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}/revoke", AskRevoke).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/revoke", RevokeAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}/restore", AskRestore).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/restore", RestoreAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}/end-sessions", AskEndSessions).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/end-sessions", EndSessionsAsync).AfterRecentSignIn();
        pages.MapGet("/clients/{id}/delete", AskDelete).AfterRecentSignIn();
        pages.MapPost("/clients/{id}/delete", DeleteAsync).AfterRecentSignIn();
    }

    private static IResult AskSecret(string id, ClientRegistry clients, ClientSecrets secrets) =>
        clients.FindAt(id) is not { IsPublic: false } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation(ClientActWords.NewSecret(client.ClientId, hasOld: secrets.OldEndsAt(client) is not null),
            ClientEndpoints.PathOf(client.ClientId))
            { Choices = client.SecretHash is null ? null : new(KeepOldFor, ClientActWords.OldSecretEnds, ClientActWords.Ends) }.Ask();

    private static async Task<IResult> RotateSecretAsync(HttpContext context, string id, ClientRegistry clients, MadeSecrets secrets)
    {
        if (clients.FindAt(id) is not { IsPublic: false, ClientId: var clientId }) return ErrorPages.Of(Fault.NotFound);
        string kept = context.Request.Text(KeepOldFor, 20) ?? ClientActWords.Ends[0].Value;
        if (ClientActWords.Ends.All(e => e.Value != kept)) return ErrorPages.Of(Fault.BadRequest);
        var time = TimeSpan.FromSeconds(long.Parse(kept, CultureInfo.InvariantCulture));
        return await clients.RotateSecretAsync(clientId, context.Actor(), time) is { } secret
            ? await secrets.ShowAsync(context, ClientEndpoints.PathOf(clientId), secret) : ErrorPages.Of(Fault.NotFound);
    }

    private static IResult AskEndOldSecret(string id, ClientRegistry clients, ClientSecrets secrets)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        bool hasOld = secrets.OldEndsAt(client) is not null;
        return new Confirmation(ClientActWords.EndOldSecret(client.ClientId, hasOld), ClientEndpoints.PathOf(client.ClientId))
            { HasNothing = !hasOld }.Ask();
    }

    private static async Task<IResult> EndOldSecretAsync(HttpContext context, string id, ClientRegistry clients)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await clients.EndOldSecretAsync(client.ClientId, context.Actor());
        return Go.To(ClientEndpoints.PathOf(client.ClientId), Notice.OldSecretEnded);
    }

    private static IResult AskRevoke(string id, ClientRegistry clients, BlastRadii radii) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation(ClientActWords.Revoke(client.ClientId), ClientEndpoints.PathOf(client.ClientId))
            { Radius = radii.OfClient(client) }.Ask();

    private static async Task<IResult> RevokeAsync(HttpContext context, string id, ClientRegistry clients)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await clients.RevokeAsync(client.ClientId, context.Actor());
        return Go.To(ClientEndpoints.PathOf(client.ClientId), Notice.ClientRevoked);
    }

    private static IResult AskRestore(string id, ClientRegistry clients) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation(ClientActWords.Restore(client.ClientId), ClientEndpoints.PathOf(client.ClientId)) { IsHarmless = true }.Ask();

    private static async Task<IResult> RestoreAsync(HttpContext context, string id, ClientRegistry clients)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await clients.RestoreAsync(client.ClientId, context.Actor());
        return Go.To(ClientEndpoints.PathOf(client.ClientId), Notice.ClientRestored);
    }

    private static IResult AskEndSessions(HttpContext context, string id, ClientRegistry clients, BlastRadii radii) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation(ClientActWords.EndSessions(client.ClientId),
            ReturnPath.From(context.Request, ClientEndpoints.PathOf(client.ClientId))) { Radius = radii.OfClient(client) }.Ask();

    private static async Task<IResult> EndSessionsAsync(HttpContext context, string id, ClientRegistry clients,
        SessionAdministration sessions)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await sessions.EndAllOfAsync(client, context.Actor());
        return Go.To(ReturnPath.From(context.Request, ClientEndpoints.PathOf(client.ClientId)), Notice.ClientSessionsEnded);
    }

    private static IResult AskDelete(string id, ClientRegistry clients, BlastRadii radii) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation(ClientActWords.Delete(client.ClientId), ClientEndpoints.PathOf(client.ClientId))
            { Radius = radii.OfClient(client) }.Ask();

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, ClientRegistry clients)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await clients.DeleteAsync(client.ClientId, context.Actor());
        return Go.To(ClientEndpoints.Path, Notice.ClientDeleted);
    }
}
