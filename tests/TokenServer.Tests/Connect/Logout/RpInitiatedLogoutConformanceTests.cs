using TokenServer.Keys.Jose;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;
using TokenServer.Tests.Web.Authorization;

namespace TokenServer.Tests.Connect.Logout;

/// <summary>What the modules of the OpenID Foundation's plans for RP-Initiated Logout and Back-Channel Logout check, each by its name,
/// from a code flow on.</summary>
public sealed class RpInitiatedLogoutConformanceTests(LogoutServer shared) : IClassFixture<LogoutServer>
{
    private const string State = "a state & more";
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task Oidcc_rp_initiated_logout_discovery_endpoint_verification() =>
        (await MetadataAsync()).Text("end_session_endpoint").Should().Be(server.Address + "/connect/endsession");

    [Fact]
    public async Task Oidcc_rp_initiated_logout()
    {
        var (browser, session, hint) = await SignedInAsync();
        var answer = await LogOutAsync(browser, ("id_token_hint", hint), ("post_logout_redirect_uri", LogoutRig.After), ("state", State));
        answer.ShouldGoTo(LogoutRig.After + "?state=a%20state%20%26%20more");
        server.GoesOn(session).Should().BeFalse();
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_bad_post_logout_redirect_uri()
    {
        var (browser, session, hint) = await SignedInAsync();
        await ShouldRefuseAsync(browser, session, "post_logout_redirect_uri is not registered",
            ("id_token_hint", hint), ("post_logout_redirect_uri", "https://shop.example.com/other"), ("state", State));
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri()
    {
        var (browser, session, hint) = await SignedInAsync();
        await ShouldRefuseAsync(browser, session, "post_logout_redirect_uri is not registered",
            ("id_token_hint", hint), ("post_logout_redirect_uri", LogoutRig.After + "?foo=bar"), ("state", State));
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_modified_id_token_hint()
    {
        var (browser, session, hint) = await SignedInAsync();
        string none = System.Buffers.Text.Base64Url.EncodeToString("""{"alg":"none"}"""u8) + "." + hint.Split('.')[1] + ".";
        await ShouldRefuseAsync(browser, session, "post_logout_redirect_uri needs an id_token_hint that is good, or a client_id",
            ("id_token_hint", none), ("post_logout_redirect_uri", LogoutRig.After), ("state", State));
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_bad_id_token_hint()
    {
        var (browser, session, _) = await SignedInAsync();
        string forged = server.IdToken("shop", session, key: new SigningKey("RS256", SigningKey.Generate("RS256")));
        await ShouldRefuseAsync(browser, session, "post_logout_redirect_uri needs an id_token_hint that is good, or a client_id",
            ("id_token_hint", forged), ("post_logout_redirect_uri", LogoutRig.After), ("state", State));
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_no_id_token_hint()
    {
        var (browser, session, _) = await SignedInAsync();
        await ShouldRefuseAsync(browser, session, "post_logout_redirect_uri needs an id_token_hint that is good, or a client_id",
            ("post_logout_redirect_uri", LogoutRig.After), ("state", State));
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_no_params()
    {
        var (browser, session, _) = await SignedInAsync();
        (await LogOutAsync(browser)).Body.Should().Contain("<h1>Sign out?</h1>");
        await ConfirmsAsync(browser, session);
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_no_post_logout_redirect_uri()
    {
        var (browser, session, hint) = await SignedInAsync();
        var answer = await LogOutAsync(browser, ("id_token_hint", hint), ("state", State));
        (answer.Status, answer.Notice()).Should()
            .Be((200, "Your sign-in in this browser has ended. On a shared computer, close the browser, too."));
        server.GoesOn(session).Should().BeFalse();
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_no_state()
    {
        var (browser, session, hint) = await SignedInAsync();
        (await LogOutAsync(browser, ("id_token_hint", hint), ("post_logout_redirect_uri", LogoutRig.After))).ShouldGoTo(LogoutRig.After);
        server.GoesOn(session).Should().BeFalse();
    }

    [Fact]
    public async Task Oidcc_rp_initiated_logout_only_state()
    {
        var (browser, session, _) = await SignedInAsync();
        (await LogOutAsync(browser, ("state", State))).Body.Should().Contain("<h1>Sign out?</h1>");
        await ConfirmsAsync(browser, session);
    }

    [Fact]
    public async Task Oidcc_backchannel_logout_discovery_endpoint_verification()
    {
        var metadata = await MetadataAsync();
        metadata.GetProperty("backchannel_logout_supported").GetBoolean().Should().BeTrue();
        metadata.GetProperty("backchannel_logout_session_supported").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task Oidcc_backchannel_rp_initiated_logout()
    {
        var (browser, session, hint) = await SignedInAsync("wiki");
        await LogOutAsync(browser, ("id_token_hint", hint), ("post_logout_redirect_uri", "https://wiki.example.com/"), ("state", State));
        await shared.Wiki.HasAsync(1);
        var call = shared.Wiki.Calls.Should().ContainSingle().Which;
        (call.Method, call.Headers["Content-Type"]).Should().Be(("POST", "application/x-www-form-urlencoded"));
        Jwt.Header(call.Token).Text("typ").Should().Be("logout+jwt");
        Jwt.Header(call.Token).Text("alg").Should().Be("RS256");
        (await server.IsSignedByPublishedKeyAsync(call.Token)).Should().BeTrue();
        var claims = Jwt.Claims(call.Token);
        claims.Names().Should().BeEquivalentTo("iss", "sub", "aud", "iat", "exp", "jti", "sid", "events");
        claims.Text("iss").Should().Be((await MetadataAsync()).Text("issuer"));
        (claims.Text("aud"), claims.Text("sid"), claims.Text("sub")).Should()
            .Be(("wiki", TimeOrderedId.ToText(session), server.AccountOf("bob").ToString()));
        (claims.Number("exp") - claims.Number("iat")).Should().Be(120);
        claims.GetProperty("events").GetRawText().Should().Be("""{"http://schemas.openid.net/event/backchannel-logout":{}}""");
    }

    private async Task<(Browser Browser, long Session, string Hint)> SignedInAsync(string client = "shop")
    {
        var browser = await Browser.OfAsync(server);
        var flow = new FlowClient(client, $"https://{client}.example.com/callback");
        var answer = await browser.GoAsync(flow.Authorize("openid api"));
        // Another test may have had it remembered.
        if (flow.Reply(answer) is null) answer = await browser.SendAsync(answer, "/account/consent");
        var tokens = await flow.ExchangeAsync(server, flow.Reply(answer)!["code"]);
        tokens.Status.Should().Be(200, tokens.Body);
        return (browser, TimeOrderedId.Parse(Jwt.Claims(tokens["id_token"]!).Text("sid"))!.Value, tokens["id_token"]!);
    }

    private static Task<Answer> LogOutAsync(Browser browser, params (string Name, string Value)[] parameters) =>
        browser.GetAsync("/connect/endsession?" + string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}")));

    private async Task ShouldRefuseAsync(Browser browser, long session, string problem, params (string Name, string Value)[] parameters)
    {
        var answer = await LogOutAsync(browser, parameters);
        (answer.Status, answer.Headers.Location).Should().Be((400, null));
        answer.Body.Should().Contain($"<dd>{problem}</dd>");
        server.GoesOn(session).Should().BeTrue();
    }

    private async Task ConfirmsAsync(Browser browser, long session)
    {
        server.GoesOn(session).Should().BeTrue();
        (await browser.PostAsync("/account/sign-out")).ShouldGoTo("/account/sign-in", "SignedOut");
        server.GoesOn(session).Should().BeFalse();
    }

    private async Task<System.Text.Json.JsonElement> MetadataAsync() => System.Text.Json.JsonDocument.Parse(
        await server.Http.GetStringAsync("/.well-known/openid-configuration")).RootElement;
}
