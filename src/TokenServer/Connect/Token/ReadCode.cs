using System.Security.Claims;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Sessions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token;

/// <summary>
/// ValidateTokenRequest, after OpenIddict has seen that there is a code: what the code's row says, as claims from which OpenIddict judges
/// client, redirect address and verifier (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
/// </summary>
internal sealed class ReadCode(AuthorizationCodes codes) : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.GrantType != GrantTypes.AuthorizationCode) return default;
        if (codes.Find(context.Request.Code!) is not { } code)
            context.Refuse(OAuthError.InvalidGrant("the authorization code is invalid or expired"));
        else if (context.Request.CodeVerifier is { } verifier && !IsVerifier(verifier))
            context.Refuse(OAuthError.InvalidGrant("code_verifier is not 43 to 128 characters of A-Z, a-z, 0-9 and -._~"));
        else
        {
            ConnectRequest.Of(context).Shown = code;
            context.AuthorizationCodePrincipal = Principal(code);
        }
        return default;
    }

    private static ClaimsPrincipal Principal(StoredCode code)
    {
        var identity = new ClaimsIdentity();
        identity.AddClaim(new Claim(Claims.Private.Presenter, code.Client.ClientId));
        identity.AddClaim(new Claim(Claims.Private.RedirectUri, code.Content.RedirectUri));
        if (code.Content.CodeChallenge is { } challenge)
        {
            identity.AddClaim(new Claim(Claims.Private.CodeChallenge, challenge));
            identity.AddClaim(new Claim(Claims.Private.CodeChallengeMethod, CodeChallengeMethods.Sha256));
        }
        return new(identity);
    }

    private static bool IsVerifier(string text)
    {
        if (text.Length is < 43 or > 128) return false;
        foreach (char c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_' or '~')) return false;
        return true;
    }
}
