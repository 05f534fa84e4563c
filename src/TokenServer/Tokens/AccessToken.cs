namespace TokenServer.Tokens;

/// <summary>What an access token says (RFC 9068 section 2.2).</summary>
internal sealed record AccessToken
{
    /// <summary><c>jti</c> as the server keeps it.</summary>
    public required long Id { get; init; }
    public string? Issuer { get; init; }
    public required string Subject { get; init; }
    public required string[] Audiences { get; init; }
    public required string ClientId { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long IssuedAt { get; init; }

    /// <summary>Unix seconds; no token of ours says it.</summary>
    public long? NotBefore { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long ExpiresAt { get; init; }
    public required string Scope { get; init; }

    /// <summary><c>sid</c>; null where no user signed in.</summary>
    public long? SessionId { get; init; }

    /// <summary>Unix seconds; null where no user signed in.</summary>
    public long? AuthTime { get; init; }
    public string? Role { get; init; }
}
