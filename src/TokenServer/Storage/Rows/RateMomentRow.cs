namespace TokenServer.Storage.Rows;

/// <summary>A request that counts against a limit.</summary>
internal sealed class RateMomentRow
{
    public long Id { get; set; }

    /// <summary>A hash of the limit's name and the key.</summary>
    public long Bucket { get; set; }
    public DateTime CountsUntil { get; set; }
}
