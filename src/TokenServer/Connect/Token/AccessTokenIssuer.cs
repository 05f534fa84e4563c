using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Connect.Token;

/// <summary>
/// Makes the access token of a grant: the resources of its scopes as audience, else the issuer; the client's lifetime, else the
/// server's; signed without a write, or opaque with one.
/// </summary>
internal sealed class AccessTokenIssuer(
    AccessTokens signed, OpaqueAccessTokens opaque, ScopeRegistry scopes, TimeOrderedId ids, LifetimesOptions lifetimes)
{
    public async ValueTask<IssuedToken> IssueAsync(Client client, Grant grant, string issuer)
    {
        string[] audiences = scopes.ResourcesOf(grant.Scopes) is { Length: > 0 } resources ? resources : [issuer];
        var lifetime = client.AccessTokenLifetime ?? lifetimes.AccessToken;
        var token = grant.Session is { } session
            ? signed.Describe(session, ids.Next(), issuer, grant.Scopes, audiences, lifetime)
            : signed.Describe(client, ids.Next(), issuer, grant.Scopes, audiences, lifetime);
        return new(client.UsesOpaqueAccessTokens ? await opaque.StoreAsync(token, client) : signed.Sign(token), token);
    }
}

/// <summary>An access token as it goes out, and what it says.</summary>
internal sealed record IssuedToken(string Text, AccessToken Token)
{
    public long ExpiresIn => Token.ExpiresAt - Token.IssuedAt;
}
