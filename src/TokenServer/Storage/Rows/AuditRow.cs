namespace TokenServer.Storage.Rows;

/// <summary>One audit entry: what happened, who did it, to which thing, from where, when.</summary>
internal sealed class AuditRow
{
    public long Id { get; set; }
    public DateTime Time { get; set; }
    public required string Event { get; set; }
    public string? Actor { get; set; }
    public string? Target { get; set; }
    public string? ClientId { get; set; }
    public string? Address { get; set; }
    public string? Detail { get; set; }
}
