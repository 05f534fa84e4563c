using System.Text.Json;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>The code flow with the pages in it, from the client's request to its tokens (contract section 9).</summary>
public sealed class CodeFlowTests(FlowServer flow) : IClassFixture<FlowServer>
{
    private TestServer Server => flow.Server;

    [Fact]
    public async Task A_stranger_signs_in_and_allows_and_the_client_has_its_tokens_and_next_time_without_a_page()
    {
        using var browser = new Browser(Server);
        var client = new FlowClient();
        var page = await browser.GoAsync(client.Authorize("openid offline_access api", ("login_hint", "bob")));
        page.Body.Should().Contain("<strong>Photo Printer</strong> (app.example.com) asks you to sign in.").And.Contain("value=\"bob\"");
        page = await browser.SignInAsync(page, "bob");
        page.Body.Should().Contain("<h1>Allow Photo Printer?</h1>").And.Contain("<li>See your tunnels and change them</li>");
        var reply = client.Reply(await browser.SendAsync(page, "/account/consent"))!;
        var tokens = await client.ExchangeAsync(Server, reply["code"]);
        tokens.Status.Should().Be(200, tokens.Body);
        var claims = Jwt.Claims(tokens["id_token"]!);
        (claims.GetProperty("nonce").GetString(), claims.GetProperty("acr").GetString())
            .Should().Be(("a nonce", "urn:tokenserver:acr:pwd"));
        (await Server.IsActiveAsync(tokens["access_token"]!)).Should().BeTrue();
        var again = new FlowClient();
        again.Reply(await browser.GetAsync(again.Authorize("openid api"))).Should().ContainKey("code", "both steps are done");
        await browser.GetAsync("/account/apps");
        (await browser.PostAsync("/account/apps/withdraw", ("client_id", "photos"))).Status.Should().Be(303);
        (await Server.IsActiveAsync(tokens["access_token"]!)).Should().BeFalse();
        (await browser.GoAsync(again.Authorize())).Body.Should().Contain("<h1>Allow Photo Printer?</h1>", "it has to ask again");
    }

    [Fact]
    public async Task The_second_factor_is_part_of_the_way()
    {
        using var browser = new Browser(Server);
        var client = new FlowClient("own");
        var page = await browser.SignInAsync(await browser.GoAsync(client.Authorize(more: ("acr_values", "urn:tokenserver:acr:mfa"))), "john");
        page.Body.Should().Contain("<h1>Enter the code</h1>");
        Server.Clock.Advance(TimeSpan.FromMinutes(1));
        var reply = client.Reply(await browser.SendAsync(page, "/account/second-factor", ("code", Server.TotpCode())))!;
        (await ClaimsAsync(client, reply)).GetProperty("acr").GetString().Should().Be("urn:tokenserver:acr:mfa");
    }

    [Fact]
    public async Task More_than_was_allowed_is_asked_for_and_less_is_not()
    {
        using var browser = await SignedInAsync("ann");
        var client = new FlowClient();
        client.Reply(await browser.SendAsync(await browser.GoAsync(client.Authorize("openid")), "/account/consent")).Should().ContainKey("code");
        var wider = await browser.GoAsync(client.Authorize("openid email"));
        wider.Body.Should().Contain("<li>See your e-mail address</li>");
        client.Reply(await browser.SendAsync(wider, "/account/consent")).Should().ContainKey("code");
        client.Reply(await browser.GetAsync(client.Authorize("email openid"))).Should().ContainKey("code");
        client.Reply(await browser.GetAsync(client.Authorize("openid"))).Should().ContainKey("code");
    }

    [Fact]
    public async Task A_no_goes_back_and_is_asked_anew_the_next_time()
    {
        using var browser = await SignedInAsync("carl");
        var client = new FlowClient();
        client.Reply(await browser.SendAsync(await browser.GoAsync(client.Authorize()), "/account/deny"))!["error"].Should().Be("access_denied");
        (await browser.GoAsync(client.Authorize())).Body.Should().Contain("<h1>Allow Photo Printer?</h1>");
    }

    [Fact]
    public async Task A_systematic_client_asks_each_time_and_an_implicit_one_when_it_says_so()
    {
        using var browser = await SignedInAsync("dora");
        var strict = new FlowClient("strict");
        for (int i = 0; i < 2; i++)
        {
            var page = await browser.GoAsync(strict.Authorize());
            page.Body.Should().Contain("<h1>Allow strict?</h1>");
            strict.Reply(await browser.SendAsync(page, "/account/consent")).Should().ContainKey("code");
        }
        var own = new FlowClient("own");
        own.Reply(await browser.GetAsync(own.Authorize())).Should().ContainKey("code");
        var asked = await browser.GoAsync(own.Authorize(more: ("prompt", "consent")));
        own.Reply(await browser.SendAsync(asked, "/account/consent")).Should().ContainKey("code");
    }

    [Fact]
    public async Task Without_a_page_it_is_a_code_or_what_a_page_would_be_needed_for()
    {
        using var browser = new Browser(Server);
        var client = new FlowClient();
        string quiet = client.Authorize("openid profile", ("prompt", "none"));
        client.Reply(await browser.GetAsync(quiet))!["error"].Should().Be("login_required");
        await browser.SignInAsync("dora");
        client.Reply(await browser.GetAsync(quiet))!["error"].Should().Be("consent_required");
        await browser.SendAsync(await browser.GoAsync(client.Authorize("openid profile")), "/account/consent");
        client.Reply(await browser.GetAsync(quiet)).Should().ContainKey("code");
    }

