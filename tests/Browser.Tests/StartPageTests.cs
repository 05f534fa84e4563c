using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The front door: what a browser sees at /, and where each of its links leads.</summary>
[Collection(ChromiumTests.Name)]
public sealed class StartPageTests(Chromium chromium)
{
    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_way_in_starts_at_the_front_door(bool hasScript)
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript);
        await walk.GoAsync("/", "Token server");
        await walk.LookAsync("front-door");
        await Expect(walk.Page.GetByRole(AriaRole.Heading, new() { Level = 2 }))
            .ToHaveTextAsync(["Your account", "SlowDNS", "Administration", "For developers"]);
        await Expect(walk.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link)).ToHaveCountAsync(5);
        foreach (var (link, heading) in new[] { ("Install SlowDNS", "Install SlowDNS on your server"), ("API description", "TokenServer API"), ("Open the console", "Sign in") })
        {
            await walk.FollowAsync(link, heading);
            await walk.GoAsync("/", "Token server");
        }
        await walk.FollowAsync("Sign in", "Sign in");
        await walk.SignInAsync("bob", "Your account");
    }

    [NeedsChromiumFact]
    public async Task The_keyboard_alone_is_enough()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.GoAsync("/", "Token server");
        // Past the way to the content and the brand.
        for (int i = 0; i < 3; i++) await walk.Page.Keyboard.PressAsync("Tab");
        var signIn = walk.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" });
        await Expect(signIn).ToBeFocusedAsync();
        (await signIn.EvaluateAsync<string>("e => getComputedStyle(e).outlineStyle")).Should().Be("solid", "the focus is seen");
        await walk.Page.Keyboard.PressAsync("Enter");
        await walk.IsAtAsync("Sign in");
    }
}
