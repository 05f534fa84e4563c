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

    /// <summary><c>act</c> as JSON; null where nobody is named.</summary>
    public string? Actor { get; init; }

    /// <summary>The thumbprint of the key that it is bound to (RFC 9449): it is good only with a proof of that; null where it is bound to
    /// none.</summary>
    public string? KeyThumbprint { get; init; }

    /// <summary>What it was exchanged for; null where it was not. An exchanged token stands for nobody at this server itself, and dies
    /// alone where it is revoked.</summary>
    public ExchangedFor? Exchanged { get; init; }

    /// <summary>The access token that it is, where a signature vouches for it and no row.</summary>
    public AccessToken? Signed { get; init; }

    /// <summary>From where it was used before, of a token of which that is kept.</summary>
    public string? LastAddress { get; init; }

    /// <summary>The account's user name, where it is known without asking.</summary>
    public string? UserName { get; init; }
}
