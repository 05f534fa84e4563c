using Microsoft.Extensions.Options;
using OpenIddict.Server;
using TokenServer.Connect.Remembered;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Connect.Token;

/// <summary>POST /connect/token: answered by OpenIddict, or as it did before where nothing has changed; counted here by grant type and outcome.</summary>
internal sealed class TokenEndpoint(
    ConnectEndpoint connect, ClientCredentialsDecisions decisions, Issuer issuer, IOptionsMonitor<OpenIddictServerOptions> options, Instruments instruments)
{
    public static void Map(IEndpointRouteBuilder routes, string path)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<TokenEndpoint>();
        routes.MapPost(path, (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext http)
    {
        long started = instruments.StartTokenRequest();
        string grant = "none", outcome = "ok";
        try
        {
            (grant, outcome) = await AnswerAsync(http);
        }
        catch (Exception e)
        {
            outcome = e is StorageUnavailableException ? "temporarily_unavailable"
                : http.RequestAborted.IsCancellationRequested || e is BadHttpRequestException ? "aborted" : "server_error";
            throw;
        }
        finally
        {
            instruments.TokenRequested(grant, outcome, started);
        }
    }

    private async ValueTask<(string Grant, string Outcome)> AnswerAsync(HttpContext http)
    {
        var fingerprint = await decisions.FingerprintAsync(http);
        if (fingerprint is { } known && await decisions.TryAnswerAsync(http, known, issuer.Of(http.Request))) return ("client_credentials", "ok");
        var transaction = await connect.HandleAsync(http, OpenIddictServerEndpointType.Token);
        var request = ConnectRequest.Of(transaction);
        if (fingerprint is { } place) decisions.Remember(place, request);
        return (Known(transaction.Request?.GrantType), request.Refusal?.Code ?? "ok");
    }

    private string Known(string? grantType) => grantType is null ? "none" : options.CurrentValue.GrantTypes.Contains(grantType) ? grantType : "other";
}
