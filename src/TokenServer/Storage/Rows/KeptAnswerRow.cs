namespace TokenServer.Storage.Rows;

/// <summary>An answer that is kept for a while, or the claim of who is making it.</summary>
internal sealed class KeptAnswerRow
{
    /// <summary>A hash of what was asked, and by whom.</summary>
    public string Id { get; set; } = "";

    /// <summary>The answer, sealed by who made it; null while it is being made.</summary>
    public string? Sealed { get; set; }

    /// <summary>Of whom, and of which kind: there are so many of each at most. Null for a stranger's.</summary>
    public string? Owner { get; set; }
    public DateTime ExpiresAt { get; set; }
}
