using OpenIddict.Abstractions;
using TokenServer.Clients;
using TokenServer.Connect.Authentication;
using TokenServer.Connect.Requests;
using TokenServer.Foundation;
using TokenServer.RateLimits;
using TokenServer.Storage;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Connect.Events;

/// <summary>Who may read the feed of revocations: who may introspect, authenticated as there (contract section 1), by a request that
/// OpenIddict does not know.</summary>
internal sealed class ReaderAuthentication(ClientRegistry clients, ClientSecrets secrets, ClientAssertions assertions,
    ClientFailures failures, Issuer issuer, ChangeFeed changes)
{
    private const string TokenPath = "/connect/token";

    /// <summary>The client and what it proved itself with, or the answer to give.</summary>
    /// <param name="http">The request.</param>
    /// <param name="shown">What its body shows beside the header.</param>
    public async Task<(Client? Client, ClientProof? Proof, OAuthError? Refusal)> AuthenticateAsync(
        HttpContext http, OpenIddictRequest shown)
    {
        var (count, header) = BasicHeader.Find(http.Request.Headers.Authorization);
        if (count > 1 || count == 1 && BasicHeader.Read(header!) is null) 
            return Refused(await RefuseAsync(http, shown, usedBasic: true));
        if (count == 1)
        {
            var (id, secret) = BasicHeader.Read(header!)!.Value;
            if (shown.ClientSecret is not null || shown.ClientAssertion is not null || shown.ClientAssertionType is not null)
                return Refused(OAuthError.InvalidRequest("the client authenticates in two ways at once"));
            if (shown.ClientId is { } named && named != id)
                return Refused(OAuthError.InvalidRequest("client_id differs from the one in the Authorization header"));
            (shown.ClientId, shown.ClientSecret) = (id, secret);
        }
        if (ProblemOf(shown) is { } problem) return Refused(OAuthError.InvalidRequest(problem));
        // The body may have taken minutes to come.
        changes.EnsureFresh();
        var (client, proof, isBusy) = await FindAsync(http, shown, count == 1);
        if (isBusy) return Refused(OAuthError.Unavailable());
        if (proof is null) return Refused(await RefuseAsync(http, shown, count == 1));
        return client!.MayIntrospect ? (client, proof, null) : Refused(NotForIt());
    }

    /// <summary>What a client is answered that is not registered for the feed.</summary>
    public static OAuthError NotForIt() =>
        OAuthError.UnauthorizedClient("the client is not registered to introspect, and so not for the feed of revocations");

    private static (Client?, ClientProof?, OAuthError?) Refused(OAuthError refusal) => (null, null, refusal);

    private static string? ProblemOf(OpenIddictRequest shown) =>
        (shown.ClientAssertion is null) != (shown.ClientAssertionType is null) ? "client_assertion and client_assertion_type go together"
            : shown.ClientAssertion is not null && shown.ClientSecret is not null ? "the client authenticates in two ways at once" : null;

    private async Task<(Client? Client, ClientProof? Proof, bool IsBusy)> FindAsync(
        HttpContext http, OpenIddictRequest shown, bool usedBasic)
    {
        Client? client;
        if (shown.ClientAssertion is { } text)
        {
            var assertion = shown.ClientAssertionType == ClientAssertionTypes.JwtBearer
                ? assertions.Read(text, audience => IsOurs(http, audience)) : null;
            client = assertion is null ? null : clients.Find(assertion.Client.ClientId);
            if (!MayAuthenticate(client) || shown.ClientId is { } named && named != client!.ClientId
                || !assertion!.IsTakenOf(client!)) return default;
            return (client, await assertions.UseAsync(assertion) ? new ClientProof.Signature(assertion.Key) : null, false);
        }
        client = shown.ClientId is { } id ? clients.Find(id) : null;
        if (!MayAuthenticate(client) || shown.ClientSecret is not { } secret || !client!.TakesSecret(usedBasic)) return default;
        var (hash, isBusy) = await secrets.FindAsync(client, secret, ClientAddress.Key(http));
        return (client, hash is null ? null : new ClientProof.Secret(hash, usedBasic), isBusy);
    }

    private static bool MayAuthenticate(Client? client) => client is { IsRevoked: false, IsInternal: false, IsPublic: false };

    private bool IsOurs(HttpContext http, string audience) =>
        audience == issuer.Of(http.Request) || audience == issuer.Address(http.Request, TokenPath);

    private Task<OAuthError> RefuseAsync(HttpContext http, OpenIddictRequest shown, bool usedBasic)
    {
        var client = shown.ClientId is { } id ? clients.Find(id) : null;
        return failures.NoteAsync(http, client,
            ClientFailures.ReasonOf(client, shown.ClientId, shown.ClientSecret, shown.ClientAssertion), usedBasic);
    }
}
