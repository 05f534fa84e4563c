using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Storage;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>authorization_code, RFC 6749 section 4.1.3: a session for a code that its client shows with its redirect address and verifier.
/// </summary>
internal sealed partial class AuthorizationCodeGrant(
    CodeSignIn codes, AccessTokenIssuer issuer, ILogger<AuthorizationCodeGrant> logger) : GrantHandler(KnownGrants.AuthorizationCode)
{
    protected override async ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request)
    {
        var code = request.Shown!;
        // Nothing is used up by that, whoever comes with it.
        if (code.Content.KeyThumbprint is { } key && key != request.KeyThumbprint)
        {
            context.Refuse(OAuthError.InvalidGrant("the authorization code is bound to a key, of which there is no proof"));
            return;
        }
        if (!code.IsUsed && !issuer.Fits(code.Client, code.Content.Scopes, request.Issuer, request.KeyThumbprint))
        {
            context.Refuse(OAuthError.TooManyScopes());
            return;
        }
        switch (await codes.ExchangeAsync(code, request.Address, request.RefreshedBy))
        {
            case CodeResult.Begun({ Session: var session, RefreshToken: var refreshToken }):
                new Grant(session, session.Scopes, refreshToken) { Nonce = code.Content.Nonce }.Answer(context);
                return;
            case CodeResult.Used({ } sessionId):
                Log.Reused(logger, TimeOrderedId.ToText(sessionId));
                request.IsRecorded = true;
                break;
        }
        context.Refuse(OAuthError.InvalidGrant("the authorization code is invalid or expired"));
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "An authorization code was used again; session {Session} has ended")]
        public static partial void Reused(ILogger logger, string session);
    }
}
