using System.Net;
using System.Text.RegularExpressions;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Conformance;

/// <summary>
/// The modules of the OpenID Foundation's Basic OP plan (oidcc-basic-certification-test-plan), each a test of its name, with what it checks;
/// the Form Post OP plan is the same by form_post. docs/conformance.md lists them all, and those that cannot be held.
/// </summary>
public abstract partial class BasicOpModules(CodeServer shared, string responseMode)
{
    private readonly TestServer server = shared.Server;
    private readonly Browser bob = shared.Bob;

    [Fact]
    public async Task Oidcc_server()
    {
        var back = await AuthorizeAsync(bob, ("nonce", "n-1"), ("state", "s-1"), ("scope", "openid profile email"));
        (back["state"], back["iss"]).Should().Be(("s-1", server.Address));
        var tokens = await ExchangeAsync(back["code"]);
        (tokens["token_type"], tokens.Headers.CacheControl!.NoStore).Should().Be(("Bearer", true));
        var claims = Jwt.Claims(tokens["id_token"]!);
        (claims.Text("iss"), claims.Text("aud"), claims.Text("nonce")).Should().Be((server.Address, "basic", "n-1"));
        long now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        claims.GetProperty("iat").GetInt64().Should().BeLessThanOrEqualTo(now);
        claims.GetProperty("exp").GetInt64().Should().BeGreaterThan(now);
        (await server.UserInfoAsync(tokens["access_token"]!))["sub"].Should().Be(claims.Text("sub"));
    }

    [Fact]
    public async Task Oidcc_response_type_missing() => (await AuthorizeAsync(bob, ("response_type", null)))["error"].Should().Be("invalid_request");

    [Fact]
    public async Task Oidcc_idtoken_signature()
    {
        string token = (await TokensAsync(bob))["id_token"]!;
        Jwt.Header(token).Text("alg").Should().Be("RS256");
        Jwt.Header(token).Text("kid").Should().NotBeEmpty();
        (await server.IsSignedByPublishedKeyAsync(token)).Should().BeTrue();
    }

    [Fact]
    public async Task Oidcc_userinfo_get() => (await server.UserInfoAsync((await TokensAsync(bob))["access_token"]!)).Status.Should().Be(200);

