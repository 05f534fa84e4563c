using System.Text.RegularExpressions;
using Browser.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>The samples that sign people in through the browser, each with the client library it shows, as they stand.</summary>
[Collection(ChromiumTests.Name)]
public sealed class SampleClientTests(Chromium chromium)
{
    private const string User = "jane.doe", Password = "demo-password-of-jane";

    [NeedsChromiumFact]
    public async Task The_ASP_NET_Core_application_signs_in_calls_the_API_and_signs_out_at_both()
    {
        int port = SampleProgram.FreePort();
        await using var server = await RealServer.StartNowAsync("demo.json", port);
        string output = Path.Combine(SampleProgram.Folder("web-dotnet"), "bin", Path.GetRelativePath(
            Path.Combine(SampleProgram.Folder(".."), "tests", "Browser.Tests", "bin"), AppContext.BaseDirectory), "TokenServer.Sample.Web.dll");
        await using var sample = SampleProgram.Start(Path.GetDirectoryName(output)!, "dotnet", [output, "--urls", $"http://127.0.0.1:{port}"],
            ("TOKENSERVER_URL", server.Address));
        string address = AddressIn(sample.LineWith("Now listening on")).Replace("127.0.0.1", "localhost");
        var page = await NewPageAsync();

        await page.GotoAsync(address + "/me");
        await SignInAsync(page, "Demo web portal");
        await Expect(page.Locator("#claims")).ToContainTextAsync("jane.doe");
        await Expect(page.Locator("#api")).ToHaveTextAsync("The API answered 200.");

        await page.GotoAsync(address + "/sign-out");
        await Expect(page.Locator("#who")).ToHaveTextAsync("Nobody is signed in.");
        await page.GotoAsync(address + "/me");
        await Expect(page.Locator("[name=password]")).ToBeVisibleAsync();
    }

    [NeedsChromiumFact]
    public async Task Whoever_denies_goes_back_to_the_application_which_says_so()
    {
        int port = SampleProgram.FreePort();
        await using var server = await RealServer.StartNowAsync("demo.json", port);
        await using var sample = await StartNodeAsync("web-node", server, port);
        var page = await NewPageAsync();
        await page.GotoAsync(AddressIn(sample.LineWith("open http")) + "/sign-in");
        await SignInAsync(page, "Demo web portal", answer: "Deny");
        await Expect(page.Locator("#refused")).ToContainTextAsync("access_denied");
    }

    [NeedsChromiumFact]
    public async Task The_Node_application_signs_in_renews_and_signs_out()
    {
        int port = SampleProgram.FreePort();
        await using var server = await RealServer.StartNowAsync("demo.json", port);
        await using var sample = await StartNodeAsync("web-node", server, port);
        string address = AddressIn(sample.LineWith("open http"));
        var page = await NewPageAsync();

        await page.GotoAsync(address + "/sign-in");
        await SignInAsync(page, "Demo web portal");
        await Expect(page.Locator("#who")).Not.ToHaveTextAsync("Nobody is signed in.");
        // Renewed at each: the second time with the token of the first.
        for (int i = 0; i < 2; i++)
        {
            await page.GotoAsync(address + "/me");
            await Expect(page.Locator("#claims")).ToContainTextAsync("jane.doe@example.com");
        }

        await page.GotoAsync(address + "/sign-out");
        await Expect(page.Locator("#who")).ToHaveTextAsync("Nobody is signed in.");
        await page.GotoAsync(server.Address + "/account");
        await Expect(page.Locator("[name=password]")).ToBeVisibleAsync();
    }

    [NeedsChromiumFact]
    public async Task The_single_page_application_signs_in_renews_calls_and_signs_out()
    {
        int port = SampleProgram.FreePort();
        await using var server = await RealServer.StartNowAsync("demo.json", port, $"--TokenServer:AllowedOrigins=http://localhost:{port}");
        await using var sample = await StartNodeAsync("spa", server, port);
        string address = AddressIn(sample.LineWith("open http"));
        var page = await NewPageAsync();

        await page.GotoAsync(address);
        await page.ClickAsync("#sign-in");
        await SignInAsync(page, "Demo single-page application");
        await Expect(page.Locator("#who")).ToHaveTextAsync("Signed in as jane.doe.");
        page.Url.Should().Be(address + "/", "no code stays in the address");
        await page.ClickAsync("#call");
        await Expect(page.Locator("#said")).ToHaveTextAsync("The API answered 200.");
        await page.ClickAsync("#renew");
        await Expect(page.Locator("#said")).ToHaveTextAsync("The tokens are new.");
        await page.ClickAsync("#call");
        await Expect(page.Locator("#said")).ToHaveTextAsync("The API answered 200.");
        await page.ClickAsync("#sign-out");
        await Expect(page.Locator("#who")).ToHaveTextAsync("Nobody is signed in.");
        await page.GotoAsync(server.Address + "/account");
        await Expect(page.Locator("[name=password]")).ToBeVisibleAsync();
    }

    [NeedsChromiumFact(ApacheSite.Module)]
    public async Task Apache_shows_its_private_page_to_who_has_signed_in()
    {
        int port = SampleProgram.FreePort();
        await using var server = await RealServer.StartNowAsync(Path.Combine("apache", "client.json"), port);
        await using var site = ApacheSite.Start(server.Address, port);
        var page = await NewPageAsync();

        await page.GotoAsync(site.Address + "/private/");
        // A client of the house: nobody is asked.
        await SignInAsync(page, "Static pages behind Apache", answer: null);
        await Expect(page.Locator("h1")).ToHaveTextAsync("Private");
        await page.GotoAsync($"{site.Address}/private/callback?logout={Uri.EscapeDataString(site.Address + "/")}");
        await page.GotoAsync(site.Address + "/private/");
        await Expect(page.Locator("[name=password]")).ToBeVisibleAsync();
    }

    private async Task<IPage> NewPageAsync() => await (await chromium.Browser.NewContextAsync()).NewPageAsync();

    private static async Task<SampleProgram> StartNodeAsync(string sample, RealServer server, int port) =>
        SampleProgram.Start(await SampleProgram.InstalledAsync(sample), "node", [sample == "spa" ? "server.mjs" : "index.js"],
            ("TOKENSERVER_URL", server.Address), ("PORT", port.ToString()));

    /// <summary>Signs in at the token server, whose page says who asks, and answers it.</summary>
    private static async Task SignInAsync(IPage page, string client, string? answer = "Allow")
    {
        await Expect(page.Locator("body")).ToContainTextAsync(client);
        await page.FillAsync("[name=username]", User);
        await page.FillAsync("[name=password]", Password);
        await page.PressAsync("[name=password]", "Enter");
        if (answer is not null) await page.GetByRole(AriaRole.Button, new() { Name = answer, Exact = true }).ClickAsync();
    }

    private static string AddressIn(string line) => Regex.Match(line, @"https?://[^\s/]+").Value;
}
