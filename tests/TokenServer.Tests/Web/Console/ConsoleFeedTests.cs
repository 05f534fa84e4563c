using TokenServer.Clients;
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
        shown.IndexOf("gw-3", StringComparison.Ordinal).Should().BeLessThan(shown.IndexOf("gw-2", StringComparison.Ordinal));
        shown.IndexOf("gw-2", StringComparison.Ordinal).Should().BeLessThan(shown.IndexOf("gw-1", StringComparison.Ordinal));
    }
}
