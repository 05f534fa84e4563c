namespace TokenServer.Storage.Rows;

/// <summary>A passkey of an account, a credential record of WebAuthn section 4; id and public key (COSE) in base64url.</summary>
internal sealed class PasskeyRow
{
    public long Id { get; set; }
    public int AccountId { get; set; }
    public required string CredentialId { get; set; }
    public required string PublicKey { get; set; }
    public long SignCount { get; set; }
    public required string Name { get; set; }
    public bool IsSynced { get; set; }
    public required string Transports { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? LastUsedAt { get; set; }
}
