using TokenServer.Storage;

namespace TokenServer.Tokens.Dpop;

/// <summary>The proofs that were used (RFC 9449 section 11.1): whoever comes first with one has it, on all replicas together, and also
/// after a crash.</summary>
internal interface IUsedProofs
{
    /// <summary>Uses a proof up; false where it was used before.</summary>
    /// <exception cref="StorageUnavailableException">That is not known.</exception>
    ValueTask<bool> UseAsync(ProofResult.Proven proof);

    /// <summary>Where it is not known what was used before a moment, that moment, UTC, for as long as what was made before may be shown:
    /// till then a proof has to have a nonce that was given after it. Null, as a rule.</summary>
    /// <exception cref="StorageUnavailableException">Nothing is known.</exception>
    DateTime? UnknownBefore { get; }
}

/// <summary>Where several processes serve from one database: a row of each proof.</summary>
internal sealed class StoredProofs(UsedIds used) : IUsedProofs
{
    public DateTime? UnknownBefore => null;

    public ValueTask<bool> UseAsync(ProofResult.Proven proof) => new(used.UseAsync("dpop", proof.Thumbprint, proof.Id, proof.Until));
}
