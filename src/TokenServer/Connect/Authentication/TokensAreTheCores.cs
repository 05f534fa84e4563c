using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Authentication;

/// <summary>
/// ProcessAuthentication, after OpenIddict has decided what it would check: refresh tokens, and whatever is introspected, revoked or
/// shown at the UserInfo endpoint, are for the core to judge, which knows kinds of tokens that OpenIddict has no name for, and what to
/// say of one that was used before (contract section 1).
/// </summary>
internal sealed class TokensAreTheCores : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    public ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        context.ValidateRefreshToken = context.ValidateGenericToken = context.ValidateAccessToken = false;
        // The client comes first: that it sent no token, or one of a grant that is not offered, is said to it alone.
        context.RequireRefreshToken = context.RequireAuthorizationCode = context.RequireDeviceCode = context.RequireSubjectToken = false;
        // Nobody may authenticate by an assertion yet.
        context.ExtractClientAssertion = context.ValidateClientAssertion = false;
        context.ValidateAuthorizationCode = context.ValidateDeviceCode = context.ValidateSubjectToken = context.ValidateActorToken = false;
        return default;
    }
}

/// <summary>Whether the request is no refresh, whose token the core judges.</summary>
internal sealed class UnlessRefresh : IOpenIddictServerHandlerFilter<ValidateTokenRequestContext>
{
    public ValueTask<bool> IsActiveAsync(ValidateTokenRequestContext context) => new(context.Request.GrantType != "refresh_token");
}
