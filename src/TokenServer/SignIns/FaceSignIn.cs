using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.RateLimits;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.SignIns;

/// <summary>Signing in by the three account faces, which are one first-party client: they differ in words and lifetimes only.</summary>
internal sealed class FaceSignIn(SignIn signIn, RefreshTokens refreshTokens,
    FirstPartyClient firstParty, AccessTokens accessTokens, TimeOrderedId ids, Issuer issuer)
{
    private static readonly string[] Audiences = [FirstPartyClient.Audience];

    public Task<SignInResult> WithPasswordAsync(HttpContext context, string login, string password, bool refreshable) =>
        signIn.WithPasswordAsync(login, password, new SessionRequest(firstParty.Client, firstParty.Scopes, refreshable, Caller(context)));

    public Task<SignInResult> WithCodeAsync(HttpContext context, string tempToken, string code, bool refreshable) =>
        signIn.WithCodeAsync(tempToken, code, firstParty.Client, refreshable, Caller(context));

    /// <summary>Whose sign-in a request is.</summary>
    public static SignInCaller Caller(HttpContext context) =>
        new(ClientAddress.Of(context), FaceNames.Of(context.Request.Path), BrowserWords.Of(context.Request));

    /// <summary>The session and the next refresh token; null where the one shown is no good.</summary>
    public async Task<Rotation.Next?> RefreshAsync(HttpContext context, string refreshToken) =>
        await refreshTokens.RotateAsync(refreshToken, firstParty.Client, null, ClientAddress.Of(context)) as Rotation.Next;

    /// <summary>An access token of <paramref name="session"/>.</summary>
    public string AccessToken(HttpContext context, Session session, TimeSpan lifetime) =>
        accessTokens.Sign(accessTokens.Describe(session, ids.Next(), issuer.Of(context.Request), session.Scopes, Audiences, lifetime));
}
