using TokenServer.Foundation;

namespace TokenServer.RevocationFeed;

/// <summary>What was revoked, told to gateways that check tokens by themselves (docs/decisions/0037).</summary>
internal static class RevocationFeedModule
{
    public static IServiceCollection AddRevocationFeed(this IServiceCollection services) =>
        services.AddSettings<RevocationFeedOptions>("RevocationFeed")
            .AddSingleton<FeedRows>().AddSingleton<FeedTail>().AddSingleton<FeedCursors>().AddSingleton<FeedKeys>()
            .AddSingleton<EventTokens>().AddSingleton<FeedAges>().AddSingleton<FeedReaders>().AddSingleton<FeedPositions>()
            .AddSingleton<FeedReaderList>().AddSingleton<FeedListeners>()
            .AddHostedService<FeedGauges>();
}
