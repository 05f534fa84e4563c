namespace TokenServer.Storage.Rows;

/// <summary>Who reads the feed of revocations, under the name it gives itself, and how far it has come.</summary>
internal sealed class FeedReaderRow
{
    public long ApplicationId { get; set; }
    public required string Name { get; set; }

    /// <summary>Where one that acknowledges goes on (RFC 8936); null for one that keeps its cursor itself.</summary>
    public string? Acknowledged { get; set; }

    /// <summary><c>stream</c> or <c>poll</c>.</summary>
    public required string Way { get; set; }

    /// <summary>When it last had everything there was; null where it never had.</summary>
    public DateTime? CurrentAt { get; set; }
    public DateTime SeenAt { get; set; }
}
