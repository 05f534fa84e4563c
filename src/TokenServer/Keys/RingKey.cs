using TokenServer.Keys.Jose;

namespace TokenServer.Keys;

/// <summary>A key of the ring and when it entered each phase.</summary>
internal sealed record RingKey(SigningKey Key, DateTime CreatedAt, DateTime? ActivatedAt, DateTime? RetiredAt)
{
    public KeyPhase Phase => (ActivatedAt, RetiredAt) switch
    {
        (null, _) => KeyPhase.Announced,
        (_, null) => KeyPhase.Active,
        _ => KeyPhase.Retiring,
    };
}

/// <summary>Announced keys are published and do not sign yet; retiring ones are published and sign no more.</summary>
internal enum KeyPhase { Announced, Active, Retiring }
