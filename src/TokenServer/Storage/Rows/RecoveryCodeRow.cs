namespace TokenServer.Storage.Rows;

/// <summary>One recovery code of an account, as its SHA-256; the row goes when the code is used.</summary>
internal sealed class RecoveryCodeRow
{
    public int AccountId { get; set; }
    public required string Hash { get; set; }
}
