using TokenServer.Clients;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>client_credentials, RFC 6749 section 4.4: an access token of the client's own; no table is touched.</summary>
internal sealed class ClientCredentialsGrant() : GrantHandler("client_credentials")
{
    protected override ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request)
    {
        var scopes = ScopesOf(context, request);
        if (scopes.Contains(ScopeSet.OpenId) || scopes.Contains(ScopeSet.OfflineAccess))
            context.Refuse(OAuthError.InvalidScope("openid and offline_access are for users"));
        else new Grant(null, scopes, null).Answer(context);
        return default;
    }
}
