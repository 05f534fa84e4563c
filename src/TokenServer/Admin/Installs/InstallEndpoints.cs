using InstallLifecycle;
using InstallLifecycle.Codes;
using InstallLifecycle.Listing;
using TokenServer.Foundation;
using TokenServer.Sessions;

namespace TokenServer.Admin.Installs;

/// <summary>/admin/api/installs and /admin/api/servers: list codes, activations and servers; revoke codes and servers;
/// settle which of two servers goes on; receipts.</summary>
internal static class InstallEndpoints
{
    private const string Rekey = "rekey";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/installs/codes", (HttpContext context, Lifecycle lifecycle) => List(context, lifecycle.Codes, lifecycle.CountCodes,
            ["issued", "prechecked", "activated", "confirmed", "expired", "revoked"], c => c.Id, Of, AdminJson.Default.CodeAnswer));
        routes.MapGet("/installs/activations", (HttpContext context, Lifecycle lifecycle) => List(context,
            lifecycle.Activations, lifecycle.CountActivations,
            ["activated", "confirmed", "released", "expired", "revoked"], a => a.Id, Of, AdminJson.Default.ActivationAnswer));
        routes.MapGet("/servers", (HttpContext context, Lifecycle lifecycle) => List(context,
            lifecycle.Servers, lifecycle.CountServers,
            ["active", "online", "offline", "stale", "clone_suspected", "revoked"], s => s.Id, Of, AdminJson.Default.ServerAnswer));
        DryRun.On(routes.MapPost("/installs/codes/{id:long}/revoke", RevokeCodeAsync));
        DryRun.On(routes.MapPost("/servers/{id}/revoke", RevokeServerAsync));
        routes.MapPost("/servers/{id}/resolve", ResolveServerAsync);
        routes.MapGet("/installs/activations/{id}/receipt", IResult (string id, Lifecycle lifecycle) =>
            lifecycle.FindReceipt(id) is { } receipt
                ? new JsonAnswer<ReceiptAnswer>(StatusCodes.Status200OK, new(id, receipt), AdminJson.Default.ReceiptAnswer)
                : Problem.NotFound());
    }

    private static IResult List<T, TAnswer>(HttpContext context, Func<ListRequest, IReadOnlyList<T>> list, Func<ListRequest, int> count,
        string[] statuses, Func<T, long> id, Func<T, TAnswer> answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<TAnswer> type)
    {
        var (page, problem) = PageRequest.Of(context.Request, "status");
        var query = new Query(context.Request);
        string? status = query.OneOf("status", statuses);
        if ((problem ?? query.Problem) is { } wrong) return wrong;
        var (after, before, isAscending, limit) = page!.Stretch;
        var request = new ListRequest(status, before, limit) { After = after, IsAscending = isAscending, Pattern = page.Part?.Pattern };
        return page.Answer(list(request), id, answer, type, most => count(request with { Before = null, After = null, Limit = most }));
    }

    private static async Task<IResult> RevokeCodeAsync(HttpContext context, long id, Lifecycle lifecycle)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        var (servers, refused) = await lifecycle.RevokeCodeAsync(id, Caller(context), isDryRun);
        return refused is null ? Answer(servers, isDryRun) : refused == CodeRevocationRefused.NotThere ? Problem.NotFound()
            : new Problem(StatusCodes.Status409Conflict, "The code has been confirmed or has expired; revoke its server instead.");
    }

    private static async Task<IResult> RevokeServerAsync(HttpContext context, string id, Lifecycle lifecycle)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        return await lifecycle.RevokeServerAsync(id, Caller(context), isDryRun) is { } servers
            ? Answer(servers, isDryRun) : Problem.NotFound();
    }

    private static async Task<IResult> ResolveServerAsync(HttpContext context, string id, Lifecycle lifecycle)
    {
        var (body, problem) = await AdminBody.ReadAsync(context.Request, AdminJson.Default.ResolutionBody);
        if (body is null) return problem!;
        if (body.Action is not (Rekey or "revoke")) return Problem.BadRequest("action must be one of: rekey, revoke.");
        return await lifecycle.ResolveCloneAsync(id, Caller(context), isRekey: body.Action == Rekey) switch
        {
            null => Problem.NotFound(),
            false => new Problem(StatusCodes.Status409Conflict, "There is no clone of this server to settle."),
            true => new JsonAnswer<ResolutionAnswer>(StatusCodes.Status200OK, new(id, body.Action), AdminJson.Default.ResolutionAnswer),
        };
    }

    private static Caller Caller(HttpContext context) =>
        InstallLifecycle.Caller.Of(context, Administrator.Of(context).Name) with { ClientId = Administrator.Of(context).ClientId };

    private static JsonAnswer<RevocationAnswer> Answer(int servers, bool isDryRun) =>
        new(StatusCodes.Status200OK, RevocationAnswer.Of(new BlastRadius(Servers: servers), isDryRun), AdminJson.Default.RevocationAnswer);

    private static CodeAnswer Of(CodeSummary c) => new(c.Id, c.Hint, c.Status, Text(c.IssuedAt), Text(c.ExpiresAt), c.Address, c.MachineId,
        c.Hostname);

    private static ActivationAnswer Of(ActivationSummary a) =>
        new(a.ActivationId, a.CodeId, a.Status, a.Hostname, a.PublicIp, a.MachineId, a.RequestedRef,
            a.InstallerVersion, Text(a.ActivatedAt), a.EndedAt is { } end ? Text(end) : null, a.ServerId,
            a.HostKeyProven, a.ReleaseReason);

    private static ServerAnswer Of(ServerSummary s) =>
        new(s.ServerId, s.ActivationId, s.Status, s.IsOnline, s.Hostname, s.PublicIp, s.AgentVersion, Text(s.RegisteredAt),
        s.LastCheckinAt is { } seen ? Text(seen) : null, s.RevokedAt is { } end ? Text(end) : null,
        s.HostKeyProven, s.HasRatchet, s.CloneSuspectedAt is { } alarm ? Text(alarm) : null,
        s.RekeyAllowedAt is { } opened ? Text(opened) : null);

    private static string Text(DateTimeOffset time) => Timestamps.Of(time.UtcDateTime);
}