    [Theory]
    [InlineData("prompt", "login")]
    [InlineData("max_age", "60")]
    [InlineData("max_age", "0")]
    public async Task Who_is_signed_in_proves_it_again_and_the_client_sees_when(string parameter, string value)
    {
        using var browser = await SignedInAsync("bob");
        var client = new FlowClient("own");
        long before = (await ClaimsAsync(client, client.Reply(await browser.GetAsync(client.Authorize()))!)).GetProperty("auth_time").GetInt64();
        Server.Clock.Advance(TimeSpan.FromMinutes(2));
        var page = await browser.GoAsync(client.Authorize(more: (parameter, value)));
        page.Body.Should().Contain("<h1>Sign in again</h1>");
        Server.Clock.Advance(TimeSpan.FromSeconds(3));
        var answer = await browser.SendAsync(page, "/account/sign-in-again", ("password", TestImport.Password));
        var claims = await ClaimsAsync(client, client.Reply(answer)!);
        claims.GetProperty("auth_time").GetInt64().Should().Be(before + 123);
    }

    [Fact]
    public async Task A_second_factor_that_an_account_has_not_ends_in_a_no()
    {
        using var browser = await SignedInAsync("carl");
        var client = new FlowClient("own");
        var page = await browser.GoAsync(client.Authorize(more: ("acr_values", "urn:tokenserver:acr:mfa")));
        page.Body.Should().Contain("<h1>A second factor is needed</h1>");
        client.Reply(await browser.SendAsync(page, "/account/deny"))!["error"].Should().Be("access_denied");
    }

    [Fact]
    public async Task A_person_chooses_the_account()
    {
        using var browser = await SignedInAsync("carl");
        var client = new FlowClient("own");
        string choose = client.Authorize(more: ("prompt", "select_account"));
        var page = await browser.GoAsync(choose);
        page.Body.Should().Contain("<h1>Choose an account</h1>");
        var carl = await ClaimsAsync(client, client.Reply(await browser.SendAsync(page, "/account/choose"))!);
        page = await browser.GoAsync(choose);
        string another = page.Body[page.Body.IndexOf("/account/sign-in?return=", StringComparison.Ordinal)..];
        another = System.Net.WebUtility.HtmlDecode(another[..another.IndexOf('"', StringComparison.Ordinal)]);
        var dora = await ClaimsAsync(client, client.Reply(await browser.SignInAsync(await browser.GetAsync(another), "dora"))!);
        dora.GetProperty("sub").GetString().Should().NotBe(carl.GetProperty("sub").GetString());
    }

    [Fact]
    public async Task A_client_that_speaks_of_somebody_else_is_given_nobody_else()
    {
        using var browser = await SignedInAsync("carl");
        var client = new FlowClient("own");
        var reply = client.Reply(await browser.GetAsync(client.Authorize()))!;
        string hint = (await client.ExchangeAsync(Server, reply["code"]))["id_token"]!;
        using var other = await SignedInAsync("dora");
        string about = client.Authorize(more: ("id_token_hint", hint));
        client.Reply(await browser.GetAsync(about)).Should().ContainKey("code");
        var page = await other.GoAsync(about);
        page.Body.Should().Contain("<h1>Another account is needed</h1>").And.NotContain("Go on as");
        client.Reply(await other.SendAsync(page, "/account/deny"))!["error"].Should().Be("access_denied");
    }

    [Fact]
    public async Task An_app_is_gone_back_to_by_its_own_scheme()
    {
        using var browser = await SignedInAsync("ann");
        var client = new FlowClient("app", "com.example.app:/signed-in");
        var page = await browser.GoAsync(client.Authorize());
        page.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("form-action 'self' com.example.app:;");
        client.Reply(await browser.SendAsync(page, "/account/consent")).Should().ContainKey("code");
    }

    [Theory]
    [InlineData("client_id", "nobody")]
    [InlineData("client_id", "<script>alert(1)</script>")]
    [InlineData("client_id", "")]
    [InlineData("redirect_uri", "https://evil.example/<script>alert(1)</script>")]
    [InlineData("redirect_uri", "https://app.example.com/signed-in/")]
    [InlineData("redirect_uri", "https://app.example.com@evil.example/signed-in")]
    [InlineData("redirect_uri", "")]
    public async Task What_must_not_redirect_is_a_page_that_says_so(string parameter, string value)
    {
        using var browser = await SignedInAsync("ann");
        var answer = await browser.GetAsync(new FlowClient().Authorize(more: (parameter, value)));
        answer.Status.Should().Be(400);
        answer.Headers.Location.Should().BeNull();
        answer.ContentHeaders.ContentType!.MediaType.Should().Be("text/html");
        answer.Body.Should().Contain("<h1>This sign-in cannot go on</h1>").And.NotContain("<script>alert").And.NotContain("evil.example");
        answer.Headers.GetValues("X-Frame-Options").Should().Equal("DENY");
        answer.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("form-action 'self'; ");
    }

    private async Task<Browser> SignedInAsync(string user)
    {
        var browser = new Browser(Server);
        (await browser.SignInAsync(user)).ShouldGoTo("/account");
        return browser;
    }

    private async Task<JsonElement> ClaimsAsync(FlowClient client, Dictionary<string, string> reply)
    {
        reply.Should().ContainKey("code");
        var tokens = await client.ExchangeAsync(Server, reply["code"]);
        tokens.Status.Should().Be(200, tokens.Body);
        return Jwt.Claims(tokens["id_token"]!);
    }
}

/// <summary>One server with the clients of <see cref="FlowClient.Import"/> for the tests of the flow, which move its clock forward.</summary>
public sealed class FlowServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() =>
        Server = await TestServer.StartAsync(FaceRequests.NoLimits, FlowClient.Import, isPatient: true);

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
