namespace TokenServer.Storage.Rows;

/// <summary>An e-mail address that the owner of an account wants for it, and that nobody has proven yet; one an account.</summary>
internal sealed class EmailChangeRow
{
    public long Id { get; set; }
    public int AccountId { get; set; }
    public required string Email { get; set; }
    public DateTime AskedAt { get; set; }
}
