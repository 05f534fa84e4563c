using TokenServer.Audit;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Pins;

/// <summary>Port: where the PIN tokens are that were given out, as hashes.</summary>
internal interface IKeptPinTokens
{
    Task AddAsync(ReferenceToken token, PinToken issued);

    /// <summary>What is known of <paramref name="token"/>; null where it was never given out, or is dead.</summary>
    PinToken? Find(ReferenceToken token);

    /// <summary>Ends <paramref name="token"/> and says so in the audit trail; false where another request did.</summary>
    Task<bool> EndAsync(ReferenceToken token, AuditEvent happened);
}

/// <summary>A PIN token that was given out.</summary>
/// <param name="At">When.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Pin">A hash of what the PIN's file held.</param>
internal sealed record PinToken(DateTimeOffset At, DateTimeOffset ExpiresAt, string Pin);
