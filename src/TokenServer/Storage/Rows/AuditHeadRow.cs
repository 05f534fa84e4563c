namespace TokenServer.Storage.Rows;

/// <summary>Where the audit chain begins and ends; one row.</summary>
internal sealed class AuditHeadRow
{
    public int Id { get; set; }
    public long LastId { get; set; }
    public required string LastHash { get; set; }

    /// <summary>The last entry that was pruned; 0 where none was.</summary>
    public long OriginId { get; set; }

    /// <summary>Its hash, which the first one kept follows.</summary>
    public required string Origin { get; set; }

    /// <summary>Whether there is a seal (<see cref="Audit.AuditSeal"/>).</summary>
    public bool IsSealed { get; set; }
}
