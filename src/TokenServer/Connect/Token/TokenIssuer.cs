using TokenServer.Clients;
using TokenServer.Hosting;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Connect.Token;

/// <summary>Turns a grant into tokens: a signed access token without a write, an opaque one with one, an id token where <c>openid</c> is granted.</summary>
internal sealed class TokenIssuer(AccessTokens accessTokens, OpaqueAccessTokens opaqueTokens, IdentityTokens identityTokens, ScopeRegistry scopes, TimeOrderedId ids, TokenIssuance issuance)
{
    public async ValueTask<TokenResponse> IssueAsync(HttpRequest request, Client client, Grant grant)
    {
        string iss = issuance.Issuer.Of(request);
        long now = issuance.Now, lifetime = (long)(client.AccessTokenLifetime ?? issuance.Lifetimes.AccessToken).TotalSeconds;
        string[] resources = scopes.ResourcesOf(grant.Scopes);
        var token = new AccessToken
        {
            Id = ids.Next(), Issuer = iss, ClientId = client.ClientId, Scope = grant.Scopes.ToString(), IssuedAt = now, ExpiresAt = now + lifetime,
            Subject = grant.Session is { } s ? s.AccountId.ToString() : client.ClientId, Audiences = resources.Length > 0 ? resources : [iss],
            SessionId = grant.Session?.Id, Role = grant.Session?.Role, AuthTime = grant.Session is { } session ? new DateTimeOffset(session.AuthTime).ToUnixTimeSeconds() : null,
        };
        string access = client.UsesOpaqueAccessTokens ? await opaqueTokens.StoreAsync(token, client) : accessTokens.Sign(token);
        string? identity = grant.Session is { } signedIn && grant.Scopes.Contains(ScopeSet.OpenId) ? identityTokens.Sign(signedIn, iss, access) : null;
        return new TokenResponse(access, lifetime, token.Scope, grant.RefreshToken, identity);
    }
}

/// <summary>What every issued token goes by.</summary>
internal sealed class TokenIssuance(Issuer issuer, LifetimesOptions lifetimes, TimeProvider clock)
{
    public Issuer Issuer => issuer;
    public LifetimesOptions Lifetimes => lifetimes;
    public long Now => clock.GetUtcNow().ToUnixTimeSeconds();
}
