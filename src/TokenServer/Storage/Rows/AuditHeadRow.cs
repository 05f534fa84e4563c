namespace TokenServer.Storage.Rows;

/// <summary>Where the audit chain begins and ends; one row.</summary>
internal sealed class AuditHeadRow
{
    public int Id { get; set; }
    public long LastId { get; set; }
    public required string LastHash { get; set; }

    /// <summary>The hash of the last entry that was pruned, which the first one kept follows.</summary>
    public required string Origin { get; set; }

    /// <summary>An earlier <c>LastId</c> and <c>LastHash</c>, under Data Protection: whoever can write to the database alone cannot make one.</summary>
    public string? Seal { get; set; }
}
