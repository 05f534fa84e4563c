using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Connect.Token;
using TokenServer.Foundation;
using TokenServer.RateLimits;
using TokenServer.Storage;

namespace TokenServer.Connect.Remembered;

/// <summary>
/// Decisions about client_credentials: which client asked for which scopes. They hang on its registration and on the scopes that exist;
/// each answer has a token of its own.
/// </summary>
internal sealed class ClientCredentialsDecisions(
    RememberedDecisions decisions, ClientRegistry clients, ScopeRegistry scopes, AccessTokenIssuer tokens, ChangeFeed changes,
    RateLimitsOptions limits)
{
    /// <summary>Where the decision about a request belongs; null where it is not to be remembered.</summary>
    // A limit on such requests has to count each of them.
    public ValueTask<Fingerprint?> FingerprintAsync(HttpContext http) =>
        limits.Token is null ? decisions.FingerprintAsync(http, RequestKind.Token) : default;

    /// <summary>Answers by an earlier decision; false where there is none that holds.</summary>
    public async ValueTask<bool> TryAnswerAsync(HttpContext http, Fingerprint fingerprint, string issuer)
    {
        changes.EnsureFresh();
        if (decisions.Find<Decision>(fingerprint) is not { } known || known.Issuer != issuer) return false;
        if (clients.Find(known.Client.ClientId) != known.Client || scopes.Snapshot != known.Scopes) return false;
        if (await tokens.IssueAsync(known.Client, known.Grant, issuer) is not { } issued) return false;
        var response = new OpenIddictResponse { AccessToken = issued.Text, TokenType = OpenIddictConstants.TokenTypes.Bearer };
        TellIssued.Tell(response, issued);
        await Answers.WriteAsync(http, response, OpenIddictServerEndpointType.Token);
        return true;
    }

    /// <summary>What a decision hangs on, as it is before it is made.</summary>
    public object Basis => scopes.Snapshot;

    /// <summary>Remembers what was decided, where it was a client's own token.</summary>
    public void Remember(Fingerprint fingerprint, object basis, ConnectRequest request)
    {
        if (request is { Refusal: null, Issued: not null, Grant: { Session: null } grant, Client: { } client })
            decisions.Remember(fingerprint, new Decision(client, grant, request.Issuer, basis));
    }

    private sealed record Decision(Client Client, Grant Grant, string Issuer, object Scopes);
}
