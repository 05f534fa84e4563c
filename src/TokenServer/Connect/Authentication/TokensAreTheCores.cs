using System.Security.Claims;
using OpenIddict.Server;
using TokenServer.Clients;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authentication;

/// <summary>
/// ProcessAuthentication, after OpenIddict has decided what it would check: refresh tokens, and whatever is introspected, revoked or
/// shown at the UserInfo endpoint, are for the core to judge, which knows kinds of tokens that OpenIddict has no name for, and what to
/// say of one that was used before (contract section 1).
/// </summary>
internal sealed class TokensAreTheCores : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    // What OpenIddict asks of a request that was pushed, where a client has to push its own.
    private static readonly ClaimsPrincipal Pushed = new(new ClaimsIdentity(
        [new Claim(Claims.Private.RequestTokenType, "pushed_authorization_request")]));

    public ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        context.ValidateRefreshToken = context.ValidateGenericToken = context.ValidateAccessToken = false;
        // The client comes first: that it sent no token, or one of a grant that is not offered, is said to it alone.
        context.RequireRefreshToken = context.RequireAuthorizationCode = context.RequireDeviceCode = context.RequireSubjectToken = false;
        // Stored requests, codes and hints are read by Authorize/KnowClient, Authorize/MayAsk and Token/ReadCode.
        if (context.EndpointType is OpenIddictServerEndpointType.Authorization or OpenIddictServerEndpointType.PushedAuthorization)
        {
            context.ExtractRequestToken = context.ValidateRequestToken = false;
            context.ExtractIdentityToken = context.ValidateIdentityToken = false;
            if (ConnectRequest.Of(context).Asked?.IsPushed == true) context.RequestTokenPrincipal = Pushed;
        }
        context.ValidateAuthorizationCode = context.ValidateDeviceCode = context.ValidateSubjectToken = context.ValidateActorToken = false;
        return default;
    }
}

/// <summary>Whether the request is no refresh and no poll of a device, whose tokens the core judges.</summary>
internal sealed class UnlessRefresh : IOpenIddictServerHandlerFilter<ValidateTokenRequestContext>
{
    public ValueTask<bool> IsActiveAsync(ValidateTokenRequestContext context) =>
        new(context.Request.GrantType is not (KnownGrants.RefreshToken or KnownGrants.DeviceCode));
}
