namespace TokenServer.Storage.Rows;

/// <summary>What may be shown once and was, kept until it would be refused for its age.</summary>
internal sealed class UsedIdRow
{
    /// <summary>A hash of what it is for, whose it is, and what it says.</summary>
    public string Id { get; set; } = "";
    public DateTime ExpiresAt { get; set; }
}
