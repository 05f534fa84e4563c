using OpenIddict.Server;
using TokenServer.Connect.Remembered;
using TokenServer.Foundation;
using TokenServer.Telemetry;

namespace TokenServer.Connect.Introspection;

/// <summary>POST /connect/introspect (RFC 7662): answered by OpenIddict, or as it did before where nothing has changed.</summary>
internal sealed class IntrospectionEndpoint(
    ConnectEndpoint connect, IntrospectionDecisions decisions, Issuer issuer, Instruments instruments)
{
    public static void Map(IEndpointRouteBuilder routes, string path)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<IntrospectionEndpoint>();
        routes.MapPost("/" + path, (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext http)
    {
        var fingerprint = await decisions.FingerprintAsync(http);
        if (fingerprint is { } known && decisions.Find(known, issuer.Of(http.Request)) is { } answer)
        {
            instruments.Introspected(active: true);
            await Json.WriteAsync(http, StatusCodes.Status200OK, answer, "no-store");
            return;
        }
        object basis = decisions.Basis;
        var transaction = await connect.HandleAsync(http, OpenIddictServerEndpointType.Introspection);
        if (fingerprint is { } place) decisions.Remember(place, basis, ConnectRequest.Of(transaction), transaction.Response!);
    }
}
