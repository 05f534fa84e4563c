using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The copy buttons: exactly the text, and a way where there is no clipboard.</summary>
[Collection(ChromiumTests.Name)]
public sealed class CopyTests(Chromium chromium)
{
    private const string NoClipboard = "Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })";

    [NeedsChromiumFact]
    public async Task Copying_the_code_puts_exactly_the_code_on_the_clipboard()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server);
        string code = await visit.IssueAsync();
        await CopyAsync(visit, "code");
        await Expect(visit.Said).ToHaveTextAsync("Copied");
        (await ClipboardAsync(visit)).Should().Be(code);
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        await visit.PassAsync(TimeSpan.FromSeconds(3));
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Copy code" })).ToBeVisibleAsync();
    }

    [NeedsChromiumFact]
    public async Task Copying_the_command_puts_one_line_without_the_code_on_the_clipboard()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server);
        string code = await visit.IssueAsync();
        await CopyAsync(visit, "command");
        await Expect(visit.Said).ToHaveTextAsync("Copied");
        string command = await ClipboardAsync(visit);
        command.Should().Be($"cd \"$(mktemp -d)\" && curl -fsS {server.Address}/slowdns/install.sh -o install.sh && sudo SLOWDNS_URL={server.Address} bash install.sh");
        command.Should().NotContain(code);
    }

    [NeedsChromiumFact]
    public async Task Without_a_clipboard_the_code_is_copied_through_its_selection()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server, NoClipboard);
        string code = await visit.IssueAsync();
        await CopyAsync(visit, "code");
        await Expect(visit.Said).ToHaveTextAsync("Copied");
        (await visit.Page.EvaluateAsync<string>("getSelection().toString()")).Trim().Should().Be(code);
    }

    [NeedsChromiumFact]
    public async Task Where_nothing_can_be_copied_the_code_is_selected_and_the_page_says_so()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await OpenAsync(server, NoClipboard + "; document.execCommand = () => false");
        string code = await visit.IssueAsync();
        await CopyAsync(visit, "code");
        await Expect(visit.Said).ToHaveTextAsync("It is selected: copy it with Ctrl+C.");
        (await visit.Page.EvaluateAsync<string>("getSelection().toString()")).Trim().Should().Be(code);
    }

    [NeedsChromiumFact]
    public async Task Where_nothing_can_be_copied_an_API_key_is_selected_and_its_page_says_so()
    {
        await using var server = await RealServer.StartAsync();
        await using var walk = await Walk.BeginAsync(chromium, server);
        await walk.Page.AddInitScriptAsync(NoClipboard + "; document.execCommand = () => false");
        await walk.GoAsync("/account/keys", "Sign in");
        await walk.SignInAsync("bob", "API keys");
        await walk.FillAsync("Name", "backup script");
        await walk.PressAsync("Add API key", "API keys");
        // What the button says next, however short a time it says it.
        (await walk.Page.GetByRole(AriaRole.Button, new() { Name = "Copy", Exact = true }).EvaluateAsync<string>("""
            button => new Promise(told => {
                new MutationObserver(() => told(button.textContent)).observe(button, { childList: true });
                button.click();
            })
            """)).Should().Be("Press Ctrl+C");
        await Expect(walk.Page.Locator("#said")).ToHaveTextAsync("It is selected: copy it with Ctrl+C.");
        (await walk.Page.EvaluateAsync<string>("getSelection().toString()")).Trim()
            .Should().Be(await walk.SecretAsync("API key backup script"));
    }

    private async Task<Visit> OpenAsync(PageServer server, string? script = null)
    {
        var visit = await Visit.OpenAsync(chromium, server, new() { Permissions = ["clipboard-read", "clipboard-write"] });
        if (script is null) return visit;
        await visit.Page.AddInitScriptAsync(script);
        await visit.Page.ReloadAsync();
        return visit;
    }

    private static Task CopyAsync(Visit visit, string what) => visit.Page.GetByRole(AriaRole.Button, new() { Name = $"Copy {what}" }).ClickAsync();

    private static Task<string> ClipboardAsync(Visit visit) => visit.Page.EvaluateAsync<string>("navigator.clipboard.readText()");
}
