using System.Text.Json.Serialization;

namespace InstallLifecycle.Servers;

/// <summary>The answers of the main stack (contract section 5): flat JSON, times as <c>2026-03-31T12:05:00Z</c>.</summary>
internal sealed record Registered(string ServerId, string ServerToken, long CheckinIntervalSeconds)
{
    /// <summary>What the first check-in brings; null for a server without a ratchet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CheckinKey { get; init; }
}

/// <summary>A check-in's answer.</summary>
internal sealed record CheckedIn(string Status, string ServerId, long CheckinIntervalSeconds, string ServerTime)
{
    /// <summary>What the next check-in brings; null for a server without a ratchet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CheckinKey { get; init; }
}

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
    /// <summary>What a server, or who says that it is one, is refused with.</summary>
    public static readonly InstallError InvalidToken = new("invalid_token", 401, "The server token is not valid."),
        ServerRevoked = new("server_revoked", 401, "The server has been revoked."),
        ReceiptInvalid = new("receipt_invalid", 401, "The receipt is not this server's."),
        InsufficientScope = new("insufficient_scope", 403, "The access token may not administer."),
        Forbidden = new("forbidden", 403, "The server token is another server's."),
        CloneSuspected = new("clone_suspected", 409, "There may be two of this server; an administrator has to say which goes on."),
        RekeyNotAllowed = new("rekey_not_allowed", 409, "No administrator has let this server register anew.");

    /// <summary>Writes an error of the catalogue in this face's shape.</summary>
    public static Task WriteAsync(HttpContext context, InstallError error)
    {
        Envelope.SetRetryAfter(context, error);
        // Only a server's own token is in the header; what else is no good was in the body.
        if (error.Status == StatusCodes.Status401Unauthorized)
            BearerToken.Challenge(context, wasShown: error != InvalidToken || BearerToken.Of(context) is not null);
        return Envelope.WriteFlatAsync(context, error.Status, new ServerError(error.Code), InstallJson.Wire.ServerError);
    }
}
