using TokenServer.Clients;

namespace TokenServer.Tokens;

/// <summary>A token that is good now: what introspection tells of it, and whose it is.</summary>
internal sealed record KnownToken
{
    /// <summary><c>access</c>, <c>refresh</c>, … (contract section 1, the table of introspection).</summary>
    public required string Use { get; init; }

    /// <summary>The id that a revocation of this token alone names, and its <c>jti</c> as text;
    /// null where it is known by its name.</summary>
    public long? Id { get; init; }

    /// <summary>The <c>jti</c> of a token without a number.</summary>
    public string? JwtId { get; init; }

    /// <summary>The client that got it; null for what an account holds by itself.</summary>
    public Client? Client { get; init; }
    public required string Subject { get; init; }
    public required string[] Audiences { get; init; }
    public string? Issuer { get; init; }
    public string? Scope { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long IssuedAt { get; init; }

    /// <summary>Unix seconds; null for a token without an end.</summary>
    public long? ExpiresAt { get; init; }
    public long? SessionId { get; init; }
    public long? AuthTime { get; init; }
    public string? Role { get; init; }

    /// <summary>The access token that it is, where a signature vouches for it and no row.</summary>
    public AccessToken? Signed { get; init; }

    /// <summary>The account's user name, where it is known without asking.</summary>
    public string? UserName { get; init; }
}
