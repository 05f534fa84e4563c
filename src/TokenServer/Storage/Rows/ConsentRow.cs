namespace TokenServer.Storage.Rows;

/// <summary>What an account has allowed a client: the scopes, as a JSON list, and when it last did.</summary>
internal sealed class ConsentRow
{
    public int AccountId { get; set; }
    public long ApplicationId { get; set; }
    public required string Scopes { get; set; }
    public DateTime GrantedAt { get; set; }
}
