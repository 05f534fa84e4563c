namespace TokenServer.Storage.Rows;

/// <summary>An id (of a token or a session) that is dead before its time, kept until nothing with it could be alive.</summary>
internal sealed class RevocationRow
{
    public long Id { get; set; }
    public long DeadId { get; set; }
    public DateTime ExpiresAt { get; set; }
}
