using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Tokens;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>Says in OAuth's words what became of a sign-in.</summary>
internal sealed class SignInAnswers(LifetimesOptions lifetimes)
{
    public void Answer(HandleTokenRequestContext context, SignInResult result)
    {
        if (result is SignInResult.SignedIn({ Session: var session, RefreshToken: var refreshToken }, _))
            new Grant(session, session.Scopes, refreshToken).Answer(context);
        else
        {
            ConnectRequest.Of(context).IsRecorded = true;
            context.Refuse(Translate(result));
        }
    }

    private OAuthError Translate(SignInResult result) => result switch
    {
        SignInResult.SecondFactorDue(var token) => new OAuthError("mfa_required", "a second factor is required")
        {
            Extra = new Dictionary<string, object> { ["temp_token"] = token, ["expires_in"] = (long)lifetimes.TempToken.TotalSeconds },
        },
        SignInResult.SecondFactorNotPossible =>
            OAuthError.UnauthorizedClient("the account has a second factor, which the client may not ask for"),
        SignInResult.ScopeNotAllowed => OAuthError.InvalidScope(),
        SignInResult.InvalidTempToken => OAuthError.InvalidGrant("the temp token is invalid or expired"),
        SignInResult.InvalidCode => OAuthError.InvalidGrant("the code is wrong"),
        SignInResult.Busy => OAuthError.Unavailable(),
        _ => OAuthError.InvalidGrant("user name or password is wrong"),
    };
}
