using TokenServer.Accounts;
using TokenServer.Clients;

namespace TokenServer.Connect.Token.Grants;

/// <summary>urn:tokenserver:grant-type:two_factor, contract section 1: the temp token of a password grant and a code make a session.</summary>
internal sealed class TwoFactorGrant(SignIn signIn, SignInAnswers answers) : IGrant
{
    public string Type => SessionRequest.SecondFactorGrant;
    public GrantRules Rules { get; } = new(AllowsPublicClient: true, CountsAsPassword: true);

    public async Task<GrantResult> AuthorizeAsync(TokenRequest request)
    {
        if (request["temp_token"] is not { } tempToken) return OAuthError.InvalidRequest("temp_token is missing");
        if (request["code"] is not { Length: <= 100 } code) return OAuthError.InvalidRequest("code is missing or too long");
        return answers.Translate(await signIn.WithCodeAsync(tempToken, code, request.Client, refreshable: null, request.Caller));
    }
}
