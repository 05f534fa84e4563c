using System.Text.Json.Nodes;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Sessions;

namespace TokenServer.Admin.Clients;

/// <summary>/admin/api/clients: register, read, change, delete; a new secret, the end of the old one; revoke and restore.</summary>
internal static class ClientEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/clients", List);
        routes.MapPost("/clients", CreateAsync);
        routes.MapGet("/clients/{clientId}", Get);
        routes.MapPatch("/clients/{clientId}", ChangeAsync);
        DryRun.On(routes.MapDelete("/clients/{clientId}", DeleteAsync));
        routes.MapPost("/clients/{clientId}/secret", RotateSecretAsync);
        routes.MapDelete("/clients/{clientId}/secret/old", EndOldSecretAsync);
        DryRun.On(routes.MapPost("/clients/{clientId}/revoke", RevokeAsync));
        routes.MapPost("/clients/{clientId}/restore", RestoreAsync);
    }

    private static IResult List(HttpContext context, ClientRegistry clients, ClientSecrets secrets)
    {
        var (page, problem) = PageRequest.Of(context.Request, "status");
        var query = new Query(context.Request);
        string? status = query.OneOf("status", "active", "revoked");
        if ((problem ?? query.Problem) is { } wrong) return wrong;
        var items = clients.Registered.Where(c => (status is null || c.IsRevoked == (status == "revoked"))
            && (page!.Part is not { } part || part.IsIn(c.ClientId) || part.IsIn(c.Name))).ToList();
        return page!.Answer(page.Stretch.Of(items, c => c.Id), c => c.Id, c => ClientAnswer.Of(c, secrets.OldEndsAt(c)),
            AdminJson.Default.ClientAnswer, _ => items.Count);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, ClientRegistry clients)
    {
        var (registration, unreadable) = await AdminBody.ReadAsync(context.Request, AdminJson.Default.ClientRegistration);
        if (registration is null) return unreadable!;
        if (registration.ClientSecret is not null) return Problem.BadRequest("client_secret is made by the server.");
        string? secret = registration.WantsSecret ? ClientRegistry.NewSecret() : null;
        registration.ClientSecret = secret;
        if (await clients.AddAsync(registration, Administrator.Of(context)) is { } problem) return Problem.Of(new(problem));
        var client = clients.Find(registration.ClientId!)!;
        context.Response.Headers.Location = $"/admin/api/clients/{Uri.EscapeDataString(client.ClientId)}";
        return Answer(context, client, StatusCodes.Status201Created, secret);
    }

    private static IResult Get(HttpContext context, string clientId, ClientRegistry clients) =>
        Find(clients, clientId) is { } client ? Answer(context, client, StatusCodes.Status200OK) : Problem.NotFound();

    private static async Task<IResult> ChangeAsync(HttpContext context, string clientId, ClientRegistry clients)
    {
        var (patch, unreadable) = await AdminBody.ReadObjectAsync(context.Request);
        if (patch is null) return unreadable!;
        if (AdminBody.Bind(patch, AdminJson.Default.ClientRegistration, isPatch: true).Problem is { } wrong) return wrong;
        if (patch.ContainsKey("client_id") || patch.ContainsKey("client_secret"))
            return Problem.BadRequest("client_id and client_secret cannot be changed; a new secret is made by POST …/secret.");
        var (client, refused) = await clients.UpdateAsync(IdOf(clientId), version => EntityTag.Allows(context.Request, version), current =>
            JsonSerializer.SerializeToNode(current, AdminJson.Default.ClientRegistration) is JsonObject members
                ? AdminBody.Merge(members, patch).Deserialize(AdminJson.Default.ClientRegistration)! : current, Administrator.Of(context));
        return client is null
            ? EntityTag.Explain(context.Request, Problem.Of(refused!)) : Answer(context, client, StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string clientId, ClientRegistry clients, BlastRadii radii)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        var radius = Radius(Find(clients, clientId), radii);
        if (!isDryRun) await clients.DeleteAsync(IdOf(clientId), Administrator.Of(context));
        return Answer(radius, isDryRun);
    }

    private static async Task<IResult> RotateSecretAsync(HttpContext context, string clientId, ClientRegistry clients)
    {
        // The authorization has taken it in.
        var (body, unreadable) = context.Request.Body.Length > 0
            ? await AdminBody.ReadAsync(context.Request, AdminJson.Default.NewSecretBody) : (new NewSecretBody(), null);
        if (body is null) return unreadable!;
        var keepOldFor = TimeSpan.FromSeconds(Math.Clamp(body.KeepOldFor, -1, int.MaxValue));
        if (!OldSecret.MayGoOnFor(keepOldFor)) return Problem.BadRequest($"keep_old_for: {OldSecret.TooLong}.");
        if (Find(clients, clientId) is not { } client) return Problem.NotFound();
        if (client.IsPublic) return new Problem(StatusCodes.Status409Conflict, "A public client has no secret.");
        return await clients.RotateSecretAsync(IdOf(clientId), Administrator.Of(context), keepOldFor) is { } secret
            ? Answer(context, clients.Find(IdOf(clientId))!, StatusCodes.Status200OK, secret) : Problem.NotFound();
    }

    private static async Task<IResult> EndOldSecretAsync(HttpContext context, string clientId, ClientRegistry clients) =>
        await clients.EndOldSecretAsync(IdOf(clientId), Administrator.Of(context)) ? Results.NoContent() : Problem.NotFound();

    private static async Task<IResult> RevokeAsync(HttpContext context, string clientId, ClientRegistry clients, BlastRadii radii)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        if (Find(clients, clientId) is not { } client) return Problem.NotFound();
        var radius = Radius(client, radii);
        if (!isDryRun) await clients.RevokeAsync(IdOf(clientId), Administrator.Of(context));
        return Answer(radius, isDryRun);
    }

    private static async Task<IResult> RestoreAsync(HttpContext context, string clientId, ClientRegistry clients)
    {
        if (Find(clients, clientId) is null) return Problem.NotFound();
        await clients.RestoreAsync(IdOf(clientId), Administrator.Of(context));
        return Answer(context, clients.Find(IdOf(clientId))!, StatusCodes.Status200OK);
    }

    private static DateTime? OldSecretEndsAt(HttpContext context, Client client) =>
        context.RequestServices.GetRequiredService<ClientSecrets>().OldEndsAt(client);

    private static Client? Find(ClientRegistry clients, string clientId) => clients.FindRegistered(IdOf(clientId));

    // The server leaves %2F in a path as it is; everything else is decoded.
    private static string IdOf(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static BlastRadius Radius(Client? client, BlastRadii radii) => client is null ? new BlastRadius() : radii.OfClient(client);

    private static JsonAnswer<RevocationAnswer> Answer(BlastRadius radius, bool isDryRun) =>
        new(StatusCodes.Status200OK, RevocationAnswer.Of(radius, isDryRun), AdminJson.Default.RevocationAnswer);

    private static JsonAnswer<ClientAnswer> Answer(HttpContext context, Client client, int status, string? secret = null)
    {
        EntityTag.Set(context, client.Version);
        return new(status, ClientAnswer.Of(client, OldSecretEndsAt(context, client), secret), AdminJson.Default.ClientAnswer);
    }
}
