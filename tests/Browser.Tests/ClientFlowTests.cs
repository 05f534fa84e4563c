using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Browser.Tests.Support;
using TokenServer.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Browser.Tests;

/// <summary>A person's way through the pages of a client's request, in Chromium: sign-in, second factor, consent, and back to the client,
/// whose origin is another.</summary>
[Collection(ChromiumTests.Name)]
public sealed class ClientFlowTests(Chromium chromium)
{
    private const string Photos = "Photo Printer", Back = "Back at the client";
    private static readonly string Verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_signs_in_with_a_second_factor_allows_and_is_back_at_the_client(bool hasScript)
    {
        await using var client = await ClientApp.StartAsync();
        await using var server = await StartAsync(client);
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript, client.Address);
        var authenticator = new Authenticator(RealServer.TotpSecret, server.Clock);
        await walk.Page.GotoAsync(client.LinkTo(Authorize(server, client.Callback, more: "&login_hint=jane")));
        await walk.FollowAsync("Sign in", "Sign in");
        await Expect(walk.Page.Locator(".lead")).ToHaveTextAsync($"{Photos} (a program on this computer) asks you to sign in.");
        await Expect(walk.Page.GetByLabel("User name or e-mail address")).ToHaveValueAsync("jane");
        await Expect(walk.Page.GetByLabel("Password", new() { Exact = true })).ToBeFocusedAsync();
        await walk.LookAtStepAsync("client-sign-in");
        await walk.FillAsync("Password", RealServer.Password);
        await walk.PressAsync("Sign in", "Enter the code");
        await walk.LookAtStepAsync("client-second-factor");
        await walk.FillAsync("Code", authenticator.Next());
        await walk.PressAsync("Sign in", $"Allow {Photos}?");
        await walk.LookAtStepAsync("client-consent");
        await walk.PressAsync("Allow", Back);
        var tokens = await server.ExchangeAsync("photos", client.Reply["code"]!, client.Callback, Verifier);
        tokens.TryGetProperty("access_token", out _).Should().BeTrue(tokens.ToString());
        client.Reply["iss"].ToString().Should().Be(server.Address);

        // Single sign-on: from another site, and no page between.
        await walk.Page.GotoAsync(client.LinkTo(Authorize(server, client.Callback)));
        await walk.FollowAsync("Sign in", Back);
        client.Replies.Should().Be(2);

