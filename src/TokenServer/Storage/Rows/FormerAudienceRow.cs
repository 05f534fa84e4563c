namespace TokenServer.Storage.Rows;

/// <summary>What a scope or a client listed and does not list any more, kept while a token could be alive that says so.</summary>
internal sealed class FormerAudienceRow
{
    public long Id { get; set; }

    /// <summary>A scope's resources or a client's permissions; JSON.</summary>
    public required string Listed { get; set; }
    public DateTime Until { get; set; }
}
