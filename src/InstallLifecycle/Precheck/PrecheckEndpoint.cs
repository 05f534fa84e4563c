namespace InstallLifecycle.Precheck;

/// <summary>POST /api/v2/slowdns/install/precheck: is the code good, and is it this machine's?</summary>
internal static class PrecheckEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/install/precheck", PrecheckAsync);

    private static async Task PrecheckAsync(HttpContext context, Prechecks prechecks, Refusals refusals)
    {
        var (body, unreadable) = await RequestBody.ReadAsync(context.Request, InstallJson.Wire.PrecheckBody);
        var (request, wrong) = body is null ? unreadable! : PrecheckRequest.Of(body);
        if (wrong == InstallError.ProductNotSupported) await refusals.RecordAsync("precheck", Caller.Of(context), wrong.Code);
        var (answer, refused) = request is null ? wrong! : await prechecks.PrecheckAsync(request, Caller.Of(context));
        await (answer is null ? Envelope.WriteAsync(context, refused!)
            : Envelope.WriteAsync(context, StatusCodes.Status200OK, answer, InstallJson.Wire.Prechecked, "Install code validated"));
    }
}
