using System.Text.Json;
using OpenIddict.Abstractions;
using TokenServer.Clients;
using TokenServer.Connect.Introspection;
using TokenServer.Foundation;
using TokenServer.Keys;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tokens;

namespace TokenServer.Connect.Remembered;

/// <summary>
/// Decisions about introspection: what was told to which client of a signed access token that was good. They hang on that client's
/// registration, the key ring, the user's name, and on all that may end the token. Of tokens with a row of their own nothing is
/// remembered.
/// </summary>
internal sealed class IntrospectionDecisions(
    RememberedDecisions decisions, ClientRegistry clients, KeyRing keys, AccessTokenKind tokens, UserNames userNames, ChangeFeed changes)
{
    /// <summary>Where the decision about a request belongs; null where it is not to be remembered.</summary>
    public ValueTask<Fingerprint?> FingerprintAsync(HttpContext http) => decisions.FingerprintAsync(http, RequestKind.Introspection);

    /// <summary>The answer of an earlier decision; null where there is none that holds.</summary>
    public byte[]? Find(Fingerprint fingerprint, string issuer)
    {
        // The name may take a while; what may end the token is looked at last.
        if (decisions.Find<Decision>(fingerprint) is not { } known || userNames.Of(known.Token) != known.UserName) return null;
        changes.EnsureFresh();
        bool holds = known.Issuer == issuer && known.Keys == keys.Keys && clients.Find(known.Client.ClientId) == known.Client;
        return holds && tokens.IsStillGood(known.Token) ? known.Answer : null;
    }

    /// <summary>What a decision hangs on, as it is before it is made.</summary>
    public object Basis => keys.Keys;

    /// <summary>Remembers what was told, but to a client that authenticated by an assertion: that is good once.</summary>
    public void Remember(Fingerprint fingerprint, object basis, ConnectRequest request, OpenIddictResponse response)
    {
        if (request is not { Refusal: null, Assertion: null, Told: ({ Signed: not null } token, var userName), Client: { } client }) return;
        byte[] answer = Json.Write(response, Answers.Write);
        decisions.Remember(
            fingerprint, new Decision(client, token, userName, request.Issuer, basis, answer), request.SecretsChangeAt);
    }

    private sealed record Decision(Client Client, KnownToken Token, string? UserName, string Issuer, object Keys, byte[] Answer);
}
