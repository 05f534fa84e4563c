using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What an administrator ends, in how many clicks after signing in: each <c>FollowAsync</c> and <c>PressAsync</c> is one.</summary>
[Collection(ChromiumTests.Name)]
public sealed class EndingFlowTests(Chromium chromium)
{
    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_leaked_token_is_explained_and_killed_in_two(bool hasScript)
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await BeginAsync(server, hasScript);
        string token = await server.SignInAsync();
        await walk.FillAsync("Paste a token, code or key", token);
        await walk.PressAsync("Explain", "Paste a token");
        await Expect(walk.Page.GetByText("good now", new() { Exact = true })).ToBeVisibleAsync();
        (await walk.Page.ContentAsync()).Should().NotContain(token);
        await walk.LookAsync("console-token");
        await walk.PressAsync("Revoke it, with its session", "Paste a token");
        await Expect(walk.Notice).ToHaveTextAsync("What the token stands for has ended.");
        (await server.IsActiveAsync(token, "api")).Should().BeFalse();
        await walk.FillAsync("Paste a token, code or key", token);
        await walk.PressAsync("Explain", "Paste a token");
        await Expect(walk.Page.GetByRole(AriaRole.List, new() { Name = "Why it is not good" })).ToContainTextAsync("by jane");
        await walk.LookAsync("console-token-dead");
    }

    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_sessions_of_a_user_end_in_three(bool hasScript)
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await BeginAsync(server, hasScript);
        string token = await server.SignInAsync();
        await walk.FollowAsync("Users", "Users");
        await walk.FollowAsync("bob", "bob");
        await walk.LookAsync("console-user-sessions");
        await walk.PressAsync("End all sessions (1)", "bob");
        await Expect(walk.Notice).ToContainTextAsync("All the user's sessions have ended");
        (await server.IsActiveAsync(token, "api")).Should().BeFalse();
    }

    [NeedsChromiumFact]
    public async Task A_locked_account_is_unlocked_in_two()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await BeginAsync(server, hasScript: true);
        for (int i = 0; i < 10; i++) await server.FailAsync();
        await walk.FollowAsync("Users", "Users");
        await walk.LookAsync("console-users-locked");
        await walk.PressAsync("Unlock bob", "Users");
        await Expect(walk.Notice).ToHaveTextAsync("The account is unlocked. The user may try again at once.");
        await server.SignInAsync();
    }

    [NeedsChromiumFact]
    public async Task Ticked_sessions_end_and_the_list_is_there_again()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await BeginAsync(server, hasScript: true);
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

    private async Task<Walk> BeginAsync(RealServer server, bool hasScript)
    {
        var walk = await Walk.BeginAsync(chromium, server, hasScript);
        await walk.GoAsync("/admin", "Sign in");
        await walk.SignInAsync("jane", "Overview", new Authenticator(RealServer.TotpSecret, server.Clock));
        return walk;
    }
}
