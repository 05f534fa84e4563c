using static Microsoft.Playwright.Assertions;

namespace Browser.Tests.Support;

/// <summary>A state that the page can be seen in, and the way to it from the page just loaded.</summary>
internal sealed record PageState(string Name, bool HasScript, Func<Visit, Task> ReachAsync)
{
    public static PageState[] All { get; } =
    [
        new("start", true, visit => Expect(visit.Issue).ToBeVisibleAsync()),
        new("code", true, visit => visit.IssueAsync()),
        new("expired", true, async visit =>
        {
            await visit.IssueAsync();
            await visit.PassAsync(TimeSpan.FromSeconds(301));
            await Expect(visit.Page.Locator("#expired")).ToBeVisibleAsync();
        }),
        new("limit", true, async visit =>
        {
            await visit.IssueAllAsync();
            await visit.Issue.ClickAsync();
            await Expect(visit.Error).ToContainTextAsync("Limit reached");
        }),
        new("too-long", true, async visit =>
        {
            visit.Server.Clock.Advance(TimeSpan.FromMinutes(31));
            await visit.Issue.ClickAsync();
            await Expect(visit.Error).ToContainTextAsync("open too long");
        }),
        new("out-of-reach", true, async visit =>
        {
            await visit.Page.RouteAsync("**/code/issue", route => route.AbortAsync());
            await visit.Issue.ClickAsync();
            await Expect(visit.Error).ToContainTextAsync("could not be reached");
        }),
        new("plain-start", false, visit => Expect(visit.Issue).ToBeVisibleAsync()),
        new("plain-code", false, visit => visit.IssueAsync()),
        new("plain-limit", false, async visit =>
        {
            await visit.IssueAllAsync();
            await visit.Issue.ClickAsync();
            await Expect(visit.Error).ToContainTextAsync("Limit reached");
        }),
        new("error", true, async visit =>
        {
            await visit.Page.GotoAsync($"{visit.Server.Address}/slowdns/nothing");
            await Expect(visit.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Page not found");
        }),
    ];

    public static PageState Of(string name) => All.Single(s => s.Name == name);

    /// <summary>All states by name, for a theory.</summary>
    public static TheoryData<string> Names => [.. All.Select(s => s.Name)];
}