    [Fact]
    public async Task Oidcc_userinfo_post_header()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/userinfo");
        request.Headers.Authorization = new("Bearer", (await TokensAsync(bob))["access_token"]);
        (await server.SendAsync(request))["sub"].Should().NotBeNull();
    }

    [Fact]
    public async Task Oidcc_userinfo_post_body() =>
        (await server.PostAsync("/connect/userinfo", null, ("access_token", (await TokensAsync(bob))["access_token"]!)))["sub"].Should().NotBeNull();

    [Fact]
    public async Task Oidcc_ensure_request_without_nonce_succeeds_for_code_flow() =>
        Jwt.Claims((await TokensAsync(bob, ("nonce", null)))["id_token"]!).Names().Should().NotContain("nonce");

    [Fact]
    public async Task Oidcc_scope_profile() => (await UserInfoAsync("openid profile")).Names().Should().Contain(["name", "preferred_username"]);

    [Fact]
    public async Task Oidcc_scope_email() => (await UserInfoAsync("openid email")).Names().Should().Contain(["email", "email_verified"]);

    [Fact]
    public async Task Oidcc_scope_address_and_phone_are_skipped_since_they_are_not_listed() =>
        (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration"))).Json.Texts("scopes_supported").Should().NotContain(["address", "phone"]);

    [Fact]
    public async Task Oidcc_scope_all() => (await UserInfoAsync("openid profile email")).Names().Should().Contain(["name", "email"]);

    [Fact]
    public async Task Oidcc_ensure_other_scope_order_succeeds() => (await UserInfoAsync("email openid")).Names().Should().Contain("email");

    [Theory]
    [InlineData("page")]
    [InlineData("popup")]
    public async Task Oidcc_display(string display) => (await AuthorizeAsync(bob, ("display", display))).Should().ContainKey("code");

    [Fact]
    public async Task Oidcc_prompt_login()
    {
        using var browser = await Browser.OfAsync(server);
        long first = AuthTime(await TokensAsync(browser));
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        string onward = await OnwardAsync(browser, ("prompt", "login"));
        await SignInAgainAsync(browser);
        AuthTime(await ExchangeAsync(Read(await browser.GetAsync(onward))["code"])).Should().BeGreaterThan(first);
    }

    [Fact]
    public async Task Oidcc_prompt_none_not_logged_in()
    {
        using var stranger = new Browser(server);
        (await AuthorizeAsync(stranger, ("prompt", "none")))["error"].Should().Be("login_required");
    }

    [Fact]
    public async Task Oidcc_prompt_none_logged_in()
    {
        var (first, second) = (await TokensAsync(bob), await TokensAsync(bob, ("prompt", "none")));
        Jwt.Claims(second["id_token"]!).Text("sub").Should().Be(Jwt.Claims(first["id_token"]!).Text("sub"));
    }

    [Fact]
    public async Task Oidcc_max_age_1()
    {
        using var browser = await Browser.OfAsync(server);
        long first = AuthTime(await TokensAsync(browser));
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        string onward = await OnwardAsync(browser, ("max_age", "1"));
        await SignInAgainAsync(browser);
        AuthTime(await ExchangeAsync(Read(await browser.GetAsync(onward))["code"])).Should().BeGreaterThan(first);
    }

    [Fact]
    public async Task Oidcc_max_age_10000() =>
        AuthTime(await TokensAsync(bob, ("max_age", "10000"))).Should().Be(AuthTime(await TokensAsync(bob)));

    [Fact]
    public async Task Oidcc_ensure_request_with_unknown_parameter_succeeds() => (await AuthorizeAsync(bob, ("extra", "foobar"))).Should().ContainKey("code");

    [Fact]
    public async Task Oidcc_id_token_hint()
    {
        string hint = (await TokensAsync(bob))["id_token"]!;
        var again = await TokensAsync(bob, ("prompt", "none"), ("id_token_hint", hint));
        Jwt.Claims(again["id_token"]!).Text("sub").Should().Be(Jwt.Claims(hint).Text("sub"));
    }

    [Theory]
    [InlineData("login_hint", "bob")]
    [InlineData("ui_locales", "se")]
    [InlineData("claims_locales", "se")]
    [InlineData("acr_values", "1 2")]
    public async Task Oidcc_login_hint_ui_locales_claims_locales_and_ensure_request_with_acr_values_succeeds(string parameter, string value) =>
        (await AuthorizeAsync(bob, (parameter, value))).Should().ContainKey("code");

    [Fact]
    public async Task Oidcc_codereuse()
    {
        string code = (await AuthorizeAsync(bob))["code"];
        (await ExchangeAsync(code)).Status.Should().Be(200);
        (await ExchangeAsync(code))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task Oidcc_codereuse_30seconds()
    {
        string code = (await AuthorizeAsync(bob))["code"], token = (await ExchangeAsync(code))["access_token"]!;
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        (await ExchangeAsync(code))["error"].Should().Be("invalid_grant");
        (await server.UserInfoAsync(token)).Status.Should().Be(401, "what the first use gave is revoked");
    }

    [Fact]
    public async Task Oidcc_ensure_registered_redirect_uri() => (await SendAsync(bob, ("redirect_uri", "https://client.example/never"))).ShouldBeRefusedHere();

    [Fact]
    public async Task Oidcc_ensure_post_request_succeeds() =>
        Read(await bob.PostAsync("/connect/authorize", CodeClient.Parameters("basic", ("response_mode", responseMode)))).Should().ContainKey("code");

    [Fact]
    public async Task Oidcc_server_client_secret_post()
    {
        string code = (await AuthorizeAsync(bob))["code"];
        (await server.TokenAsync(null, ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CodeClient.Callback), ("code_verifier", CodeClient.Verifier),
            ("client_id", "basic"), ("client_secret", TestImport.Secret))).Status.Should().Be(200);
    }

    [Fact]
    public async Task Oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() =>
        (await AuthorizeAsync(bob, ("request_uri", "https://client.example/request.jwt")))["error"].Should().Be("request_uri_not_supported");

    [Fact]
    public async Task Oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() =>
        (await AuthorizeAsync(bob, ("request", UnsignedRequest)))["error"].Should().Be("request_not_supported");

    [Fact]
    public async Task Oidcc_ensure_request_object_with_redirect_uri() =>
        (await SendAsync(bob, ("request", UnsignedRequest), ("redirect_uri", "https://client.example/never"))).ShouldBeRefusedHere();

    [Fact]
    public async Task Oidcc_claims_essential_is_answered_without_them() =>
        (await TokensAsync(bob, ("claims", """{"userinfo":{"name":{"essential":true}}}"""))).Status.Should().Be(200);

    [Fact]
    public async Task Oidcc_refresh_token()
    {
        var first = await TokensAsync(bob, ("scope", "openid offline_access"), ("nonce", "n-2"));
        var second = await server.RefreshAsync(first["refresh_token"]!, "basic");
        second["refresh_token"].Should().NotBe(first["refresh_token"]);
        var (before, after) = (Jwt.Claims(first["id_token"]!), Jwt.Claims(second["id_token"]!));
        foreach (string same in (string[])["iss", "sub", "aud", "azp", "auth_time", "sid"]) after.GetProperty(same).ToString().Should().Be(before.GetProperty(same).ToString(), same);
        (await server.RefreshAsync(first["refresh_token"]!, "api"))["error"].Should().NotBeNull("it is another client's");
    }

    [Fact]
    public async Task Oidcc_ensure_request_with_valid_pkce_succeeds() => (await TokensAsync(bob)).Status.Should().Be(200);

    private const string UnsignedRequest = "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6IngifQ.";

    private Task<Answer> SendAsync(Browser browser, params (string Name, string? Value)[] other) =>
        browser.GetAsync(CodeClient.Address("basic", [("response_mode", responseMode), .. other]));

    private async Task<Dictionary<string, string>> AuthorizeAsync(Browser browser, params (string Name, string? Value)[] other) => Read(await SendAsync(browser, other));

    private async Task<Answer> TokensAsync(Browser browser, params (string Name, string? Value)[] other) => await ExchangeAsync((await AuthorizeAsync(browser, other))["code"]);

    private Task<Answer> ExchangeAsync(string code) => server.ExchangeAsync(code, "basic");

    private async Task<System.Text.Json.JsonElement> UserInfoAsync(string scope) =>
        (await server.UserInfoAsync((await TokensAsync(bob, ("scope", scope)))["access_token"]!)).Json;

    private Dictionary<string, string> Read(Answer answer)
    {
        if (responseMode == "query") return answer.Back();
        answer.Status.Should().Be(200, answer.Body);
        answer.Body.Should().Contain($"action=\"{CodeClient.Callback}\"");
        return Field().Matches(answer.Body).ToDictionary(m => m.Groups[1].Value, m => WebUtility.HtmlDecode(m.Groups[2].Value));
    }

    private async Task<string> OnwardAsync(Browser browser, params (string Name, string? Value)[] other)
    {
        string to = (await SendAsync(browser, other)).Headers.Location!.OriginalString;
        to.Should().StartWith("/account/sign-in-again?return=");
        return Uri.UnescapeDataString(to.Split("?return=")[1]);
    }

    private static async Task SignInAgainAsync(Browser browser)
    {
        await browser.GetAsync("/account/sign-in-again");
        (await browser.PostAsync("/account/sign-in-again", ("password", TestImport.Password), ("return", "/account"))).Status.Should().Be(303);
    }

    private static long AuthTime(Answer tokens) => Jwt.Claims(tokens["id_token"]!).GetProperty("auth_time").GetInt64();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">")]
    private static partial Regex Field();
}

/// <summary>oidcc-basic-certification-test-plan.</summary>
public sealed class BasicOpTests(CodeServer shared) : BasicOpModules(shared, "query"), IClassFixture<CodeServer>;

/// <summary>oidcc-formpost-basic-certification-test-plan.</summary>
public sealed class FormPostBasicOpTests(CodeServer shared) : BasicOpModules(shared, "form_post"), IClassFixture<CodeServer>;
