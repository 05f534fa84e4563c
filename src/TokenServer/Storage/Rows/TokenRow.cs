namespace TokenServer.Storage.Rows;

/// <summary>A row of OpenIddictTokens: a refresh token, an opaque access token or a temp token. <c>ReferenceId</c> is the id's text, <c>Payload</c> the secret's SHA-256.</summary>
internal sealed class TokenRow
{
    public long Id { get; set; }
    public long? ApplicationId { get; set; }
    public long? AuthorizationId { get; set; }
    public string? ConcurrencyToken { get; set; }
    public DateTime? CreationDate { get; set; }
    public DateTime? ExpirationDate { get; set; }
    public string? Payload { get; set; }
    public string? Properties { get; set; }
    public DateTime? RedemptionDate { get; set; }
    public string? ReferenceId { get; set; }
    public string? Status { get; set; }
    public string? Subject { get; set; }
    public string? Type { get; set; }
}
