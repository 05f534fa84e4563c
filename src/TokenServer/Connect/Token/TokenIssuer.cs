using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Connect.Token;

/// <summary>Turns a grant into tokens: a signed access token without a write, an opaque one with one, an id token where <c>openid</c> is granted.</summary>
internal sealed class TokenIssuer(AccessTokens accessTokens, OpaqueAccessTokens opaqueTokens, IdentityTokens identityTokens, TokenContents contents, Issuer issuer)
{
    public async ValueTask<TokenResponse> IssueAsync(HttpRequest request, Client client, Grant grant)
    {
        string iss = issuer.Of(request);
        var token = contents.Of(client, grant, iss);
        string access = client.UsesOpaqueAccessTokens ? await opaqueTokens.StoreAsync(token, client) : accessTokens.Sign(token);
        string? identity = grant.Session is { } session && grant.Scopes.Contains(ScopeSet.OpenId) ? identityTokens.Sign(session, iss, access) : null;
        return new TokenResponse(access, token.ExpiresAt - token.IssuedAt, token.Scope, grant.RefreshToken, identity);
    }
}

/// <summary>What the access token of a grant says: the resources of its scopes as audience, else the issuer; the client's lifetime, else the server's.</summary>
internal sealed class TokenContents(AccessTokens accessTokens, ScopeRegistry scopes, TimeOrderedId ids, LifetimesOptions lifetimes)
{
    public AccessToken Of(Client client, Grant grant, string iss)
    {
        string[] audiences = scopes.ResourcesOf(grant.Scopes) is { Length: > 0 } resources ? resources : [iss];
        var lifetime = client.AccessTokenLifetime ?? lifetimes.AccessToken;
        return grant.Session is { } session ? accessTokens.Describe(session, ids.Next(), iss, grant.Scopes, audiences, lifetime) : accessTokens.Describe(client, ids.Next(), iss, grant.Scopes, audiences, lifetime);
    }
}
