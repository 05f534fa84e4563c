namespace TokenServer.Storage.Rows;

/// <summary>A tunnel of an account and the token it connects with: the token's row id and the SHA-256 of its secret.</summary>
internal sealed class TunnelRow
{
    public int Id { get; set; }
    public int AccountId { get; set; }
    public required string Name { get; set; }
    public required string NormalizedName { get; set; }
    public long TokenId { get; set; }
    public required string TokenHash { get; set; }
    public required string TokenHint { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime TokenCreatedAt { get; set; }
    public DateTime? LastUsedAt { get; set; }
}
