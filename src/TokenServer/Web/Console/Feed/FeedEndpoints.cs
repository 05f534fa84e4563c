using TokenServer.RevocationFeed;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Feed;

/// <summary>/admin/feed: who reads the feed of what was revoked, and how far behind each is.</summary>
internal static class FeedEndpoints
{
    public const string Path = WebModule.Console + "/feed";

    public static void Map(RouteGroupBuilder pages) => pages.MapGet("/feed", IResult (
        FeedReaderList readers, FeedAges ages, TimeProvider clock) =>
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var lines = readers.List().Select(r => new FeedLine(r, now));
        return new Page<GatewaysPage>(new FeedShown([.. lines], readers.CountEntries(), ages.Shown()));
    });
}

/// <summary>What the page shows.</summary>
internal sealed record FeedShown(IReadOnlyList<FeedLine> Readers, long Entries, FeedAgesShown? Ages);

/// <summary>A reader as it was when somebody looked.</summary>
internal sealed record FeedLine(FeedReading Reading, DateTime Now)
{
    // Readers are written down four times a minute.
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    /// <summary>Whether it has not had everything for longer than it may take to be written down.</summary>
    public bool IsLate => Reading.CurrentAt is not { } at || Now - at > Late;
}
