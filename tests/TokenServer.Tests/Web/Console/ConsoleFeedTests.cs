using TokenServer.Clients;
using TokenServer.RevocationFeed;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Console;

/// <summary>The console's list of the gateways that read what was revoked.</summary>
public sealed class ConsoleFeedTests
{
    [Fact]
    public async Task The_console_shows_who_reads_and_who_is_behind()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var browser = await server.OpenConsoleAsync();
        (await browser.GetAsync("/admin/feed")).Body.Should().Contain("Nobody reads what was revoked.");
        DateTime now = server.Clock.GetUtcNow().UtcDateTime;
        await server.Get<Database>().WriteAsync(s => s.Execute("""
            INSERT INTO "FeedReaders" ("ApplicationId", "Name", "Way", "CurrentAt", "SeenAt")
            VALUES (@p0, 'gw-1', 'stream', @p1, @p1), (@p0, 'gw-2', 'poll', @p2, @p1), (5, 'gw-3', 'poll', NULL, @p2)
            """, server.Get<ClientRegistry>().Find("web")!.Id, now, now.AddMinutes(-61)));
        string shown = (await browser.GetAsync("/admin/feed")).Body;
        shown.Should().Contain("gw-1").And.Contain("0.01:01:00").And.Contain("never had everything").And.Contain("deleted");
        shown.Should().NotContain("In the last hour");
        for (int i = 1; i <= 200; i++) server.Get<FeedAges>().Told(now.AddMilliseconds(-i));
        (await browser.GetAsync("/admin/feed")).Body.Should().Contain("200 revocations").And.Contain("within 100 ms").And.Contain("within 198 ms").And.Contain("200 ms");
        server.Clock.Advance(TimeSpan.FromMinutes(59));
        server.Get<FeedAges>().Told(now);
        server.Get<FeedAges>().Shown()!.Slowest.Should().Be(TimeSpan.FromMinutes(59));
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        server.Get<FeedAges>().Shown().Should().Be(new FeedAgesShown(1, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(59)));
        shown.IndexOf("gw-3", StringComparison.Ordinal).Should().BeLessThan(shown.IndexOf("gw-2", StringComparison.Ordinal));
        shown.IndexOf("gw-2", StringComparison.Ordinal).Should().BeLessThan(shown.IndexOf("gw-1", StringComparison.Ordinal));
    }
}
