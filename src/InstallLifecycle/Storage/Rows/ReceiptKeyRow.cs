namespace InstallLifecycle.Storage.Rows;

/// <summary>The public part of a key that has signed receipts; it stays for good, so that they can be checked whenever.</summary>
internal sealed class ReceiptKeyRow
{
    public required string KeyId { get; set; }

    /// <summary>The key as a JWK (RFC 7517).</summary>
    public required string Jwk { get; set; }
    public DateTime CreatedAt { get; set; }

    /// <summary>When it was given up because its private part had leaked; null for all others.</summary>
    public DateTime? RevokedAt { get; set; }
}
