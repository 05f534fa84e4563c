using TokenServer.Foundation;
using TokenServer.RevocationFeed;

namespace TokenServer.Connect.Events;

/// <summary>What polls and streams of the feed have in common: where a reader goes on, what it finds there, and in which words it is
/// told.</summary>
internal sealed class FeedPlace(FeedTail tail, FeedCursors cursors, FeedReaders readers, EventTokens tokens, Issuer issuer, FeedClock clock)
{
    /// <summary>How long a poll that finds nothing is held.</summary>
    public TimeSpan LongestPoll => clock.Options.LongestPoll;

    /// <summary>The server was told to stop.</summary>
    public CancellationToken Stopping => clock.Lifetime.ApplicationStopping;

    /// <inheritdoc cref="FeedTail.Era"/>
    public long Era => tail.Era;

    /// <summary>Where a reader goes on that shows <paramref name="cursor"/>.</summary>
    public FeedStart Resume(string cursor, FeedReader reader) =>
        cursors.Resume(cursor, reader) is null ? new(FeedCursors.Beginning, true) : new(cursor, false);

    /// <inheritdoc cref="FeedLook.After"/>
    public FeedLook Look(FeedReader reader, long row, int most) => FeedLook.After(tail, reader, row, most, clock.Now);

    /// <inheritdoc cref="FeedReaders.Seen"/>
    public void Seen(FeedReader reader, string way, bool isCurrent) => readers.Seen(reader, way, isCurrent);

    /// <inheritdoc cref="EventTokens.Make"/>
    public string Write(FeedEntry entry, FeedReader reader, HttpRequest request) => tokens.Make(entry, reader, issuer.Of(request));
}

/// <summary>Where a reader goes on.</summary>
/// <param name="Cursor">After what.</param>
/// <param name="IsAnew">Whether that is the beginning, since what it showed is not known any more.</param>
internal readonly record struct FeedStart(string Cursor, bool IsAnew);

/// <summary>The times of the feed: its settings, now, and the end of the server.</summary>
internal sealed class FeedClock(RevocationFeedOptions options, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    public RevocationFeedOptions Options => options;
    public IHostApplicationLifetime Lifetime => lifetime;
    public DateTime Now => clock.GetUtcNow().UtcDateTime;
}
