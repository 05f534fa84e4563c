using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Console;

/// <summary>The console's list of the clients that are still to be told of a logout.</summary>
public sealed class ConsoleLogoutTests
{
    [Fact]
    public async Task The_console_shows_what_waits_and_what_failed()
    {
        await using var server = await ConsoleVisits.StartAsync();
        await server.Get<Database>().WriteAsync(s => s.Execute("""
            INSERT INTO "LogoutDeliveries" ("ApplicationId", "SessionId", "Subject", "CreatedAt", "NextAttemptAt", "Attempts", "LastError", "GivenUpAt")
            VALUES (@p0, 5, '1', @p1, @p1, 3, 'the receiver answered 500', NULL), (@p0, 6, '1', @p1, NULL, 20, 'the name is not known', @p1)
            """, server.Get<ClientRegistry>().Find("web")!.Id, server.Clock.GetUtcNow().UtcDateTime.AddDays(2)));
        using var browser = await server.OpenConsoleAsync();
        string all = (await browser.GetAsync("/admin/logouts")).Body;
        all.Should().Contain("1 waits, 1 failed.").And.Contain("the receiver answered 500").And.Contain("the name is not known");
        (await browser.GetAsync("/admin/logouts?client=web&status=failed")).Body.Should()
            .Contain("the name is not known").And.NotContain("the receiver answered 500");
        (await browser.GetAsync("/admin/logouts?client=nobody")).Body.Should().Contain("There is nothing to tell.");
        (await browser.GetAsync("/admin/logouts?status=odd")).Status.Should().Be(400);
    }
}
