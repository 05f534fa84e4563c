using TokenServer.Accounts;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Authorization;

namespace TokenServer.Tests.Web.Passkeys;

/// <summary>A passkey where a client's request led to the sign-in (contract section 9): it counts as both factors.</summary>
public sealed class PasskeyFlowTests
{
    private const string Mfa = "urn:tokenserver:acr:mfa";
    private static readonly (string, string) WantsMfa = ("acr_values", Mfa);

    [Fact]
    public async Task A_client_learns_how_the_person_signed_in()
    {
        await using var server = await StartAsync();
        using var passkey = await server.PasskeyAsync();
        using var browser = new Browser(server);
        var client = new FlowClient("own");
        var page = await browser.GoAsync(client.Authorize(more: WantsMfa));
        page.Body.Should().Contain("autocomplete=\"username webauthn\"").And.Contain("asks you to sign in");
        var claims = await ClaimsAsync(server, client, await browser.FollowAsync(await ShowAsync(browser, page, passkey, "/account/sign-in/passkey")));
        claims.Texts("amr").Should().Equal("hwk", "user");
        claims.GetProperty("acr").GetString().Should().Be(Mfa);
    }

    [Fact]
    public async Task A_password_alone_is_stepped_up_by_a_passkey_where_there_is_no_other_factor()
    {
        await using var server = await StartAsync();
        using var passkey = await server.PasskeyAsync(isSynced: true);
        using var browser = await Browser.OfAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(20));
        var client = new FlowClient("own");
        var page = await browser.GoAsync(client.Authorize(more: WantsMfa));
        page.Body.Should().Contain("<h1>Show your passkey</h1>").And.Contain("asks for your second factor too").And.Contain("Back to own")
            .And.NotContain("name=\"code\"").And.NotContain("name=\"password\"");
        var claims = await ClaimsAsync(server, client, await browser.FollowAsync(await ShowAsync(browser, page, passkey, "/account/sign-in-again/passkey")));
        claims.Texts("amr").Should().Equal("swk", "user");
        claims.GetProperty("auth_time").GetInt64().Should().Be(server.Clock.GetUtcNow().ToUnixTimeSeconds());
    }

    [Fact]
    public async Task With_a_code_too_either_does()
    {
        await using var server = await StartAsync();
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p0 WHERE "UserName"='john'""", false));
        using var passkey = await server.PasskeyAsync("john");
        using var browser = await Browser.OfAsync(server, "john");
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p0 WHERE "UserName"='john'""", true));
        var client = new FlowClient("own");
        var page = await browser.GoAsync(client.Authorize(more: WantsMfa));
        page.Body.Should().Contain("name=\"code\"").And.Contain("Go on with a passkey");
        (await ClaimsAsync(server, client, await browser.FollowAsync(await ShowAsync(browser, page, passkey, "/account/sign-in-again/passkey"))))
            .Texts("amr").Should().Equal("hwk", "user");
    }

    [Theory]
    [InlineData("prompt", "login")]
    [InlineData("max_age", "60")]
    public async Task Where_a_newer_sign_in_is_asked_for_a_passkey_is_one(string parameter, string value)
    {
        await using var server = await StartAsync();
        using var passkey = await server.PasskeyAsync();
        using var browser = new Browser(server);
        await browser.SignInAsync(passkey);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        var client = new FlowClient("own");
        var page = await browser.GoAsync(client.Authorize(more: (parameter, value)));
        page.Body.Should().Contain("asks you to prove again that it is you");
        var claims = await ClaimsAsync(server, client, await browser.FollowAsync(await ShowAsync(browser, page, passkey, "/account/sign-in-again/passkey")));
        claims.GetProperty("auth_time").GetInt64().Should().Be(server.Clock.GetUtcNow().ToUnixTimeSeconds());
        claims.GetProperty("acr").GetString().Should().Be(Mfa);
    }

    [Fact]
    public async Task An_administrator_without_a_code_is_let_into_the_console_by_a_passkey()
    {
        await using var server = await StartAsync("--Admin:RequireSecondFactor=true");
        using var passkey = await server.PasskeyAsync("jane");
        using var browser = await Browser.OfAsync(server, "jane");
        var told = await browser.GetAsync("/admin");
        told.Status.Should().Be(403);
        told.Body.Should().Contain("/account/passkeys").And.Contain("/account/sign-in-again?return=%2Fadmin");
        (await ShowAsync(browser, await browser.GetAsync("/account/sign-in-again?return=/admin"), passkey, "/account/sign-in-again/passkey")).ShouldGoTo("/admin");
        (await browser.GetAsync("/admin")).Status.Should().Be(200);
        var accounts = server.Get<UserAccounts>();
        AdminAccess.MayAdminister(accounts.FindByLogin("jane")!, server.SessionsOf("jane").Single()).Should().BeTrue();
    }

    private static async Task<TestServer> StartAsync(params string[] settings) =>
        await TestServer.StartAsync([.. PasskeyVisits.Named, .. settings], FlowClient.Import);

    // Shows a passkey on a page, and leads on to where that leads.
    private static Task<Answer> ShowAsync(Browser browser, Answer page, SoftPasskey passkey, string action)
    {
        page.Body.Should().Contain($"action=\"{action}\"");
        string hidden = page.Body[(page.Body.IndexOf("name=\"return\" value=\"", StringComparison.Ordinal) + 21)..];
        return browser.PostAsync(action, page.Form(passkey, System.Net.WebUtility.HtmlDecode(hidden[..hidden.IndexOf('"', StringComparison.Ordinal)])));
    }

    private static async Task<System.Text.Json.JsonElement> ClaimsAsync(TestServer server, FlowClient client, Answer answer)
    {
        var tokens = await client.ExchangeAsync(server, client.Reply(answer)!["code"]);
        tokens.Status.Should().Be(200, tokens.Body);
        return Jwt.Claims(tokens["id_token"]!);
    }
}
