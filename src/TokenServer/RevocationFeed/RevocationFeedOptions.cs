using System.ComponentModel.DataAnnotations;

namespace TokenServer.RevocationFeed;

/// <summary>Settings <c>RevocationFeed</c> (docs/operations.md).</summary>
internal sealed class RevocationFeedOptions
{
    /// <summary>Streams and held polls that may be open at once on one replica.</summary>
    [Range(1, 100_000)]
    public int Listeners { get; set; } = 1000;

    /// <summary>Those of one client.</summary>
    [Range(1, 100_000)]
    public int ListenersPerClient { get; set; } = 100;

    /// <summary>How often a stream says that nothing is missing; who reads it cannot know sooner that it was cut off.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a poll that finds nothing is held (RFC 8936 section 2.4).</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan LongestPoll { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stream's reader may take to take what it was sent; then it is cut off, and goes on by its cursor.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan SlowestReader { get; set; } = TimeSpan.FromSeconds(10);
}
