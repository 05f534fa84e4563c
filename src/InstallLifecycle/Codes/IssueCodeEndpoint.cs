namespace InstallLifecycle.Codes;

/// <summary>POST /api/v2/slowdns/code/issue: a code for the browser that has the page open.</summary>
internal static class IssueCodeEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/code/issue", IssueAsync);

    private static async Task IssueAsync(HttpContext context, CodeRequest request) =>
        await Envelope.WriteAsync(context, StatusCodes.Status201Created,
            await request.IssueAsync(context), InstallJson.Wire.IssuedCode, "SlowDNS install code issued");
}
