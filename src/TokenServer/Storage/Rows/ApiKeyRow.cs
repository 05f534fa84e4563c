namespace TokenServer.Storage.Rows;

/// <summary>An API key of an account, as the SHA-256 of its text.</summary>
internal sealed class ApiKeyRow
{
    public long Id { get; set; }
    public int AccountId { get; set; }
    public required string Name { get; set; }
    public required string Hash { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? LastUsedAt { get; set; }

    /// <summary>What it is for; null for everything.</summary>
    public string? Scope { get; set; }

    /// <summary>From when on it is refused; null for one without an end.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>The address from where it was used at a face.</summary>
    public string? LastAddress { get; set; }
}
