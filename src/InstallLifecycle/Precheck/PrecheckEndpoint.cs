using InstallLifecycle.HostKeys;

namespace InstallLifecycle.Precheck;

/// <summary>POST /api/v2/slowdns/install/precheck: is the code good, and is it this machine's?</summary>
internal static class PrecheckEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/install/precheck", PrecheckAsync);

    private static async Task PrecheckAsync(HttpContext context, Prechecks prechecks, HostKeyProofs proofs, Refusals refusals)
    {
        var (request, wrong) = await RequestBody.ReadAsync(
            context.Request, InstallJson.Wire.PrecheckBody, body => PrecheckRequest.Of(body, proofs));
        if (wrong?.Status == StatusCodes.Status422UnprocessableEntity)
            await refusals.RecordAsync("precheck", Caller.Of(context), wrong.Code);
        var outcome = request is null ? wrong! : await prechecks.PrecheckAsync(request, Caller.Of(context));
        await Envelope.WriteAsync(context, StatusCodes.Status200OK, outcome, InstallJson.Wire.Prechecked, "Install code validated");
    }
}
