using TokenServer.Sessions;
using TokenServer.Tokens;

namespace TokenServer.Connect.Token.Grants;

/// <summary>refresh_token, RFC 6749 section 6: the token rotates; reuse ends the session.</summary>
internal sealed partial class RefreshTokenGrant(RefreshTokens tokens, ILogger<RefreshTokenGrant> logger) : IGrant
{
    public string Type => "refresh_token";
    public GrantRules Rules { get; } = new(AllowsPublicClient: true, CountsAsPassword: false);

    public async Task<GrantResult> AuthorizeAsync(TokenRequest request)
    {
        if (request["refresh_token"] is not { } value) return OAuthError.InvalidRequest("refresh_token is missing");
        switch (await tokens.RotateAsync(value, request.Client, request.Requested, request.Address))
        {
            case Rotation.Next(var session, var successor): return new Grant(session, request.Requested ?? session.Scopes, successor);
            case Rotation.TooWide: return OAuthError.InvalidScope("a scope was not granted to this session");
            case Rotation.Reused(var sessionId): Log.Reused(logger, Storage.TimeOrderedId.ToText(sessionId)); break;
        }
        return OAuthError.InvalidGrant("the refresh token is invalid, expired or revoked");
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "A refresh token was used again; session {Session} has ended")]
        public static partial void Reused(ILogger logger, string session);
    }
}
