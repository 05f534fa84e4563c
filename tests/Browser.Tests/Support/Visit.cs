namespace Browser.Tests.Support;

/// <summary>A page opened in a browser of its own, which keeps what no page may do: errors on the console, requests to others.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly Complaints complaints;

    private Visit(IBrowserContext context, IPage page, PageServer server)
    {
        (this.context, Page, Server) = (context, page, server);
        complaints = new Complaints(page, server.Address);
    }

    public IPage Page { get; }
    public PageServer Server { get; }
    public ILocator Issue => Page.Locator("#issue button");
    public ILocator Code => Page.Locator("#code");
    public ILocator Error => Page.GetByRole(AriaRole.Alert);
    public ILocator Countdown => Page.GetByRole(AriaRole.Timer);
    public ILocator Said => Page.Locator("#said");

    /// <summary>Loads the page of <paramref name="server"/>; the browser's clock shows the server's time and can be moved.</summary>
    public static async Task<Visit> OpenAsync(Chromium chromium, PageServer server, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.TimezoneId ??= "UTC";
        var context = await chromium.Browser.NewContextAsync(options);
        context.SetDefaultTimeout(15_000);
        var visit = new Visit(context, await context.NewPageAsync(), server);
        if (options.JavaScriptEnabled != false) await visit.Page.Clock.InstallAsync(new() { TimeDate = server.Clock.GetUtcNow().UtcDateTime });
        await visit.Page.GotoAsync($"{server.Address}/slowdns");
        return visit;
    }

    /// <summary>Presses the button, and waits for a code.</summary>
    public async Task<string> IssueAsync()
    {
        string before = await Code.TextContentAsync() ?? "";
        await Issue.ClickAsync();
        await Assertions.Expect(Code).Not.ToHaveTextAsync(before);
        await Assertions.Expect(Code).ToBeVisibleAsync();
        return await Code.TextContentAsync() ?? "";
    }

    /// <summary>Uses up what an hour allows: three codes.</summary>
    public async Task IssueAllAsync()
    {
        for (int i = 0; i < 3; i++) await IssueAsync();
    }

    /// <summary>Moves both clocks, the browser's and the server's.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Server.Clock.Advance(time);
        await Page.Clock.FastForwardAsync((long)time.TotalMilliseconds);
    }

    /// <summary>Whether the page is wider than its window.</summary>
    public Task<bool> ScrollsSidewaysAsync() => Page.ScrollsSidewaysAsync();

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        complaints.ShouldBeNone();
    }
}
