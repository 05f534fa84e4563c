using OpenIddict.Server;
using TokenServer.Clients;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token;

/// <summary>
/// ValidateTokenRequest, in place of OpenIddict's permissions of grants and scopes, whose errors are others: whether the client may use
/// the grant, whether it comes too often, whether it may ask for these scopes (contract section 1).
/// </summary>
internal sealed class ClientMay(ClientScopes scopes, TokenRateLimits limits) : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        var client = request.Client!;
        string grantType = context.Request.GrantType!;
        if (!client.GrantTypes.Contains(grantType)) context.Refuse(OAuthError.UnauthorizedClient("the client may not use this grant type"));
        else if (await limits.TakeAsync(request.Http, grantType) is { } wait) context.Refuse(OAuthError.SlowDown(wait));
        else if (!scopes.Allow(client, context.Request.Scope)) context.Refuse(OAuthError.InvalidScope());
    }
}
