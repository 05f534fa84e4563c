using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Protection;

namespace TokenServer.Connect.Token.Grants;

/// <summary>password, RFC 6749 section 4.3: for first-party clients that list it (RFC 9700 section 2.4 says why no other should have it).</summary>
internal sealed class PasswordGrant(SignIn signIn, SignInAnswers answers) : IGrant
{
    public string Type => "password";
    public GrantRules Rules { get; } = new(AllowsPublicClient: true, CountsAsPassword: true);

    public async Task<GrantResult> AuthorizeAsync(TokenRequest request)
    {
        if (request["username"] is not { } username) return OAuthError.InvalidRequest("username is missing");
        if (request["password"] is not { } password) return OAuthError.InvalidRequest("password is missing");
        if (password.Length > PasswordHashing.LongestPassword) return OAuthError.InvalidRequest("password is longer than 1,000 characters");
        var wanted = new SessionRequest(request.Client, request.Scopes, request.Scopes.Contains(ScopeSet.OfflineAccess), request.Caller);
        return answers.Translate(await signIn.WithPasswordAsync(username, password, wanted));
    }
}
