using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What an administrator ends, and what the pages say of it then.</summary>
[Collection(ChromiumTests.Name)]
public sealed class EndingFlowTests(Chromium chromium)
{
    [NeedsChromiumFact]
    public async Task A_token_that_was_killed_says_by_whom()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await BeginAsync(server);
        string token = await server.SignInAsync();
        await walk.FillAsync("Paste a token, code or key", token);
        await walk.PressAsync("Explain", "Paste a token");
        await Expect(walk.Page.GetByText("good now", new() { Exact = true })).ToBeVisibleAsync();
        await walk.LookAsync("console-token");
        await walk.PressAsync("Revoke it, with its session", "Paste a token");
        await walk.FillAsync("Paste a token, code or key", token);
        await walk.PressAsync("Explain", "Paste a token");
        await Expect(walk.Page.GetByRole(AriaRole.List, new() { Name = "Why it is not good" })).ToContainTextAsync("by jane");
        await walk.LookAsync("console-token-dead");
    }

    [NeedsChromiumFact]
    public async Task Ticked_sessions_end_and_the_list_is_there_again()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await BeginAsync(server);
        string token = await server.SignInAsync();
        await walk.FollowAsync("Users", "Users");
        await walk.FollowAsync("bob", "bob");
        await walk.FollowAsync("all sessions", "Sessions");
        await walk.Page.GetByRole(AriaRole.Checkbox).First.CheckAsync();
        await walk.LookAsync("console-sessions-ticked");
        await walk.PressAsync("End the ticked ones …", "End a session");
        await walk.PressAsync("End the session", "Sessions");
        (await server.IsActiveAsync(token, "api")).Should().BeFalse();
        new Uri(walk.Page.Url).Query.Should().Contain("user=");
    }

    private async Task<Walk> BeginAsync(RealServer server)
    {
        var walk = await Walk.BeginAsync(chromium, server);
        await walk.GoAsync("/admin", "Sign in");
        await walk.SignInAsync("jane", "Overview", new Authenticator(RealServer.TotpSecret, server.Clock));
        return walk;
    }
}
