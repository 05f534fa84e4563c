using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>refresh_token, RFC 6749 section 6: the token rotates; reuse ends the session.</summary>
internal sealed partial class RefreshTokenGrant(
    RefreshTokens tokens, AccessTokenIssuer issuer, ILogger<RefreshTokenGrant> logger) : GrantHandler("refresh_token")
{
    protected override async ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request)
    {
        var wanted = ScopeSet.Parse(context.Request.Scope) is { Count: > 0 } named ? named : null;
        switch (await tokens.RotateAsync(context.Request.RefreshToken!, request.Client!, wanted, request.Address,
            request.KeyThumbprint, session => issuer.Fits(session.Client, wanted ?? session.Scopes, request.Issuer, request.KeyThumbprint)))
        {
            case Rotation.Next(var session, var successor):
                new Grant(session, wanted ?? session.Scopes, successor).Answer(context);
                return;
            case Rotation.TooWide:
                context.Refuse(OAuthError.InvalidScope(
                    "a scope was not granted to this session, or there are more than an access token can hold"));
                return;
            case Rotation.WrongKey:
                context.Refuse(OAuthError.InvalidGrant("the refresh token is bound to a key, of which there is no proof"));
                return;
            case Rotation.Reused(var sessionId):
                Log.Reused(logger, TimeOrderedId.ToText(sessionId));
                request.IsRecorded = true;
                break;
        }
        context.Refuse(OAuthError.InvalidGrant("the refresh token is invalid, expired or revoked"));
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "A refresh token was used again; session {Session} has ended")]
        public static partial void Reused(ILogger logger, string session);
    }
}
