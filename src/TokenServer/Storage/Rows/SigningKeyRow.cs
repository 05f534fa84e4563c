namespace TokenServer.Storage.Rows;

/// <summary>A signing key; <c>Sealed</c> is its PKCS #8 under Data Protection.</summary>
internal sealed class SigningKeyRow
{
    public required string KeyId { get; set; }
    public required string Algorithm { get; set; }
    public required string Sealed { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? ActivatedAt { get; set; }
    public DateTime? RetiredAt { get; set; }
}
