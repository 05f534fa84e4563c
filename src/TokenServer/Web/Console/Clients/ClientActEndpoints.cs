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

    // Seconds.
    private static readonly (string Value, string Text)[] Ends =
    [
        ("0", "at once"), ("3600", "in an hour"), ("86400", "in a day"), ("604800", "in a week"), ("2592000", "in 30 days"),
    ];

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
        : new Confirmation($"New secret for {client.ClientId}",
            "The client gets a new secret, which is shown once. Tokens that were given out stay good."
                + (secrets.OldEndsAt(client) is null ? ""
                    : " The old secret that is taken beside the present one is refused at once: there are two at most."),
            "Make a new secret", ClientEndpoints.PathOf(client.ClientId))
            { Choices = client.SecretHash is null ? null : new(KeepOldFor, "The present secret is refused", Ends) }.Ask();

    private static async Task<IResult> RotateSecretAsync(HttpContext context, string id, ClientRegistry clients, MadeSecrets secrets)
    {
        if (clients.FindAt(id) is not { IsPublic: false, ClientId: var clientId }) return ErrorPages.Of(Fault.NotFound);
        string kept = context.Request.Text(KeepOldFor, 20) ?? Ends[0].Value;
        if (Ends.All(e => e.Value != kept)) return ErrorPages.Of(Fault.BadRequest);
        var time = TimeSpan.FromSeconds(long.Parse(kept, CultureInfo.InvariantCulture));
        return await clients.RotateSecretAsync(clientId, context.Actor(), time) is { } secret
            ? await secrets.ShowAsync(context, ClientEndpoints.PathOf(clientId), secret) : ErrorPages.Of(Fault.NotFound);
    }

    private static IResult AskEndOldSecret(string id, ClientRegistry clients, ClientSecrets secrets) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation($"End the old secret of {client.ClientId}", secrets.OldEndsAt(client) is null ? "It has no old secret any more."
            : "The old secret is refused at once, and whoever still uses it gets no token. The new one stays good.",
            "End the old secret", ClientEndpoints.PathOf(client.ClientId)) { HasNothing = secrets.OldEndsAt(client) is null }.Ask();

    private static async Task<IResult> EndOldSecretAsync(HttpContext context, string id, ClientRegistry clients)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await clients.EndOldSecretAsync(client.ClientId, context.Actor());
        return Go.To(ClientEndpoints.PathOf(client.ClientId), Notice.OldSecretEnded);
    }

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

    private static IResult AskEndSessions(HttpContext context, string id, ClientRegistry clients, BlastRadii radii) =>
        clients.FindAt(id) is not { } client ? ErrorPages.Of(Fault.NotFound)
        : new Confirmation($"End all sessions of {client.ClientId}",
            "Everybody whom it has signed in has to sign in again. The client goes on: it is not revoked, its own tokens stay good.",
            "End all sessions", ReturnPath.From(context.Request, ClientEndpoints.PathOf(client.ClientId)))
            { Radius = radii.OfClient(client) }.Ask();

    private static async Task<IResult> EndSessionsAsync(HttpContext context, string id, ClientRegistry clients,
        SessionAdministration sessions)
    {
        if (clients.FindAt(id) is not { } client) return ErrorPages.Of(Fault.NotFound);
        await sessions.EndAllOfAsync(client, context.Actor());
        return Go.To(ReturnPath.From(context.Request, ClientEndpoints.PathOf(client.ClientId)), Notice.ClientSessionsEnded);
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
