namespace InstallLifecycle.Tokens;

/// <summary>What a precheck or install token says.</summary>
internal sealed record InstallToken
{
    /// <summary>The row of the code.</summary>
    public required long CodeId { get; init; }

    /// <summary>Which binding of the code to a machine it belongs to.</summary>
    public required int Binding { get; init; }

    /// <summary>The machine id for a precheck token, the activation id for an install token.</summary>
    public required string Subject { get; init; }

    /// <summary>What a precheck token's machine has to sign with its host key; null where it sent none.</summary>
    public string? Challenge { get; init; }
    public required string JwtId { get; init; }

    /// <summary>Unix seconds, as the next.</summary>
    public required long IssuedAt { get; init; }
    public required long ExpiresAt { get; init; }
}

/// <summary>What a text was found to be: a token of the kind that was due, one that was good but for its age, or neither.</summary>
internal readonly record struct ReadToken(InstallToken? Token, bool HasExpired)
{
    public static readonly ReadToken Invalid;
}
