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

    /// <summary><c>act</c> (RFC 8693 section 4.1) as JSON: who acts with it, and before whom; null where nobody is named.</summary>
    public string? Actor { get; init; }

    /// <summary><c>cnf.jkt</c> (RFC 9449 section 6.1): the thumbprint of the key whose holder alone may show it; null where anybody
    /// may.</summary>
    public string? KeyThumbprint { get; init; }

    /// <summary>What it was exchanged for; null where it was not.</summary>
    public ExchangedFor? Exchanged { get; init; }
}

/// <summary>What an exchanged token (RFC 8693) came from, so that it dies with that.</summary>
/// <param name="ClientId">The client that got the first of them, and whose session it is, if it has one.</param>
/// <param name="TokenIds">The ids of all of them, the first one first.</param>
internal sealed record ExchangedFor(string ClientId, long[] TokenIds);
