using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The page while the real installer runs against the server: a failure, a release with its reason, a second try.</summary>
[Collection(ChromiumTests.Name)]
public sealed class WatchTests(Chromium chromium)
{
    private const string Heading = "Install SlowDNS on your server", Failure = "Reason: check-in: the timer did not start";
    private static readonly string[] FirstTry = ["Code issued", "Code accepted", "Install begun", "Agent registered", "Install failed, and was taken back"],
        SecondTry = [.. FirstTry, "Code accepted", "Install begun", "Agent registered", "Installed"];

    [NeedsInstallerFact]
    public async Task The_steps_come_by_themselves_and_the_receipt_at_the_end()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        using var machine = new InstallMachine();
        await walk.GoAsync("/slowdns", Heading);
        await Expect(Nothing(walk)).ToBeVisibleAsync();
        string code = await IssueAsync(walk);
        await Expect(Titles(walk)).ToHaveTextAsync(["Code issued"]);
        await Expect(Nothing(walk)).ToBeHiddenAsync();

        var failed = await machine.InstallAsync(server.Address, code, hasTimer: false);
        failed.Code.Should().Be(1, failed.Said);
        await Expect(Titles(walk)).ToHaveTextAsync(FirstTry);
        await Expect(Texts(walk).Last).ToContainTextAsync(Failure);
        await Expect(Texts(walk).Last).ToContainTextAsync("The code may be used again");
        await Expect(walk.Page.Locator("#valid")).ToHaveTextAsync("The install was taken back: this code may be used again for a few minutes.");
        await walk.LookAsync("watch-failed");

        var done = await machine.InstallAsync(server.Address, code);
        done.Code.Should().Be(0, done.Said);
        await Expect(Titles(walk)).ToHaveTextAsync(SecondTry);
        await Expect(walk.Page.Locator("#valid")).ToHaveTextAsync("This code has been used.");
        await Expect(walk.Page.Locator("#following")).ToBeEmptyAsync();
        var download = await walk.Page.RunAndWaitForDownloadAsync(() => walk.Page.GetByRole(AriaRole.Link, new() { Name = "Download the receipt" }).ClickAsync());
        (await File.ReadAllTextAsync(await download.PathAsync())).Trim().Should().Be(machine.Receipt.Trim());
        await walk.LookAsync("watch-installed");
        await Expect(walk.Page.GetByRole(AriaRole.Region, new() { Name = "3. Watch the install" }).GetByRole(AriaRole.List)).ToHaveAttributeAsync("aria-live", "polite");

        // The next code is followed as the first one was, though what is told of that ends in the middle.
        await walk.Page.GetByRole(AriaRole.Button, new() { Name = "Get a new code" }).ClickAsync();
        await Expect(Titles(walk)).ToHaveTextAsync([.. SecondTry, "Code issued"]);
        await Expect(walk.Page.Locator("#following")).ToHaveTextAsync("Following the install.");
    }

    [NeedsInstallerFact]
    public async Task Without_script_the_page_says_to_load_it_again_and_then_shows_the_same()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript: false);
        using var machine = new InstallMachine();
        await walk.GoAsync("/slowdns", Heading);
        await walk.PressAsync("Get an install code", Heading);
        string code = await walk.Page.Locator("#code").TextContentAsync() ?? "";
        await Expect(Titles(walk)).ToHaveTextAsync(["Code issued"]);
        (await machine.InstallAsync(server.Address, code, hasTimer: false)).Code.Should().Be(1);
        await walk.FollowAsync("Load it again", Heading);
        await Expect(Titles(walk)).ToHaveTextAsync(FirstTry);
        await Expect(Texts(walk).Last).ToContainTextAsync(Failure);
        var done = await machine.InstallAsync(server.Address, code);
        done.Code.Should().Be(0, done.Said);
        await walk.FollowAsync("Load it again", Heading);
        await Expect(Titles(walk)).ToHaveTextAsync(SecondTry);
        await Expect(walk.Page.GetByRole(AriaRole.Link, new() { Name = "Download the receipt" })).ToBeVisibleAsync();
        await walk.LookAsync("watch-plain");
        await walk.Page.SetViewportSizeAsync(390, 844);
        await Screenshots.TakeAsync(walk.Page, "watch-plain-phone");
    }

    [NeedsInstallerFact]
    public async Task Where_no_stream_is_to_be_had_the_page_asks_again_and_again()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        using var machine = new InstallMachine();
        await walk.Page.RouteAsync("**/code/events", route => route.FulfillAsync(new() { Status = 429, Body = "{}" }));
        await walk.GoAsync("/slowdns", Heading);
        string code = await IssueAsync(walk);
        (await machine.InstallAsync(server.Address, code)).Code.Should().Be(0);
        await Expect(Titles(walk)).ToHaveTextAsync(["Code issued", "Code accepted", "Install begun", "Agent registered", "Installed"]);
    }

    [NeedsInstallerFact]
    public async Task A_page_that_is_loaded_in_the_middle_shows_what_has_been_and_goes_on()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        using var machine = new InstallMachine();
        await walk.GoAsync("/slowdns", Heading);
        string code = await IssueAsync(walk);
        (await machine.InstallAsync(server.Address, code, hasTimer: false)).Code.Should().Be(1);
        await walk.Page.ReloadAsync();
        await Expect(Titles(walk)).ToHaveTextAsync(FirstTry);
        (await machine.InstallAsync(server.Address, code)).Code.Should().Be(0);
        await Expect(Titles(walk)).ToHaveTextAsync(SecondTry);
    }

    private static ILocator Nothing(Walk walk) => walk.Page.Locator("#nothing");

    private static ILocator Titles(Walk walk) => walk.Page.Locator(".step-title");

    private static ILocator Texts(Walk walk) => walk.Page.Locator(".step-text");

    private static async Task<string> IssueAsync(Walk walk)
    {
        await walk.Page.GetByRole(AriaRole.Button, new() { Name = "Get an install code" }).ClickAsync();
        await Expect(walk.Page.Locator("#code")).ToContainTextAsync("IPT-SD-");
        return await walk.Page.Locator("#code").TextContentAsync() ?? "";
    }
}
