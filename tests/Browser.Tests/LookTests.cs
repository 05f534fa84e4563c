using System.Text.Json;
using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>Whoever reads the page, and on whatever: narrow windows, contrast, names and roles, the keyboard alone.</summary>
[Collection(ChromiumTests.Name)]
public sealed class LookTests(Chromium chromium)
{
    // Of each element with a text of its own: the text's colour over what lies behind it, as WCAG 2.2 computes it.
    private const string Contrasts = """
        () => {
          const parse = text => { const n = text.match(/[\d.]+/g).map(Number); return { rgb: n.slice(0, 3), alpha: n[3] ?? 1 }; };
          const light = rgb => { const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const behind = element => { for (let e = element; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.alpha === 1) return c.rgb; } return [255, 255, 255]; };
          return [...document.body.querySelectorAll('*')]
            .filter(e => e.checkVisibility() && !e.classList.contains('unseen') && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
            .map(e => {
              const [a, b] = [light(parse(getComputedStyle(e).color).rgb), light(behind(e))].sort((x, y) => y - x);
              return { text: e.textContent.trim().slice(0, 40), ratio: (a + 0.05) / (b + 0.05) };
            });
        }
        """;

    private const string OneLine = "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length === 1 && e.scrollWidth <= e.clientWidth; }";

    public static TheoryData<string> States => PageState.Names;

    [NeedsChromiumTheory]
    [MemberData(nameof(States))]
    public async Task No_state_scrolls_sideways_however_narrow_the_window(string name)
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await ReachAsync(server, name);
        // 320 is a window of 1280 enlarged four times (WCAG 2.2, 1.4.10).
        foreach (int width in new[] { 320, 360, 390, 768, 1440 })
        {
            await visit.Page.SetViewportSizeAsync(width, 640);
            (await visit.ScrollsSidewaysAsync()).Should().BeFalse("{0} is wide enough", width);
            if (await visit.Code.IsVisibleAsync()) (await visit.Code.EvaluateAsync<bool>(OneLine)).Should().BeTrue("the code is one line at {0}", width);
        }
    }

    [NeedsChromiumTheory]
    [MemberData(nameof(States))]
    public async Task Every_text_stands_out_in_both_colour_schemes(string name)
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await ReachAsync(server, name, new() { ReducedMotion = ReducedMotion.Reduce });
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await visit.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            var texts = (await visit.Page.EvaluateAsync<JsonElement>(Contrasts)).EnumerateArray().ToList();
            texts.Should().HaveCountGreaterThan(3);
            foreach (var text in texts) text.GetProperty("ratio").GetDouble().Should().BeGreaterThanOrEqualTo(4.5, "{0} ({1})", text.GetProperty("text"), scheme);
        }
    }

    [NeedsChromiumFact]
    public async Task Everything_has_its_name_and_role()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await ReachAsync(server, "code");
        await Expect(visit.Page.GetByRole(AriaRole.Main)).ToBeVisibleAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Install SlowDNS on your server");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Level = 2 })).ToHaveCountAsync(3);
        await Expect(visit.Page.GetByRole(AriaRole.Button)).ToHaveTextAsync(["Copy code", "Get a new code", "Copy command"]);
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "1. Get an install code" })).ToBeVisibleAsync();
        await Expect(visit.Page.GetByLabel("Your install code")).ToHaveTextAsync(await visit.Code.TextContentAsync() ?? "");
        await Expect(visit.Countdown).ToHaveAttributeAsync("aria-live", "off");
        await Expect(visit.Said).ToContainTextAsync("Your install code is IPT-SD-");
        await Expect(visit.Said).ToHaveRoleAsync(AriaRole.Status);
        await Expect(visit.Error).ToHaveCountAsync(1);
        await Expect(visit.Page.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(visit.Page).ToHaveTitleAsync("Install SlowDNS");
    }

    [NeedsChromiumFact]
    public async Task The_countdown_is_not_announced_by_the_second()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await ReachAsync(server, "code");
        await Expect(visit.Said).ToContainTextAsync("Your install code is IPT-SD-");
        string said = await visit.Said.TextContentAsync() ?? "";
        await visit.PassAsync(TimeSpan.FromSeconds(5));
        await Expect(visit.Countdown).Not.ToHaveTextAsync("5:00");
        await Expect(visit.Said).ToHaveTextAsync(said);
    }

    [NeedsChromiumFact]
    public async Task The_keyboard_alone_is_enough()
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await Visit.OpenAsync(chromium, server, new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.PressAsync("Tab");
        await Expect(visit.Issue).ToBeFocusedAsync();
        (await visit.Issue.EvaluateAsync<string>("e => getComputedStyle(e).outlineStyle")).Should().Be("solid", "the focus is seen");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Code).ToBeVisibleAsync();
        await Expect(visit.Issue).ToBeFocusedAsync();
        await visit.Page.Keyboard.PressAsync("Shift+Tab");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Said).ToHaveTextAsync("Copied");
        (await visit.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).Should().Be(await visit.Code.TextContentAsync());
    }

    [PicturesTheory]
    [MemberData(nameof(States))]
    public async Task Every_state_has_its_picture_taken(string name)
    {
        await using var server = await PageServer.StartAsync();
        await using var visit = await ReachAsync(server, name, new() { ReducedMotion = ReducedMotion.Reduce });
        foreach (var (size, width, height) in new[] { ("phone", 390, 844), ("desktop", 1280, 800) })
        {
            await visit.Page.SetViewportSizeAsync(width, height);
            await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
            await Screenshots.TakeAsync(visit.Page, $"{name}-{size}");
            if (name is not ("code" or "limit")) continue;
            await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
            await Screenshots.TakeAsync(visit.Page, $"{name}-{size}-dark");
        }
    }

    private async Task<Visit> ReachAsync(PageServer server, string name, BrowserNewContextOptions? options = null)
    {
        var state = PageState.Of(name);
        options ??= new();
        options.JavaScriptEnabled = state.HasScript;
        var visit = await Visit.OpenAsync(chromium, server, options);
        await state.ReachAsync(visit);
        return visit;
    }
}
