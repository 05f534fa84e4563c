namespace InstallLifecycle.Servers;

/// <summary>The answers of the main stack (contract section 5): flat JSON, times as <c>2026-03-31T12:05:00Z</c>.</summary>
internal sealed record Registered(string ServerId, string ServerToken, long CheckinIntervalSeconds);

/// <summary>A check-in's answer.</summary>
internal sealed record CheckedIn(string Status, string ServerId, long CheckinIntervalSeconds, string ServerTime);

/// <summary>A revocation's answer.</summary>
internal sealed record RevokedServer(string Status, string ServerId);

/// <summary>What a server may know of itself.</summary>
internal sealed record ServerStatus(string ServerId, string Status, string Hostname,
    string PublicIp, string RegisteredAt, string? LastCheckinAt, bool Online);

/// <summary>That this server runs.</summary>
internal sealed record PlainStatus(string Status);

/// <summary>An error: <c>{error:"code"}</c>.</summary>
internal sealed record ServerError(string Error)
{
    public const string InvalidToken = "invalid_token", ServerRevoked = "server_revoked",
        InsufficientScope = "insufficient_scope", Forbidden = "forbidden";

    /// <summary>Writes an error of the catalogue in this face's shape.</summary>
    public static Task WriteAsync(HttpContext context, InstallError error)
    {
        Envelope.SetRetryAfter(context, error);
        return WriteAsync(context, error.Status, error.Code);
    }

    public static Task WriteAsync(HttpContext context, int status, string code)
    {
        // Only a server's own token is in the header; what else is no good was in the body.
        if (status == StatusCodes.Status401Unauthorized)
            BearerToken.Challenge(context, wasShown: code != InvalidToken || BearerToken.Of(context) is not null);
        return Envelope.WriteFlatAsync(context, status, new ServerError(code), InstallJson.Wire.ServerError);
    }
}
