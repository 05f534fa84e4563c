using InstallLifecycle.Receipts;

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
        var (request, wrong) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.ActivateBody, ActivateRequest.Of);
        var outcome = request is null ? wrong! : await activations.ActivateAsync(request, Caller.Of(context));
        await Envelope.WriteAsync(context, StatusCodes.Status200OK, outcome, InstallJson.Wire.Activated, "Install token issued");
    }

    private static async Task ConfirmAsync(HttpContext context, Completion completion, InstallReceipts receipts)
    {
        var (request, wrong) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.ConfirmBody, ConfirmRequest.Of);
        var outcome = request is null ? wrong!
            : await completion.ConfirmAsync(request, receipts.Issuer(context.Request), Caller.Of(context));
        await Envelope.WriteAsync(context, StatusCodes.Status200OK, outcome, InstallJson.Wire.Confirmed, "Install confirmed");
    }

    private static async Task ReleaseAsync(HttpContext context, Completion completion)
    {
        var (request, wrong) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.ReleaseBody, ReleaseRequest.Of);
        var outcome = request is null ? wrong! : await completion.ReleaseAsync(request, Caller.Of(context));
        await Envelope.WriteAsync(context, StatusCodes.Status200OK, outcome, InstallJson.Wire.Released, "Activation released");
    }
}
