using TokenServer.Accounts;
using TokenServer.Clients;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>
/// urn:tokenserver:grant-type:two_factor, contract section 1: the temp token of a password grant and a code make a session.
/// </summary>
internal sealed class TwoFactorGrant(SignIn signIn, SignInAnswers answers) : GrantHandler(SessionRequest.SecondFactorGrant)
{
    protected override async ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request)
    {
        if ((string?)context.Request["temp_token"] is not { } tempToken) context.Refuse(OAuthError.InvalidRequest("temp_token is missing"));
        else if (context.Request.Code is not { Length: <= 100 } code)
            context.Refuse(OAuthError.InvalidRequest("code is missing or too long"));
        else answers.Answer(context, await signIn.WithCodeAsync(tempToken, code, request.Client!, refreshable: null, request.Caller));
    }
}
