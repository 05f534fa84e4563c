using System.Text.RegularExpressions;
using Browser.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TokenServer.Web.Shared;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>Every page there is, as the routes themselves say, with names that are hard to show: it fits a phone, a tablet, a desktop and text
/// of twice the size, axe-core finds nothing in light and dark, and so with what is wrong in each of its forms. In one window of one browser,
/// which is resized, since a page costs more to load than to look at.</summary>
[Collection(ChromiumTests.Name)]
public sealed partial class EveryPageTests(Chromium chromium)
{
    /// <summary>Pages that are a step of a way, each with the test that goes it and looks.</summary>
    private static readonly Dictionary<string, string> Steps = new()
    {
        ["/account/second-factor-needed"] = nameof(ClientFlowTests.A_second_factor_turned_on_later_is_asked_for_alone),
    };

    [NeedsChromiumFact]
    public async Task Every_page_and_every_form_with_what_is_wrong_is_whole_and_accessible()
    {
        var hard = await HardNames.StartAsync();
        await using var server = hard.Server;
        await using var walk = await Walk.BeginAsync(chromium, server);
        var look = new Look(walk);
        foreach (string pattern in Pages(server, isStranger: true)) await look.AtAsync(pattern, AddressOf(pattern, hard));
        await walk.GoAsync("/admin", "Sign in");
        await walk.FillAsync("User name or e-mail address", HardNames.Administrator);
        await walk.FillAsync("Password", RealServer.Password);
        await walk.PressAsync("Sign in", "Enter the code");
        await look.HereAsync("/account/second-factor");
        await walk.FillAsync("Code", new Authenticator(RealServer.TotpSecret, server.Clock).Next());
        await walk.PressAsync("Sign in", "Overview");
        await hard.FillAsync();
        var pages = Pages(server, isStranger: false).Except(Steps.Keys).ToList();
        foreach (string pattern in pages) await look.AtAsync(pattern, AddressOf(pattern, hard));
        await look.AtAsync("/admin/nothing", "/admin/nothing", StatusCodes.Status404NotFound);
        string.Join('\n', look.Wrong).Should().BeEmpty();
        pages.Should().HaveCountGreaterThan(55);
        look.Forms.Should().BeGreaterThan(25);
    }

    // What a browser is shown: with a session, or to anybody.
    private static IEnumerable<string> Pages(RealServer server, bool isStranger) => server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") == true && IsPage().IsMatch(e.RoutePattern.RawText!))
        .Where(e => HasSession().IsMatch(e.RoutePattern.RawText!) ? !isStranger || e.Metadata.GetMetadata<OpenPage>() is not null : isStranger)
        .Select(e => e.RoutePattern.RawText! is [.. { Length: > 0 } path, '/'] ? path : e.RoutePattern.RawText!).Distinct();

    // A parameter is one of what the part of the path before it names.
    private static string AddressOf(string pattern, HardNames hard) => pattern switch
    {
        // What it shows of some routes it shows of all.
        "/openapi" => "/openapi?q=receipt",
        "/account/consent" => hard.Authorize,
        "/account/choose" => hard.Authorize + "&prompt=select_account",
        _ => Parameter().Replace(pattern, p => $"/{p.Groups[1].Value}/{hard.Parameters[p.Groups[1].Value]}"),
    };

    [GeneratedRegex("^/$|^/(account|admin(?!/api)|connect/verify|slowdns|openapi)(/[^.]*)?$")]
    private static partial Regex IsPage();

    [GeneratedRegex("^/(account|admin|connect)(/|$)")]
    private static partial Regex HasSession();

    [GeneratedRegex("/([^/]+)/\\{[^}]+\\}")]
    private static partial Regex Parameter();

    /// <summary>Looks at one page after the other.</summary>
    private sealed class Look(Walk walk)
    {
        private const int Phone = 390, Tablet = 820, Narrow = 1153, Desktop = 1440, Height = 844;

        // Puts more into every field of a page's form than it takes; whether there is such a form. A passkey's form is the browser's own.
        private const string Spoil = """
            at => {
              const typed = 'input:not([type=hidden], [type=checkbox], [type=number], [type=datetime-local], [hidden]), textarea';
              const form = [...document.querySelectorAll('main form[method=post], main form.filters')]
                .filter(f => f.checkVisibility() && f.querySelector(typed) && !f.querySelector('[data-passkey]'))[at];
              if (!form) return false;
              form.noValidate = true;
              form.dataset.spoilt = '';
              for (const field of form.querySelectorAll(typed)) {
                if (field.type !== 'password') field.type = 'text';
                field.value = 'x'.repeat(field.maxLength > 0 ? field.maxLength + 1 : 300);
              }
              return true;
            }
            """;

        private ICDPSession? tools;

        /// <summary>What is wrong, and where.</summary>
        public List<string> Wrong { get; } = [];

        /// <summary>How many forms were sent with what is wrong.</summary>
        public int Forms { get; private set; }

        private IPage Page => walk.Page;

        public async Task AtAsync(string pattern, string address, int status = StatusCodes.Status200OK)
        {
            var answer = await Page.GotoAsync(walk.Server.Address + address);
            if (answer!.Status != status) Wrong.Add($"{pattern}: {answer.Status}");
            await HereAsync(pattern);
            for (int i = 0; await Page.EvaluateAsync<bool>(Spoil, i); i++)
            {
                await SendAsync($"{pattern}, form {i}");
                await Page.GotoAsync(walk.Server.Address + address);
            }
        }

        public async Task HereAsync(string pattern)
        {
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveCountAsync(1);
            foreach (int width in new[] { Phone, Tablet, Narrow, Desktop })
            {
                await Page.SetViewportSizeAsync(width, Height);
                await FitsAsync($"{pattern} at {width}");
                if (width == Narrow) continue;
                Note($"{pattern} at {width}", await Page.ViolationsAsync());
                if (width == Tablet) continue;
                // In the dark only the colours are others.
                await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
                Note($"{pattern} at {width}, dark", await Page.ViolationsAsync("color-contrast"));
                await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
                await Screenshots.TakeAsync(Page, $"every{FileName(pattern)}-{width}");
            }
            // As a person does who has the browser show all text at twice its size (WCAG 2.2, 1.4.4).
            await SetTextAsync(32);
            await FitsAsync($"{pattern} at {Desktop}, twice the size");
            await Page.SetViewportSizeAsync(Phone, Height);
            await FitsAsync($"{pattern} at {Phone}, twice the size");
            await SetTextAsync(16);
        }

        private async Task SendAsync(string name)
        {
            Forms++;
            await Page.Locator("[data-spoilt] button").First.ClickAsync();
            if (await Page.Locator("#error").CountAsync() != 1) Wrong.Add($"{name}: it does not say what is wrong");
            await FitsAsync(name);
            Note(name, await Page.ViolationsAsync());
            await Screenshots.TakeAsync(Page, "wrong" + FileName(name));
        }

        private async Task FitsAsync(string name) => Note(name, await Page.MisfitsAsync());

        private void Note(string name, string[] found) => Wrong.AddRange(found.Select(f => $"{name}: {f}"));

        private async Task SetTextAsync(int size)
        {
            tools ??= await Page.Context.NewCDPSessionAsync(Page);
            await tools.SendAsync("Page.setFontSizes",
                new() { ["fontSizes"] = new Dictionary<string, object> { ["standard"] = size, ["fixed"] = size } });
        }

        private static string FileName(string name) => Regex.Replace(name, "[^a-z0-9]+", "-");
    }
}
