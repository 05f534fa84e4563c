using Microsoft.Extensions.Options;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using TokenServer.Clients;
using TokenServer.Connect.Remembered;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tokens.Dpop;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Connect.Token;

/// <summary>
/// POST /connect/token: answered by OpenIddict, or as it did before where nothing has changed; counted here by grant type and outcome.
/// </summary>
internal sealed class TokenEndpoint(
    ConnectEndpoint connect, ClientCredentialsDecisions decisions, Issuer issuer, IOptionsMonitor<OpenIddictServerOptions> options,
    KeyProofs proofs, Instruments instruments)
{
    private const string Ok = "ok";

    public static void Map(IEndpointRouteBuilder routes, string path)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<TokenEndpoint>();
        routes.MapPost("/" + path, (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext http)
    {
        long started = instruments.StartTokenRequest();
        string? outcome = null;
        try
        {
            outcome = await AnswerAsync(http);
        }
        catch (Exception e)
        {
            outcome = e is StorageUnavailableException ? "temporarily_unavailable"
                : http.RequestAborted.IsCancellationRequested || e is BadHttpRequestException ? "aborted" : "server_error";
            throw;
        }
        finally
        {
            // Without a transaction it was a decision that was remembered, which there are of client_credentials alone.
            string? grant = http.Features.Get<OpenIddictServerAspNetCoreFeature>() is { Transaction: { } transaction }
                ? transaction.Request?.GrantType : outcome == Ok ? GrantTypes.ClientCredentials : null;
            instruments.TokenRequested(Known(grant), outcome!, started);
        }
    }

    private async ValueTask<string> AnswerAsync(HttpContext http)
    {
        bool hasProof = http.Request.Headers.ContainsKey(KeyProofs.Header);
        var fingerprint = await decisions.FingerprintAsync(http, hasProof);
        if (fingerprint is { } known && await decisions.TryAnswerAsync(http, known, issuer.Of(http.Request),
            hasProof ? client => ProvenAsync(http, client) : null)) return Ok;
        object basis = decisions.Basis;
        var transaction = await connect.HandleAsync(http, OpenIddictServerEndpointType.Token);
        var request = ConnectRequest.Of(transaction);
        // A grant of another kind may hold for one request only.
        if (fingerprint is { } place && transaction.Request?.GrantType == GrantTypes.ClientCredentials)
            decisions.Remember(place, basis, request);
        return request.Refusal?.Code ?? Ok;
    }

    private async ValueTask<string?> ProvenAsync(HttpContext http, Client client) =>
        await proofs.UseAsync(http, client.DpopBoundAccessTokens) is ProofResult.Proven proof ? proof.Thumbprint : null;

    private string Known(string? grantType) =>
        grantType is null ? "none" : options.CurrentValue.GrantTypes.Contains(grantType) ? grantType : "other";
}
