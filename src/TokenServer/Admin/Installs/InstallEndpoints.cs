using InstallLifecycle;
using InstallLifecycle.Codes;
using InstallLifecycle.Listing;
using TokenServer.Foundation;
using TokenServer.Sessions;

namespace TokenServer.Admin.Installs;

/// <summary>/admin/api/installs and /admin/api/servers: list codes, activations and servers; revoke codes and servers.</summary>
internal static class InstallEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/installs/codes", (HttpContext context, Lifecycle lifecycle) => List(context, lifecycle.Codes,
            ["issued", "prechecked", "activated", "confirmed", "expired", "revoked"], c => c.Id, Of, AdminJson.Default.CodeAnswer));
        routes.MapGet("/installs/activations", (HttpContext context, Lifecycle lifecycle) => List(context, lifecycle.Activations,
            ["activated", "confirmed", "released", "expired", "revoked"], a => a.Id, Of, AdminJson.Default.ActivationAnswer));
        routes.MapGet("/servers", (HttpContext context, Lifecycle lifecycle) => List(context,
            lifecycle.Servers, ["active", "revoked"], s => s.Id, Of, AdminJson.Default.ServerAnswer));
        DryRun.On(routes.MapPost("/installs/codes/{id:long}/revoke", RevokeCodeAsync));
        DryRun.On(routes.MapPost("/servers/{id}/revoke", RevokeServerAsync));
    }

    private static IResult List<T, TAnswer>(HttpContext context, Func<ListRequest, IReadOnlyList<T>> list, string[] statuses,
        Func<T, long> id, Func<T, TAnswer> answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<TAnswer> type)
    {
        var (page, problem) = PageRequest.Of(context.Request, "status");
        var query = new Query(context.Request);
        string? status = query.OneOf("status", statuses);
        return (problem ?? query.Problem) is { } wrong
            ? wrong : page!.Answer(list(new ListRequest(status, page.Before, page.Limit + 1)), id, answer, type);
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

    private static Caller Caller(HttpContext context) =>
        InstallLifecycle.Caller.Of(context, Administrator.Of(context).Name) with { ClientId = Administrator.Of(context).ClientId };

    private static JsonAnswer<RevocationAnswer> Answer(int servers, bool isDryRun) =>
        new(StatusCodes.Status200OK, RevocationAnswer.Of(new BlastRadius(Servers: servers), isDryRun), AdminJson.Default.RevocationAnswer);

    private static CodeAnswer Of(CodeSummary c) => new(c.Id, c.Hint, c.Status, Text(c.IssuedAt), Text(c.ExpiresAt), c.Address, c.MachineId);

    private static ActivationAnswer Of(ActivationSummary a) =>
        new(a.ActivationId, a.CodeId, a.Status, a.Hostname, a.PublicIp, a.MachineId, a.RequestedRef,
            a.InstallerVersion, Text(a.ActivatedAt), a.EndedAt is { } end ? Text(end) : null, a.ServerId);

    private static ServerAnswer Of(ServerSummary s) =>
        new(s.ServerId, s.ActivationId, s.Status, s.IsOnline, s.Hostname, s.PublicIp, s.AgentVersion, Text(s.RegisteredAt),
        s.LastCheckinAt is { } seen ? Text(seen) : null, s.RevokedAt is { } end ? Text(end) : null);

    private static string Text(DateTimeOffset time) => Timestamps.Of(time.UtcDateTime);
}