        await walk.GoAsync("/account/apps", "Apps");
        await Expect(walk.Page.GetByRole(AriaRole.Heading, new() { Name = Photos, Exact = true })).ToBeVisibleAsync();
        await walk.LookAtStepAsync("account-apps");
        await walk.UnfoldAsync($"Take it back from {Photos}");
        await walk.LookAtStepAsync("account-apps-take-back");
        await walk.PressAsync("Take it back", "Apps");
        await Expect(walk.Notice).ToHaveTextAsync("It is taken back. The application's sessions have ended.");
        await walk.LookAtStepAsync("account-apps-none");
    }

    [NeedsChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_says_no_proves_again_who_it_is_and_chooses(bool hasScript)
    {
        await using var client = await ClientApp.StartAsync();
        await using var server = await StartAsync(client);
        await using var walk = await Walk.BeginAsync(chromium, server, hasScript, client.Address);
        await walk.Page.GotoAsync(Authorize(server, client.Callback));
        await walk.SignInAsync("bob", $"Allow {Photos}?");
        await walk.PressAsync("Deny", Back);
        client.Reply["error"].ToString().Should().Be("access_denied");

        server.Clock.Advance(TimeSpan.FromSeconds(2));
        await walk.Page.GotoAsync(Authorize(server, client.Callback, more: "&prompt=login"));
        await walk.IsAtAsync("Sign in again");
        await walk.LookAtStepAsync("client-sign-in-again");
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        await walk.FillAsync("Password", RealServer.Password);
        await walk.PressAsync("Sign in again", $"Allow {Photos}?");
        await walk.PressAsync("Allow", Back);
        client.Reply["code"].ToString().Should().StartWith("ac_");

        await walk.Page.GotoAsync(Authorize(server, client.Callback, more: "&prompt=select_account"));
        await walk.IsAtAsync("Choose an account");
        await walk.LookAtStepAsync("client-choose");
        await walk.PressAsync("Go on as bob", Back);

        await walk.Page.GotoAsync(Authorize(server, client.Callback, more: "&acr_values=urn:tokenserver:acr:mfa"));
        await walk.IsAtAsync("A second factor is needed");
        await walk.LookAtStepAsync("client-no-second-factor");
        await walk.PressAsync($"Back to {Photos}", Back);
        client.Reply["error"].ToString().Should().Be("access_denied");

        await walk.GoAsync(Authorize(server, "https://evil.example/")[server.Address.Length..], "This sign-in cannot go on");
        await walk.LookAtStepAsync("client-error");
    }

    [NeedsChromiumFact]
    public async Task A_second_factor_turned_on_later_is_asked_for_alone()
    {
        await using var client = await ClientApp.StartAsync();
        await using var server = await StartAsync(client);
        await using var walk = await Walk.BeginAsync(chromium, server, client: client.Address);
        await walk.GoAsync("/account/two-factor", "Sign in");
        await walk.SignInAsync("bob", "Two-factor authentication");
        await walk.PressAsync("Set it up", "Two-factor authentication");
        string secret = await walk.Page.GetByRole(AriaRole.Group, new() { Name = "Key" }).InnerTextAsync();
        var authenticator = new Authenticator(secret, server.Clock);
        await walk.FillAsync("Code", authenticator.Next());
        await walk.PressAsync("Turn two-factor on", "Two-factor authentication");
        await walk.Page.GotoAsync(Authorize(server, client.Callback, more: "&acr_values=urn:tokenserver:acr:mfa"));
        await walk.IsAtAsync("Enter the code");
        await walk.LookAtStepAsync("client-step-up");
        await walk.FillAsync("Code", authenticator.Next());
        await walk.PressAsync("Go on", $"Allow {Photos}?");
        await walk.PressAsync("Allow", Back);
    }

    [NeedsChromiumFact]
    public async Task The_keyboard_alone_is_enough_to_sign_in_and_to_allow()
    {
        await using var client = await ClientApp.StartAsync();
        await using var server = await StartAsync(client);
        await using var walk = await Walk.BeginAsync(chromium, server, client: client.Address);
        await walk.Page.GotoAsync(Authorize(server, client.Callback));
        await walk.IsAtAsync("Sign in");
        await walk.Page.Keyboard.TypeAsync("bob");
        await walk.Page.Keyboard.PressAsync("Tab");
        await walk.Page.Keyboard.TypeAsync(RealServer.Password);
        await walk.Page.Keyboard.PressAsync("Enter");
        await walk.IsAtAsync($"Allow {Photos}?");
        var allow = walk.Page.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true });
        for (int i = 0; i < 12 && !await allow.EvaluateAsync<bool>("e => e === document.activeElement"); i++)
            await walk.Page.Keyboard.PressAsync("Tab");
        await Expect(allow).ToBeFocusedAsync();
        (await allow.EvaluateAsync<string>("e => getComputedStyle(e).outlineStyle")).Should().Be("solid", "the focus is seen");
        await walk.Page.Keyboard.PressAsync("Enter");
        await walk.IsAtAsync(Back);
    }

    [NeedsChromiumFact]
    public async Task Chromium_lets_the_form_lead_to_the_request_s_address_and_to_no_other()
    {
        await using var client = await ClientApp.StartAsync();
        await using var other = await ClientApp.StartAsync();
        await using var server = await StartAsync(client);
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        var refused = new List<string>();
        page.Console += (_, message) => { if (message.Text.Contains("form-action", StringComparison.Ordinal)) refused.Add(message.Text); };
        await page.GotoAsync(Authorize(server, client.Callback));
        await SignInAsync(page);
        // As a page would be that named somebody else's address. A page that was redirected to cannot be put in place of another, one that
        // is loaded again can.
        await page.RouteAsync("**/account/consent*", async route =>
        {
            var answer = await route.FetchAsync();
            var headers = answer.Headers.ToDictionary(h => h.Key, h => h.Value);
            headers["content-security-policy"].Should().Contain(client.Address);
            headers["content-security-policy"] = headers["content-security-policy"].Replace(client.Address, other.Address, StringComparison.Ordinal);
            await route.FulfillAsync(new() { Response = answer, Headers = headers });
        }, new() { Times = 1 });
        await page.ReloadAsync();
        await AllowAsync(page);
        (await Eventually.TrueAsync(() => Task.FromResult(refused.Count > 0), Eventually.Never)).Should().BeTrue("Chromium holds a form's redirects to form-action");
        client.Replies.Should().Be(0);

        // What was allowed is known by now; so that it is asked for again it is taken back.
        refused.Clear();
        await page.GotoAsync(server.Address + "/account/apps");
        await page.GetByLabel($"Take it back from {Photos}").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Take it back", Exact = true }).ClickAsync();
        await Expect(page.GetByText("You have allowed no application yet.")).ToBeVisibleAsync();
        await page.GotoAsync(Authorize(server, client.Callback));
        await AllowAsync(page);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Back);
        refused.Should().BeEmpty();
        other.Replies.Should().Be(0);
    }

    [NeedsChromiumFact]
    public async Task Chromium_lets_the_form_lead_to_an_app_s_own_scheme()
    {
        await using var client = await ClientApp.StartAsync();
        await using var server = await StartAsync(client);
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        var refused = new List<string>();
        page.Console += (_, message) => { if (message.Text.Contains("form-action", StringComparison.Ordinal)) refused.Add(message.Text); };
        string? left = null;
        page.Response += (_, response) =>
        {
            if (response.Headers.TryGetValue("location", out string? to) && to.StartsWith("com.example.app:", StringComparison.Ordinal)) left = to;
        };
        await page.GotoAsync(Authorize(server, "com.example.app:/signed-in", "app"));
        await SignInAsync(page);
        await AllowAsync(page);
        (await Eventually.TrueAsync(() => Task.FromResult(left is not null), Eventually.Never)).Should().BeTrue("the way leads to the app");
        left.Should().Contain("code=ac_");
        // The refusal, had there been one, comes with the redirect.
        await page.GotoAsync(server.Address + "/account/apps");
        refused.Should().BeEmpty();
    }

    private static Task AllowAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();

    private static async Task SignInAsync(IPage page)
    {
        await page.GetByLabel("User name or e-mail address").FillAsync("bob");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(RealServer.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Allow");
    }

    private static string Authorize(RealServer server, string redirectUri, string client = "photos", string more = "") =>
        $"{server.Address}/connect/authorize?client_id={client}&response_type=code&redirect_uri={Uri.EscapeDataString(redirectUri)}"
        + $"&scope={(client == "app" ? "openid%20api" : "openid%20email%20offline_access%20api")}&state=s"
        + $"&code_challenge_method=S256&code_challenge={Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)))}{more}";

    private static Task<RealServer> StartAsync(ClientApp client) => RealServer.StartAsync($$"""
        {
          "clients": [
            { "client_id": "photos", "client_name": "{{Photos}}", "client_secret": "{{RealServer.Secret}}",
              "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
              "redirect_uris": ["{{client.Callback}}"], "scope": "openid profile email offline_access api",
              "client_uri": "https://photos.example.com", "policy_uri": "https://photos.example.com/privacy",
              "tos_uri": "https://photos.example.com/terms", "logo_uri": "https://photos.example.com/logo.png" },
            { "client_id": "app", "grant_types": ["authorization_code"], "response_types": ["code"],
              "redirect_uris": ["com.example.app:/signed-in"], "scope": "openid api" }
          ]
        }
        """);
}
