namespace TokenServer.Storage.Rows;

/// <summary>A row of OpenIddictAuthorizations: a session.</summary>
internal sealed class AuthorizationRow
{
    public long Id { get; set; }
    public long? ApplicationId { get; set; }
    public string? ConcurrencyToken { get; set; }
    public DateTime? CreationDate { get; set; }
    public string? Properties { get; set; }
    public string? Scopes { get; set; }
    public string? Status { get; set; }
    public string? Subject { get; set; }
    public string? Type { get; set; }
}
