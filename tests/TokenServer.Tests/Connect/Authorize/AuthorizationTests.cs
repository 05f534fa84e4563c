using System.Net;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Authorize;

/// <summary>The authorization endpoint with a browser that is signed in (contract section 9, OpenID Connect Core section 3.1.2).</summary>
public sealed class AuthorizationTests(CodeServer shared) : IClassFixture<CodeServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Browser bob = shared.Bob;

    [Fact]
    public async Task A_code_comes_back_with_the_state_and_the_issuer()
    {
        var back = await bob.AuthorizeAsync("shop", ("state", "ä +&=%\"'<>~ ü"));
        back["code"].Should().StartWith("ac_").And.HaveLength(46);
        back["state"].Should().Be("ä +&=%\"'<>~ ü");
        back["iss"].Should().Be(server.Address);
        back.Keys.Should().BeEquivalentTo("code", "state", "iss");
    }

    [Fact]
    public async Task The_code_makes_a_session_of_the_browsers_account()
    {
        var tokens = await bob.SignInByCodeAsync(server);
        var (access, id) = (Jwt.Claims(tokens["access_token"]!), Jwt.Claims(tokens["id_token"]!));
        id.Text("sub").Should().Be(access.Text("sub"));
        id.Text("sid").Should().Be(access.Text("sid"));
        (id.Text("aud"), id.Text("azp"), id.Text("acr")).Should().Be(("shop", "shop", "urn:tokenserver:acr:pwd"));
        id.Texts("amr").Should().Equal("pwd");
        id.Names().Should().Contain(["at_hash", "auth_time", "iat", "exp", "iss"]).And.NotContain("nonce");
        tokens["refresh_token"].Should().StartWith("rt_");
        tokens["scope"].Should().Be("openid offline_access api");
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task The_nonce_is_in_the_id_token_and_not_in_that_of_a_refresh()
    {
        string code = await bob.CodeAsync("shop", ("nonce", "n ö 1"), ("scope", "openid offline_access"));
        var tokens = await server.ExchangeAsync(code);
        Jwt.Claims(tokens["id_token"]!).Text("nonce").Should().Be("n ö 1");
        var refreshed = await server.RefreshAsync(tokens["refresh_token"]!, "shop");
        var claims = Jwt.Claims(refreshed["id_token"]!);
        claims.Names().Should().NotContain("nonce");
        claims.GetProperty("auth_time").GetInt64().Should().Be(Jwt.Claims(tokens["id_token"]!).GetProperty("auth_time").GetInt64());
    }

    [Fact]
    public async Task Without_a_scope_the_client_gets_its_defaults()
    {
        var tokens = await server.ExchangeAsync(await bob.CodeAsync("shop", ("scope", null)));
        tokens["scope"].Should().Be("profile email api");
        tokens.Json.Names().Should().NotContain(["id_token", "refresh_token"]);
    }

    [Fact]
    public async Task Without_offline_access_there_is_no_refresh_token() =>
        (await bob.SignInByCodeAsync(server, "openid api")).Json.Names().Should().NotContain("refresh_token");

    [Fact]
    public async Task A_public_client_shows_its_verifier_alone()
    {
        string code = await bob.CodeOfAppAsync("com.example.app:/cb");
        (await server.ExchangeAsync(code, "app", ("redirect_uri", "com.example.app:/cb"))).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("unknown client", "client_id", "nobody")]
    [InlineData("the server's own client", "client_id", "first-party")]
    [InlineData("no client", "client_id", null)]
    [InlineData("no address", "redirect_uri", null)]
    [InlineData("another address", "redirect_uri", "https://evil.example/cb")]
    [InlineData("a slash more", "redirect_uri", "https://client.example/cb/")]
    [InlineData("other case", "redirect_uri", "https://client.example/CB")]
    [InlineData("other case of the host", "redirect_uri", "https://Client.example/cb")]
    [InlineData("a query more", "redirect_uri", "https://client.example/cb?x=1")]
    [InlineData("a question mark more", "redirect_uri", "https://client.example/cb?")]
    [InlineData("userinfo", "redirect_uri", "https://client.example@evil.example/cb")]
    [InlineData("userinfo before", "redirect_uri", "https://user@client.example/cb")]
    [InlineData("encoded", "redirect_uri", "https://client.example/%63b")]
    [InlineData("dots", "redirect_uri", "https://client.example/x/../cb")]
    [InlineData("backslash", "redirect_uri", "https://client.example\\@evil.example/cb")]
    [InlineData("the port said", "redirect_uri", "https://client.example:443/cb")]
    [InlineData("other port", "redirect_uri", "https://client.example:8443/cb")]
    [InlineData("http", "redirect_uri", "http://client.example/cb")]
    [InlineData("a fragment", "redirect_uri", "https://client.example/cb#x")]
    [InlineData("a blank", "redirect_uri", " https://client.example/cb")]
    [InlineData("a line feed", "redirect_uri", "https://client.example/cb\n")]
    [InlineData("a script", "redirect_uri", "javascript:alert(1)")]
    [InlineData("a path", "redirect_uri", "/cb")]
    public async Task What_must_not_redirect_is_a_page(string why, string parameter, string? value)
    {
        var answer = await bob.GetAsync(CodeClient.Address("shop", (parameter, value)));
        answer.ShouldBeRefusedHere();
        if (value is { Length: > 8 }) answer.Body.Should().NotContain(WebUtility.HtmlEncode(value), why);
        (await bob.GetAsync(CodeClient.Address("shop", (parameter, value), ("response_type", "token"), ("prompt", "none")))).ShouldBeRefusedHere();
    }

    [Theory]
    [InlineData("client_id", "shop")]
    [InlineData("redirect_uri", CodeClient.Callback)]
    [InlineData("request_uri", "urn:ietf:params:oauth:request_uri:x")]
    public async Task What_names_the_client_or_its_address_twice_is_a_page(string parameter, string value) =>
        (await bob.GetAsync(CodeClient.Address("shop", ("request_uri", parameter == "request_uri" ? value : null)) + $"&{parameter}={Uri.EscapeDataString(value)}")).ShouldBeRefusedHere();

    [Theory]
    [InlineData("%ff")]
    [InlineData("%00")]
    public async Task What_cannot_be_read_is_a_page(string state) =>
        (await bob.GetAsync(CodeClient.Address("shop", ("state", null)) + "&state=" + state)).ShouldBeRefusedHere();

    [Theory]
    [InlineData("invalid_request", "response_type", null)]
    [InlineData("unsupported_response_type", "response_type", "token")]
    [InlineData("unsupported_response_type", "response_type", "id_token")]
    [InlineData("unsupported_response_type", "response_type", "code id_token")]
    [InlineData("unsupported_response_type", "response_type", "nothing")]
    [InlineData("invalid_request", "response_mode", "fragment")]
    [InlineData("invalid_request", "response_mode", "web_message")]
    [InlineData("invalid_scope", "scope", "openid nothing")]
    [InlineData("invalid_scope", "scope", "openid files")]
    [InlineData("invalid_scope", "scope", "openid admin")]
    [InlineData("invalid_request", "prompt", "none login")]
    [InlineData("invalid_request", "prompt", "none consent")]
    [InlineData("invalid_request", "prompt", "none select_account")]
    [InlineData("invalid_request", "prompt", "everything")]
    [InlineData("invalid_request", "max_age", "soon")]
    [InlineData("invalid_request", "max_age", "-1")]
    [InlineData("invalid_request", "max_age", "99999999999999999999")]
    [InlineData("invalid_request", "code_challenge", null)]
    [InlineData("invalid_request", "code_challenge", "short")]
    [InlineData("invalid_request", "code_challenge", "not base64url but of the right length 12345!")]
    [InlineData("invalid_request", "code_challenge_method", null)]
    [InlineData("invalid_request", "code_challenge_method", "plain")]
    [InlineData("invalid_request", "code_challenge_method", "s256")]
    [InlineData("request_not_supported", "request", "eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("request_uri_not_supported", "request_uri", "https://client.example/request.jwt")]
    [InlineData("invalid_request", "id_token_hint", "nonsense")]
    public async Task Every_other_error_goes_back_to_the_client(string error, string parameter, string? value)
    {
        var back = await bob.AuthorizeAsync("shop", (parameter, value));
        (back["error"], back["state"], back["iss"]).Should().Be((error, "a state", server.Address));
        back.Keys.Should().BeSubsetOf(["error", "error_description", "state", "iss"]);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("nonce")]
    [InlineData("login_hint")]
    public async Task What_is_too_long_goes_back_as_an_error(string parameter) =>
        (await bob.AuthorizeAsync("shop", (parameter, new string('x', 2001))))["error"].Should().Be("invalid_request");

    [Fact]
    public async Task A_parameter_that_appears_twice_goes_back_as_an_error() =>
        (await bob.GetAsync(CodeClient.Address() + "&scope=openid")).Back()["error"].Should().Be("invalid_request");

    [Fact]
    public async Task A_client_without_the_grant_is_told_so() =>
        (await bob.AuthorizeAsync("narrow", ("scope", "api")))["error"].Should().Be("unauthorized_client");

    [Fact]
    public async Task Claims_and_what_is_unknown_are_ignored() =>
        (await bob.AuthorizeAsync("shop", ("claims", "{\"userinfo\":{\"name\":null}}"), ("resource", "https://x.example"), ("audience", "x"), ("extra", "foobar"),
            ("display", "popup"), ("ui_locales", "de"), ("claims_locales", "se"), ("acr_values", "1 2"))).Should().ContainKey("code");

    [Fact]
    public async Task An_answer_goes_into_the_query_that_is_there()
    {
        var answer = await bob.GetAsync(CodeClient.Address("shop", ("redirect_uri", CodeClient.Callback + "?a=1&b=x%20y")));
        answer.Headers.Location!.OriginalString.Should().StartWith(CodeClient.Callback + "?a=1&b=x%20y&code=ac_");
    }

    [Theory]
    [InlineData("http://127.0.0.1:49152/cb")]
    [InlineData("http://127.0.0.1/cb")]
    [InlineData("http://[::1]:1/cb")]
    [InlineData("http://[::1]/cb")]
    [InlineData("http://localhost:65535/cb?x=1")]
    [InlineData("com.example.app:/cb")]
    public async Task On_this_machine_any_port_is_taken(string address) => (await bob.CodeOfAppAsync(address)).Should().StartWith("ac_");

    [Theory]
    [InlineData("http://127.0.0.1:0/cb")]
    [InlineData("http://127.0.0.1:65536/cb")]
    [InlineData("http://127.0.0.1:/cb")]
    [InlineData("http://127.0.0.1:80@evil.example/cb")]
    [InlineData("http://127.0.0.1.evil.example/cb")]
    [InlineData("http://127.0.0.2:80/cb")]
    [InlineData("http://localhost:80/cb")]
    [InlineData("http://localhost:80/cb?x=2")]
    [InlineData("https://127.0.0.1:80/cb")]
    [InlineData("http://127.0.0.1:80/cb/")]
    [InlineData("com.example.app:/CB")]
    public async Task On_this_machine_all_but_the_port_is_compared(string address) =>
        (await bob.GetAsync(CodeClient.Address("app", ("redirect_uri", address)))).ShouldBeRefusedHere();

    [Fact]
    public async Task A_form_is_a_request_too()
    {
        var answer = await bob.PostAsync("/connect/authorize", CodeClient.Parameters());
        answer.Back().Should().ContainKey("code");
    }

    [Fact]
    public async Task A_form_of_another_site_comes_without_the_cookie_and_is_asked_again()
    {
        using var stranger = new Browser(server);
        var stored = await stranger.PostAsync("/connect/authorize", CodeClient.Parameters(other: ("prompt", "none")));
        stored.Status.Should().Be(303);
        string onward = stored.Headers.Location!.OriginalString;
        onward.Should().StartWith("/connect/authorize?client_id=shop&request_uri=urn%3A").And.NotContain("state");
        (await bob.GetAsync(onward)).Back().Should().ContainKey("code");
    }

    [Fact]
    public async Task Nothing_of_a_form_is_read_from_the_address() =>
        (await bob.PostAsync(CodeClient.Address(), ("client_id", "shop"))).ShouldBeRefusedHere();

    [Theory]
    [InlineData("client_id=shop&state=%4")]
    [InlineData("client_id=shop&state=%C3%28")]
    [InlineData("")]
    public async Task A_form_that_cannot_be_read_is_a_page(string form) => (await bob.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/authorize")
    {
        Content = new StringContent(form, System.Text.Encoding.ASCII, "application/x-www-form-urlencoded"),
    })).ShouldBeRefusedHere();

    [Fact]
    public async Task Another_method_and_another_media_type_are_refused()
    {
        var put = await bob.SendAsync(new HttpRequestMessage(HttpMethod.Put, CodeClient.Address()));
        (put.Status, string.Join(' ', put.ContentHeaders.Allow.Order())).Should().Be((405, "GET HEAD POST"));
        (await bob.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/authorize") { Content = JsonContent("{}") })).ShouldBeRefusedHere();
        var head = await bob.SendAsync(new HttpRequestMessage(HttpMethod.Head, CodeClient.Address()));
        head.Back().Should().ContainKey("code");
    }

    [Fact]
    public async Task The_answer_may_be_a_form_that_the_browser_sends_on()
    {
        var answer = await bob.GetAsync(CodeClient.Address("shop", ("response_mode", "form_post"), ("state", "\"><script>alert(1)</script>")));
        answer.Status.Should().Be(200);
        answer.Body.Should().Contain($"action=\"{CodeClient.Callback}\"").And.Contain("name=\"code\" value=\"ac_").And.NotContain("<script>alert");
        WebUtility.HtmlDecode(answer.Body).Should().Contain("value=\"\"><script>alert(1)</script>\"");
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.Should().Contain("default-src 'none'").And.Contain("frame-ancestors 'none'");
        string nonce = policy.Split("'nonce-")[1].Split('\'')[0];
        answer.Body.Should().Contain($"<script nonce=\"{nonce}\">");
        answer.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Fact]
    public async Task An_error_may_be_a_form_too() =>
        (await bob.GetAsync(CodeClient.Address("shop", ("response_mode", "form_post"), ("scope", "openid nothing")))).Body
            .Should().Contain("name=\"error\" value=\"invalid_scope\"").And.Contain("name=\"iss\"");

    [Fact]
    public async Task No_code_is_in_a_log()
    {
        await using var own = await TestServer.StartAsync(Browser.AllLogged, CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        string code = await browser.CodeAsync();
        (await own.ExchangeAsync(code)).Status.Should().Be(200);
        (await own.ExchangeAsync(code)).Status.Should().Be(400);
        own.Log.Lines.Should().NotContain(l => l.Contains(code, StringComparison.Ordinal)).And.NotContain(l => l.Contains(CodeClient.Verifier, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_script_of_another_site_reads_an_answer()
    {
        await using var own = await TestServer.StartAsync(["--TokenServer:AllowedOrigins:0=https://app.example"], CodeClient.Import);
        using var browser = await Browser.OfAsync(own);
        (string, string) origin = ("Origin", "https://app.example");
        (await browser.GetAsync(CodeClient.Address(), origin)).Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
        (await own.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/.well-known/jwks") { Headers = { { "Origin", "https://app.example" } } })).Headers.Contains("Access-Control-Allow-Origin").Should().BeTrue();
    }

    private static StringContent JsonContent(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}

/// <summary>Requests of the client app.</summary>
internal static class AppRequests
{
    public static async Task<string> CodeOfAppAsync(this Browser browser, string address) =>
        (await browser.GetAsync(CodeClient.Address("app", ("redirect_uri", address)))).Back(address)["code"];
}
