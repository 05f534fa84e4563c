using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Servers;

/// <summary>POST /register, /checkin, /revoke and GET /status: the main stack,
/// for installers and server agents (contract section 5).</summary>
internal sealed class ServerEndpoints(InstallServers servers, CheckIns checkIns, IInstallAdministrators administrators,
    Refusals refusals, InstallLifecycleOptions options, TimeProvider clock)
{
    public const string Active = "active", CloneSuspected = "clone_suspected", Revoked = "revoked",
        Online = "online", Offline = "offline", Stale = "stale";
    private readonly long interval = (long)options.CheckinInterval.TotalSeconds;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/register", (HttpContext context, ServerEndpoints endpoints, Registrations registrations) =>
             endpoints.RegisterAsync(context, registrations));
        routes.MapPost("/checkin", (HttpContext context, ServerEndpoints endpoints) => endpoints.CheckInAsync(context));
        routes.MapPost("/revoke", (HttpContext context, ServerEndpoints endpoints) => endpoints.RevokeAsync(context));
        routes.MapGet("/status", (HttpContext context, ServerEndpoints endpoints) => endpoints.StatusAsync(context));
    }

    private async Task RegisterAsync(HttpContext context, Registrations registrations)
    {
        var (request, wrong) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.RegisterBody, RegisterRequest.Of);
        if (request is null)
        {
            await ServerError.WriteAsync(context, wrong!);
            return;
        }
        var done = await registrations.RegisterAsync(request, Caller.Of(context));
        if (done.Error is { } error) await RefuseAsync(context, "register", error, done.ServerId);
        else await Envelope.WriteFlatAsync(context, done.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK,
            new Registered(done.ServerId!, done.Token!, interval) { CheckinKey = done.CheckinKey }, InstallJson.Wire.Registered);
    }

    private async Task CheckInAsync(HttpContext context)
    {
        if (await AuthenticateAsync(context, "checkin") is not { } server) return;
        var (body, unreadable) = await RequestBody.ReadOptionalAsync(context.Request, InstallJson.Wire.CheckinBody);
        var (request, wrong) = body is null ? unreadable! : CheckinRequest.Of(body);
        if (request is null)
        {
            await ServerError.WriteAsync(context, wrong!);
            return;
        }
        var done = await checkIns.CheckInAsync(server, BearerToken.Of(context)!, request, Caller.Of(context, server.ServerId));
        if (done.Error is { } error) await RefuseAsync(context, "checkin", error, server.ServerId);
        else await Envelope.WriteFlatAsync(context, StatusCodes.Status200OK,
            new CheckedIn("ok", server.ServerId, interval, Text(clock.GetUtcNow().UtcDateTime)) { CheckinKey = done.Next },
            InstallJson.Wire.CheckedIn);
    }

    private async Task StatusAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count == 0)
            await Envelope.WriteFlatAsync(context, StatusCodes.Status200OK, new PlainStatus("ok"), InstallJson.Wire.PlainStatus);
        else if (await AuthenticateAsync(context, "status") is { } server)
            await Envelope.WriteFlatAsync(context, StatusCodes.Status200OK, Describe(server), InstallJson.Wire.ServerStatus);
    }

    private async Task RevokeAsync(HttpContext context)
    {
        var (body, unreadable) = await RequestBody.ReadOptionalAsync(context.Request, InstallJson.Wire.RevokeBody);
        string? token = BearerToken.Of(context);
        var server = token is null ? null : servers.Find(token);
        var administrator = token is null || server is not null ? default : await administrators.FindAsync(token);
        string? wanted = string.IsNullOrEmpty(body?.ServerId) ? server?.ServerId : body.ServerId;
        if (server is null && !administrator.IsKnown)
            await RefuseAsync(context, "revoke", ServerError.InvalidToken);
        else if (server is null && administrator.Name is null)
            await RefuseAsync(context, "revoke", ServerError.InsufficientScope);
        else if (body is null) await ServerError.WriteAsync(context, unreadable!);
        else if (wanted is null) await ServerError.WriteAsync(context, InstallError.InvalidRequest("server_id is required"));
        else if (server is not null && wanted != server.ServerId)
            await RefuseAsync(context, "revoke", ServerError.Forbidden, server.ServerId);
        else if (await servers.RevokeAsync(wanted, Caller.Of(context, administrator.Name ?? server!.ServerId)) is null)
            await RefuseAsync(context, "revoke", InstallError.NotFound);
        else await Envelope.WriteFlatAsync(context, StatusCodes.Status200OK,
            new RevokedServer(Revoked, wanted), InstallJson.Wire.RevokedServer);
    }

    // The server whose token the request shows; null where it was answered with 401.
    private async Task<ServerRow?> AuthenticateAsync(HttpContext context, string step)
    {
        var server = BearerToken.Of(context) is { } token ? servers.Find(token) : null;
        if (server is { RevokedAt: null }) return server;
        await RefuseAsync(context, step, server is null ? ServerError.InvalidToken : ServerError.ServerRevoked, server?.ServerId);
        return null;
    }

    private async Task RefuseAsync(HttpContext context, string step, InstallError error, string? serverId = null)
    {
        // What is wrong with a field is no event.
        if (error.Status is not (StatusCodes.Status400BadRequest or StatusCodes.Status503ServiceUnavailable))
            await refusals.RecordAsync(step, Caller.Of(context), error.Code, serverId);
        await ServerError.WriteAsync(context, error);
    }

    private ServerStatus Describe(ServerRow server) =>
        new(server.ServerId, Active, server.Hostname, server.PublicIp, Text(server.RegisteredAt),
            server.LastCheckinAt is { } at ? Text(at) : null, server.IsOnline(options, clock.GetUtcNow().UtcDateTime));

    private static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
