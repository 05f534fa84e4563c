using InstallLifecycle.Precheck;

namespace InstallLifecycle.Activations;

/// <summary>POST /api/v2/slowdns/install/activate, /confirm and /release.</summary>
internal static class ActivationEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/install/activate", ActivateAsync);
        routes.MapPost("/install/confirm", ConfirmAsync);
        routes.MapPost("/install/release", ReleaseAsync);
    }

    private static async Task ActivateAsync(HttpContext context, InstallActivations activations)
    {
        var (body, unreadable) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.ActivateBody);
        var (request, wrong) = body is null ? unreadable! : ActivateRequest.Of(body);
        var (answer, refused) = request is null ? wrong! : await activations.ActivateAsync(request, Caller.Of(context));
        await (answer is null ? Envelope.WriteAsync(context, refused!)
            : Envelope.WriteAsync(context, StatusCodes.Status200OK, answer, InstallJson.Wire.Activated, "Install token issued"));
    }

    private static async Task ConfirmAsync(HttpContext context, Completion completion)
    {
        var (body, unreadable) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.ConfirmBody);
        var (request, wrong) = body is null ? unreadable! : ConfirmRequest.Of(body);
        var (answer, refused) = request is null ? wrong! : await completion.ConfirmAsync(request, Caller.Of(context));
        await (answer is null ? Envelope.WriteAsync(context, refused!)
            : Envelope.WriteAsync(context, StatusCodes.Status200OK, answer, InstallJson.Wire.Confirmed, "Install confirmed"));
    }

    private static async Task ReleaseAsync(HttpContext context, Completion completion)
    {
        var (body, unreadable) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.ReleaseBody);
        var (request, wrong) = body is null ? unreadable! : ReleaseRequest.Of(body);
        var (answer, refused) = request is null ? wrong! : await completion.ReleaseAsync(request, Caller.Of(context));
        await (answer is null ? Envelope.WriteAsync(context, refused!)
            : Envelope.WriteAsync(context, StatusCodes.Status200OK, answer, InstallJson.Wire.Released, "Activation released"));
    }
}
