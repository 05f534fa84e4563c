namespace TokenServer.Storage.Rows;

/// <summary>The seal of the audit trail, where replicas share the database; there is one.</summary>
internal sealed class AuditSealRow
{
    public int Id { get; set; }
    public required string Sealed { get; set; }
}
