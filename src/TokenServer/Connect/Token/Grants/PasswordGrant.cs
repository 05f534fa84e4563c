using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Protection;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>
/// password, RFC 6749 section 4.3: for first-party clients that list it (RFC 9700 section 2.4 says why no other should have it).
/// </summary>
internal sealed class PasswordGrant(SignIn signIn, SignInAnswers answers, AccessTokenIssuer tokens) : GrantHandler("password")
{
    protected override async ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request)
    {
        var (login, password, scopes) = (context.Request.Username!, context.Request.Password!, ScopesOf(context, request));
        if (password.Length > PasswordHashing.LongestPassword)
        {
            context.Refuse(OAuthError.InvalidRequest("password is longer than 1,000 characters"));
            return;
        }
        if (!tokens.Fits(request.Client!, scopes, request.Issuer, request.KeyThumbprint))
        {
            context.Refuse(OAuthError.TooManyScopes());
            return;
        }
        var wanted = new SessionRequest(request.Client!, scopes, scopes.Contains(ScopeSet.OfflineAccess), request.Caller);
        answers.Answer(context, await signIn.WithPasswordAsync(login, password, wanted));
    }
}
