using TokenServer.Clients;

namespace TokenServer.Connect.Token.Grants;

/// <summary>client_credentials, RFC 6749 section 4.4: an access token of the client's own; no table is touched.</summary>
internal sealed class ClientCredentialsGrant : IGrant
{
    public string Type => "client_credentials";
    public GrantRules Rules { get; } = new(AllowsPublicClient: false, CountsAsPassword: false);

    public Task<GrantResult> AuthorizeAsync(TokenRequest request)
    {
        GrantResult result = request.Scopes.Contains(ScopeSet.OpenId) || request.Scopes.Contains(ScopeSet.OfflineAccess)
            ? OAuthError.InvalidScope("openid and offline_access are for users")
            : new Grant(null, request.Scopes, null);
        return Task.FromResult(result);
    }
}
