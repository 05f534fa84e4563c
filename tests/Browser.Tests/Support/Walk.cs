using Deque.AxeCore.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests.Support;

/// <summary>A walk through the pages of the whole server as a person takes it: by labels, buttons, links and headings.</summary>
internal sealed class Walk : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly Complaints complaints;
    private readonly bool hasScript;

    private Walk(IBrowserContext context, IPage page, RealServer server, bool hasScript, string? client)
    {
        (this.context, Page, Server, this.hasScript) = (context, page, server, hasScript);
        complaints = new Complaints(page, server.Address, client);
    }

    public IPage Page { get; }
    public RealServer Server { get; }

    /// <summary>What was done, as the page says it.</summary>
    public ILocator Notice => Page.Locator("main").GetByRole(AriaRole.Status);

    /// <summary>Opens a browser.</summary>
    /// <param name="chromium">The program.</param>
    /// <param name="server">The server.</param>
    /// <param name="hasScript">Whether scripts run.</param>
    /// <param name="client">The address of a client's site that the walk leads to as well.</param>
    public static async Task<Walk> BeginAsync(Chromium chromium, RealServer server, bool hasScript = true, string? client = null)
    {
        var context = await chromium.Browser.NewContextAsync(new() { JavaScriptEnabled = hasScript, TimezoneId = "America/Los_Angeles", ReducedMotion = ReducedMotion.Reduce });
        context.SetDefaultTimeout(15_000);
        return new Walk(context, await context.NewPageAsync(), server, hasScript, client);
    }

    /// <summary>Goes to an address of the server, and expects the page with this heading.</summary>
    public async Task GoAsync(string path, string heading)
    {
        await Page.GotoAsync(Server.Address + path);
        await IsAtAsync(heading);
    }

    /// <summary>Follows a link of the page, and expects the page with this heading.</summary>
    public async Task FollowAsync(string link, string heading)
    {
        await Page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync();
        await IsAtAsync(heading);
    }

    public Task FillAsync(string label, string text) => Page.GetByLabel(label, new() { Exact = true }).FillAsync(text);

    public Task TickAsync(string label) => Page.GetByRole(AriaRole.Checkbox, new() { Name = label, Exact = true }).CheckAsync();

    /// <summary>Presses a button, and expects the page with this heading.</summary>
    public async Task PressAsync(string button, string heading)
    {
        await Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
        await IsAtAsync(heading);
    }

    /// <summary>Unfolds what is asked before an act on one thing of a list.</summary>
    public Task UnfoldAsync(string label) => Page.GetByLabel(label, new() { Exact = true }).ClickAsync();

    public Task IsAtAsync(string heading) => Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(heading);

    /// <summary>The secret that the page shows this once.</summary>
    public async Task<string> SecretAsync(string label)
    {
        var secret = Page.GetByRole(AriaRole.Region, new() { Name = label, Exact = true }).Locator("pre");
        await Expect(Page.GetByRole(AriaRole.Button, new() { Name = "Copy", Exact = true })).ToHaveCountAsync(hasScript ? 1 : 0);
        return await secret.InnerTextAsync();
    }

    /// <summary>What a list of facts says of <paramref name="term"/>.</summary>
    public ILocator Fact(string term) => Page.Locator($"dt:text-is('{term}') + dd");

    /// <summary>Signs in on the sign-in page, with a code if <paramref name="authenticator"/> is given.</summary>
    public async Task SignInAsync(string user, string heading, Authenticator? authenticator = null)
    {
        await IsAtAsync("Sign in");
        await FillAsync("User name or e-mail address", user);
        await FillAsync("Password", RealServer.Password);
        await PressAsync("Sign in", authenticator is null ? heading : "Enter the code");
        if (authenticator is null) return;
        await FillAsync("Code", authenticator.Next());
        await PressAsync("Sign in", heading);
    }

    /// <summary>Sees that the page fits its window, however narrow, and takes its picture on a phone and on a desktop, if pictures are wanted.</summary>
    public async Task LookAsync(string name)
    {
        // 320 is a window of 1280 enlarged four times (WCAG 2.2, 1.4.10); 1153 is the narrowest with tables.
        foreach (var (width, height, size) in new[] { (320, 640, null), (390, 844, "phone"), (1153, 800, null), (1280, 800, "desktop") })
        {
            await Page.SetViewportSizeAsync(width, height);
            (await Page.ScrollsSidewaysAsync()).Should().BeFalse("{0} fits {1}", name, width);
            if (hasScript && size is not null) await Screenshots.TakeAsync(Page, $"{name}-{size}");
        }
    }

    /// <summary>The same, and that axe-core, which holds pages against WCAG, finds nothing.</summary>
    public async Task LookAtStepAsync(string name)
    {
        await LookAsync(name);
        if (!hasScript) return;
        foreach (var scheme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            // In the dark only the colours are others.
            var found = await Page.RunAxe(scheme == ColorScheme.Dark ? new() { RunOnly = new() { Type = "rule", Values = ["color-contrast"] } } : null);
            found.Violations.Select(v => $"{name}: {v.Id}, {v.Help}: {string.Join(" ", v.Nodes.Select(n => n.Html))}").Should().BeEmpty();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        complaints.ShouldBeNone();
    }
}
