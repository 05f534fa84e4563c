using System.Diagnostics;
using System.Text.Json;
using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>What an administrator does all day, from the overview, in how many presses at most: by the mouse, without script, by the
/// keyboard alone. Among more users than a page shows.</summary>
[Collection(ChromiumTests.Name)]
public sealed class TaskTests(Chromium chromium)
{
    private const string Curl = "/usr/bin/curl", Alice = "alice", Overview = "Overview";

    [NeedsChromiumFact(Curl)]
    public Task By_the_mouse() => DoAllAsync(hasScript: true, page => new Hand.OnMouse(page));

    [NeedsChromiumFact(Curl)]
    public Task Without_script() => DoAllAsync(hasScript: false, page => new Hand.OnMouse(page));

    [NeedsChromiumFact(Curl)]
    public Task By_the_keyboard_alone() => DoAllAsync(hasScript: true, page => new Hand.OnKeyboard(page));

    private async Task DoAllAsync(bool hasScript, Func<IPage, Hand> handOf)
    {
        await using var server = await RealServer.StartAsync(ManyUsers);
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript);
        await server.InstallAsync(await server.IssueCodeAsync());
        await server.FailAsync();
        server.Clock.Advance(TimeSpan.FromDays(1));
        await walk.GoAsync("/admin", "Sign in");
        await walk.SignInAsync("jane", Overview, new Authenticator(RealServer.TotpSecret, server.Clock));
        var tasks = new Tasks(walk, handOf(walk.Page), hasScript);
        await DoAsync(1, tasks.SeeYesterdaysRefusalsAsync);
        await DoAsync(1, tasks.SeeWhoIsOfflineAsync);
        await DoAsync(3, tasks.EndAllSessionsAsync);
        await DoAsync(2, tasks.SeeWhyItFailedAsync);
        await DoAsync(2, tasks.KillATokenAsync);
        await DoAsync(2, tasks.UnlockAsync);
        await DoAsync(5, tasks.RegisterAMachineAsync);

        async Task DoAsync(int most, Func<Task> task)
        {
            await walk.GoAsync("/admin", Overview);
            tasks.Hand.Begin();
            await task();
            tasks.Hand.Presses.Should().BeInRange(1, most, task.Method.Name);
        }
    }

    // Newer than bob and alice, so that neither is on the first page of a list.
    private static string ManyUsers => JsonSerializer.Serialize(new
    {
        users = new[] { Alice }.Concat(Enumerable.Range(1, 60).Select(i => $"user{i}"))
            .Select(name => new { username = name, email = $"{name}@example.com", password = RealServer.Password }),
    });

    private sealed class Tasks(Walk walk, Hand hand, bool hasScript)
    {
        public Hand Hand => hand;
        private IPage Page => walk.Page;
        private RealServer Server => walk.Server;
        private ILocator FindBox => Page.GetByRole(AriaRole.Searchbox);

        public async Task SeeYesterdaysRefusalsAsync()
        {
            await hand.PressAsync(Link("Yesterday (UTC)"));
            var reasons = Page.GetByRole(AriaRole.Table, new() { Name = "Refusals by reason, Yesterday (UTC)" }).Locator("tbody tr");
            await Expect(reasons).ToHaveTextAsync(["Wrong password 1"], new() { UseInnerText = true });
        }

        public async Task SeeWhoIsOfflineAsync()
        {
            await hand.PressAsync(Link("1 server offline"));
            await walk.IsAtAsync("Servers");
            await Expect(Page.Locator("tbody tr")).ToHaveCountAsync(1);
            await Expect(Page.Locator("tbody th")).ToContainTextAsync("ns1.example.com");
        }

        public async Task EndAllSessionsAsync()
        {
            string token = await Server.SignInAsync();
            await FindAsync("BOB@exam", "bob");
            await hand.PressAsync(Link("bob"));
            await walk.IsAtAsync("bob");
            await hand.PressAsync(Button("End all sessions (1)"));
            await Expect(walk.Notice).ToContainTextAsync("All the user's sessions have ended");
            (await Server.IsActiveAsync(token, "api")).Should().BeFalse();
        }

        public async Task SeeWhyItFailedAsync()
        {
            await Server.FailAsync(Alice);
            Server.Clock.Advance(TimeSpan.FromMinutes(5));
            await FindAsync("alice@", Alice);
            await hand.PressAsync(Link(Alice));
            await walk.IsAtAsync(Alice);
            await Expect(Page.GetByRole(AriaRole.List, new() { Name = "Last refusals" })).ToContainTextAsync("Wrong password");
        }

        public async Task KillATokenAsync()
        {
            const string Heading = "Paste a token";
            string token = await Server.SignInAsync();
            await hand.TypeAsync(Page.GetByLabel("Paste a token, code or key"), token);
            await hand.PressAsync(Button("Explain"));
            await walk.IsAtAsync(Heading);
            (await Page.ContentAsync()).Should().NotContain(token);
            await hand.PressAsync(Button("Revoke it, with its session"));
            await Expect(walk.Notice).ToHaveTextAsync("What the token stands for has ended.");
            (await Server.IsActiveAsync(token, "api")).Should().BeFalse();
        }

        public async Task UnlockAsync()
        {
            for (int i = 0; i < 10; i++) await Server.FailAsync(Alice);
            await FindAsync("ALICE", Alice);
            await hand.PressAsync(Button("Unlock alice"));
            await Expect(walk.Notice).ToHaveTextAsync("The account is unlocked. The user may try again at once.");
            await Server.SignInAsync(Alice);
        }

        public async Task RegisterAMachineAsync()
        {
            await hand.PressAsync(Link("Register a machine client"));
            await walk.IsAtAsync("Register a client");
            await hand.TypeAsync(Page.GetByLabel("Client ID", new() { Exact = true }), "reports");
            await hand.PressAsync(Page.Locator("input[name=scope][value=api]"));
            await hand.PressAsync(Button("Save"));
            await walk.IsAtAsync("reports");
            string secret = await CopyAsync("Copy", Page.Locator("#secret")), line = await CopyAsync("Copy the line", Page.Locator("#first-token"));
            (await Server.TokenAsync("reports", secret)).Should().NotBeNull();
            string token = JsonDocument.Parse(await RunAsync(line)).RootElement.GetProperty("access_token").GetString()!;
            (await Server.IsActiveAsync(token, "api")).Should().BeTrue();
        }

        private async Task FindAsync(string part, string user)
        {
            await hand.FindAsync(FindBox, part);
            await walk.IsAtAsync("Users");
            await Expect(Page.Locator("tbody th a")).ToHaveTextAsync([user]);
        }

        // Without script there is nothing to copy with: one marks the text, which is no press.
        private async Task<string> CopyAsync(string button, ILocator text)
        {
            if (!hasScript) return await text.InnerTextAsync();
            await Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
            await hand.PressAsync(Button(button));
            await Expect(Page.Locator("#said")).ToHaveTextAsync("Copied");
            return await Page.EvaluateAsync<string>("navigator.clipboard.readText()");
        }

        private ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

        private ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
    }

    // As it is pasted into a shell.
    private static async Task<string> RunAsync(string line)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string said = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        shell.ExitCode.Should().Be(0, said);
        return said;
    }
}
