using TokenServer.Storage;

namespace TokenServer.Tokens.Dpop;

/// <summary>The proofs that were used (RFC 9449 section 11.1): whoever comes first with one has it, on all replicas together, and also
/// after a crash.</summary>
internal interface IUsedProofs
{
    /// <summary>Uses a proof up; false where it was used before.</summary>
    /// <exception cref="StorageUnavailableException">That is not known.</exception>
    ValueTask<bool> UseAsync(ProofResult.Proven proof);
}

/// <summary>Where several processes serve from one database: a row of each proof.</summary>
internal sealed class StoredProofs(UsedIds used) : IUsedProofs
{
    public ValueTask<bool> UseAsync(ProofResult.Proven proof) => new(used.UseAsync("dpop", proof.Thumbprint, proof.Id, proof.Until));
}
