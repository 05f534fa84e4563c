using InstallLifecycle.Storage.Rows;

namespace InstallLifecycle.Servers;

/// <summary>POST /register, /checkin, /revoke and GET /status: the main stack,
/// for installers and server agents (contract section 5).</summary>
internal sealed class ServerEndpoints(InstallServers servers, IInstallAdministrators administrators,
    Refusals refusals, InstallLifecycleOptions options, TimeProvider clock)
{
    public const string Active = "active", Revoked = "revoked";
    private readonly long interval = (long)options.CheckinInterval.TotalSeconds;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/register", (HttpContext context, ServerEndpoints endpoints) => endpoints.RegisterAsync(context));
        routes.MapPost("/checkin", (HttpContext context, ServerEndpoints endpoints) => endpoints.CheckInAsync(context));
        routes.MapPost("/revoke", (HttpContext context, ServerEndpoints endpoints) => endpoints.RevokeAsync(context));
        routes.MapGet("/status", (HttpContext context, ServerEndpoints endpoints) => endpoints.StatusAsync(context));
    }

    private async Task RegisterAsync(HttpContext context)
    {
        var (request, wrong) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.RegisterBody, RegisterRequest.Of);
        if (request is null)
        {
            await ServerError.WriteAsync(context, wrong!);
            return;
        }
        var done = await servers.RegisterAsync(request, Caller.Of(context));
        if (done.Error is { } error) await RefuseAsync(context, "register", StatusOf(error), error);
        else await Envelope.WriteFlatAsync(context, done.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK,
            new Registered(done.ServerId!, done.Token!, interval), InstallJson.Wire.Registered);
    }

    private async Task CheckInAsync(HttpContext context)
    {
        if (await AuthenticateAsync(context, "checkin") is not { } server) return;
        var (body, unreadable) = await RequestBody.ReadOptionalAsync(context.Request, InstallJson.Wire.CheckinBody);
        var (request, wrong) = body is null ? unreadable! : CheckinRequest.Of(body);
        if (request is null) await ServerError.WriteAsync(context, wrong!);
        // Who was told good a moment ago and is not any more is looked at again.
        else if (!await servers.CheckInAsync(server, request))
            await RefuseAsync(context, "checkin", StatusCodes.Status401Unauthorized,
                servers.Find(BearerToken.Of(context)!) is null ? ServerError.InvalidToken : ServerError.ServerRevoked, server.ServerId);
        else await Envelope.WriteFlatAsync(context, StatusCodes.Status200OK,
            new CheckedIn("ok", server.ServerId, interval, Text(clock.GetUtcNow().UtcDateTime)), InstallJson.Wire.CheckedIn);
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
            await RefuseAsync(context, "revoke", StatusCodes.Status401Unauthorized, ServerError.InvalidToken);
        else if (server is null && administrator.Name is null)
            await RefuseAsync(context, "revoke", StatusCodes.Status403Forbidden, ServerError.InsufficientScope);
        else if (body is null) await ServerError.WriteAsync(context, unreadable!);
        else if (wanted is null) await ServerError.WriteAsync(context, InstallError.InvalidRequest("server_id is required"));
        else if (server is not null && wanted != server.ServerId)
            await RefuseAsync(context, "revoke", StatusCodes.Status403Forbidden, ServerError.Forbidden, server.ServerId);
        else if (await servers.RevokeAsync(wanted, Caller.Of(context, administrator.Name ?? server!.ServerId)) is null)
            await RefuseAsync(context, "revoke", StatusCodes.Status404NotFound, InstallError.NotFound.Code);
        else await Envelope.WriteFlatAsync(context, StatusCodes.Status200OK,
            new RevokedServer(Revoked, wanted), InstallJson.Wire.RevokedServer);
    }

    // The server whose token the request shows; null where it was answered with 401.
    private async Task<ServerRow?> AuthenticateAsync(HttpContext context, string step)
    {
        var server = BearerToken.Of(context) is { } token ? servers.Find(token) : null;
        if (server is { RevokedAt: null }) return server;
        await RefuseAsync(context, step, StatusCodes.Status401Unauthorized,
            server is null ? ServerError.InvalidToken : ServerError.ServerRevoked, server?.ServerId);
        return null;
    }

    private async Task RefuseAsync(HttpContext context, string step, int status, string code, string? serverId = null)
    {
        await refusals.RecordAsync(step, Caller.Of(context), code, serverId);
        // No more tokens for this install; its next one starts anew.
        if (status == StatusCodes.Status429TooManyRequests) context.Response.Headers.RetryAfter = "3600";
        await ServerError.WriteAsync(context, status, code);
    }

    private ServerStatus Describe(ServerRow server) =>
        new(server.ServerId, Active, server.Hostname, server.PublicIp, Text(server.RegisteredAt),
            server.LastCheckinAt is { } at ? Text(at) : null, server.IsOnline(options, clock.GetUtcNow().UtcDateTime));

    private static int StatusOf(string error) => error == InstallError.MachineMismatch.Code ? StatusCodes.Status409Conflict
        : error == InstallServers.RateLimited ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized;

    private static string Text(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
