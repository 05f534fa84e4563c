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
/// each answer has a token of its own. A proof (RFC 9449) is no part of a decision: it is looked at each time, and binds that token.
/// </summary>
internal sealed class ClientCredentialsDecisions(
    RememberedDecisions decisions, ClientRegistry clients, ScopeRegistry scopes, AccessTokenIssuer tokens, ChangeFeed changes,
    RateLimitsOptions limits)
{
    /// <summary>Where the decision about a request belongs; null where it is not to be remembered.</summary>
    // A limit on such requests has to count each of them.
    public ValueTask<Fingerprint?> FingerprintAsync(HttpContext http, bool hasProof) =>
        limits.Token is null ? decisions.FingerprintAsync(http, hasProof ? RequestKind.ProvenToken : RequestKind.Token) : default;

    /// <summary>Answers by an earlier decision; false where there is none that holds.</summary>
    /// <param name="http">The request.</param>
    /// <param name="fingerprint">Where the decision belongs.</param>
    /// <param name="issuer">The issuer identifier.</param>
    /// <param name="prove">Finds out which key a request with a proof proves; null for one without.</param>
    public async ValueTask<bool> TryAnswerAsync(
        HttpContext http, Fingerprint fingerprint, string issuer, Func<Client, ValueTask<string?>>? prove = null)
    {
        if (decisions.Find<Decision>(fingerprint) is not { } known || !Holds(known, issuer)) return false;
        var grant = known.Grant;
        if (prove is not null)
        {
            // What is wrong with it the pipeline says: nothing is used up by that. A good one is kept on disk, which may take a while.
            if (await prove(known.Client) is not { } thumbprint || !Holds(known, issuer)) return false;
            grant = grant with { KeyThumbprint = thumbprint };
        }
        if (await tokens.IssueAsync(known.Client, grant, issuer) is not { } issued) return false;
        var response = new OpenIddictResponse { AccessToken = issued.Text, TokenType = OpenIddictConstants.TokenTypes.Bearer };
        TellIssued.Tell(response, issued);
        await Answers.WriteAsync(http, response, OpenIddictServerEndpointType.Token);
        return true;
    }

    private bool Holds(Decision known, string issuer)
    {
        changes.EnsureFresh();
        return known.Issuer == issuer && clients.Find(known.Client.ClientId) == known.Client && scopes.Snapshot == known.Scopes;
    }

    /// <summary>What a decision hangs on, as it is before it is made.</summary>
    public object Basis => scopes.Snapshot;

    /// <summary>Remembers what was decided, where it was a client's own token. An assertion is good once, so no request with one is
    /// remembered.</summary>
    public void Remember(Fingerprint fingerprint, object basis, ConnectRequest request)
    {
        if (request is { Refusal: null, Assertion: null, Issued: not null, Grant: { Session: null } grant, Client: { } client })
            decisions.Remember(fingerprint, new Decision(client, grant, request.Issuer, basis), request.SecretsChangeAt);
    }

    private sealed record Decision(Client Client, Grant Grant, string Issuer, object Scopes);
}
