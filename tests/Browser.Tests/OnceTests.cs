using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What a person does to a form beyond sending it: a double click, a reload, back and once more.</summary>
[Collection(ChromiumTests.Name)]
public sealed class OnceTests(Chromium chromium)
{
    private const string Gone = "What was made is shown once, and it was. If you have not kept it, make a new one.", Deleted = "The API key is deleted. It is dead.";

    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_double_click_makes_one_key_and_a_reload_does_not_show_it_again(bool hasScript)
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript);
        var keys = walk.Page.Locator("ul.rows > li");
        await walk.GoAsync("/account/keys", "Sign in");
        await walk.SignInAsync("bob", "API keys");
        await walk.FillAsync("Name", "ci");
        await walk.Page.GetByRole(AriaRole.Button, new() { Name = "Add API key" }).DblClickAsync();
        await Expect(keys).ToHaveCountAsync(1);
        if (hasScript)
        {
            string key = await walk.SecretAsync("API key ci");
            (await server.StatusAsync("/auth/me", key)).Should().Be(200);
            walk.Page.Url.Should().NotContain(key);
        }
        await walk.Page.ReloadAsync();
        await Expect(walk.Notice).ToHaveTextAsync(Gone);
        await Expect(keys).ToHaveCountAsync(1);
        await walk.LookAsync("account-key-shown-before");
    }

    [NeedsChromiumFact]
    public async Task A_notice_goes_with_a_reload_and_a_second_tab_goes_on()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.GoAsync("/account/keys", "Sign in");
        var second = await walk.Page.Context.NewPageAsync();
        await walk.SignInAsync("bob", "API keys");
        await walk.FillAsync("Name", "ci");
        await second.GotoAsync(server.Address + "/account/keys");
        await second.GetByLabel("Name", new() { Exact = true }).FillAsync("another");
        await walk.PressAsync("Add API key", "API keys");
        await second.GetByRole(AriaRole.Button, new() { Name = "Add API key" }).ClickAsync();
        await Expect(second.Locator("ul.rows > li")).ToHaveCountAsync(2);
        await walk.UnfoldAsync("Delete ci");
        await walk.PressAsync("Delete API key", "API keys");
        await Expect(walk.Notice).ToHaveTextAsync(Deleted);
        await walk.Page.ReloadAsync();
        await Expect(walk.Notice).ToHaveCountAsync(0);
        await Expect(walk.Page.Locator("ul.rows > li")).ToHaveCountAsync(1);
    }
}
