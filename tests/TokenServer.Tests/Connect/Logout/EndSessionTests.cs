using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using TokenServer.Audit;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Sessions;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Logout;

/// <summary>/connect/endsession (OpenID Connect RP-Initiated Logout 1.0, contract section 9).</summary>
public sealed partial class EndSessionTests(LogoutServer shared) : IClassFixture<LogoutServer>
{
    private const string Path = "/connect/endsession";
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task It_ends_what_was_begun_from_the_sign_in_without_offline_access_at_every_client()
    {
        using var browser = await Browser.OfAsync(server);
        long signIn = server.SignInOf("bob");
        long[] ended = [await server.BeginAsync("shop", signIn), await server.BeginAsync("wiki", signIn), await server.BeginAsync("quiet", signIn)];
        long offline = await server.BeginAsync("wiki", signIn, offline: true), other = await server.BeginAsync("wiki", null);
        (await browser.GetAsync($"{Path}?id_token_hint={server.IdToken("shop", ended[0])}")).Status.Should().Be(200);
        ended.Append(signIn).Should().AllSatisfy(s => server.GoesOn(s).Should().BeFalse());
        server.GoesOn(offline).Should().BeTrue();
        server.GoesOn(other).Should().BeTrue();
    }

    [Fact]
    public async Task Signing_out_on_the_site_does_the_same()
    {
        using var browser = await Browser.OfAsync(server);
        long session = await server.BeginAsync("shop", server.SignInOf("bob")),
            offline = await server.BeginAsync("shop", server.SignInOf("bob"), offline: true);
        (await browser.PostAsync("/account/sign-out")).ShouldGoTo("/account/sign-in", "SignedOut");
        (server.GoesOn(session), server.GoesOn(offline)).Should().Be((false, true));
    }

    [Fact]
    public async Task Signing_in_again_keeps_what_the_same_person_has_begun()
    {
        using var browser = await Browser.OfAsync(server);
        long first = server.SignInOf("bob"), session = await server.BeginAsync("shop", first);
        await browser.GetAsync("/account/sign-in-again");
        (await browser.PostAsync("/account/sign-in-again", ("password", TestImport.Password), ("return", "/account"))).ShouldGoTo("/account");
        (server.GoesOn(first), server.GoesOn(session)).Should().Be((false, true));
        await browser.GetAsync("/account");
        await browser.PostAsync("/account/sign-out");
        server.GoesOn(session).Should().BeFalse();
    }

    [Fact]
    public async Task A_hint_of_another_account_asks_first()
    {
        using var browser = await Browser.OfAsync(server);
        long session = await server.BeginAsync("shop", null, "jane");
        (await browser.GetAsync($"{Path}?id_token_hint={server.IdToken("shop", session, "jane")}")).Body.Should().Contain("<h1>Sign out?</h1>");
        (server.GoesOn(server.SignInOf("bob")), server.GoesOn(session, "jane")).Should().Be((true, true));
    }

    [Theory]
    [InlineData("logout+jwt")]
    [InlineData("at+jwt")]
    public async Task Another_kind_of_token_is_no_hint(string type)
    {
        using var browser = await Browser.OfAsync(server);
        long session = await server.BeginAsync("shop", server.SignInOf("bob"));
        (await browser.GetAsync($"{Path}?id_token_hint={server.IdToken("shop", session, type: type)}")).Body.Should().Contain("<h1>Sign out?</h1>");
        server.GoesOn(session).Should().BeTrue();
    }

    [Fact]
    public async Task A_hint_of_another_client_is_none()
    {
        using var browser = await Browser.OfAsync(server);
        long session = await server.BeginAsync("shop", server.SignInOf("bob"));
        (await browser.GetAsync($"{Path}?client_id=wiki&id_token_hint={server.IdToken("shop", session)}")).Body.Should()
            .Contain("<b>The wiki</b> asks to sign you out");
        server.GoesOn(session).Should().BeTrue();
    }

    [Fact]
    public async Task A_retiring_key_vouches_for_a_hint()
    {
        using var browser = await Browser.OfAsync(server);
        long session = await server.BeginAsync("shop", server.SignInOf("bob"));
        string hint = server.IdToken("shop", session, key: server.Get<KeyRing>().Active(SigningKey.ES256));
        await server.Get<KeyRing>().RotateAsync(SigningKey.ES256, "command line");
        (await browser.GetAsync($"{Path}?id_token_hint={hint}")).Status.Should().Be(200);
        server.GoesOn(session).Should().BeFalse();
    }

    [Fact]
    public async Task An_id_token_of_the_token_endpoint_is_a_hint()
    {
        using var browser = await Browser.OfAsync(server);
        var tokens = await server.SignInAsync("shop", "bob", "openid api");
        (await browser.GetAsync($"{Path}?id_token_hint={tokens["id_token"]}")).Body.Should().Contain("<h1>You are signed out</h1>");
        (await server.UserInfoAsync(tokens["access_token"]!)).Status.Should().Be(401);
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
    }

    [Fact]
    public async Task A_browser_that_is_not_signed_in_ends_the_session_of_its_hint_and_no_other()
    {
        using (await Browser.OfAsync(server))
        {
        }
        long signIn = server.SignInOf("bob"), shop = await server.BeginAsync("shop", signIn), wiki = await server.BeginAsync("wiki", signIn);
        using var stranger = new Browser(server);
        (await stranger.GetAsync($"{Path}?id_token_hint={server.IdToken("shop", shop)}&post_logout_redirect_uri={LogoutRig.After}"))
            .ShouldGoTo(LogoutRig.After);
        server.GoesOn(shop).Should().BeFalse();
        new[] { signIn, wiki }.Should().AllSatisfy(s => server.GoesOn(s).Should().BeTrue());
    }

    [Fact]
    public async Task A_browser_whose_sign_in_was_idle_for_too_long_ends_it_by_the_hint()
    {
        using var browser = await Browser.OfAsync(server);
        long signIn = server.SignInOf("bob"), shop = await server.BeginAsync("shop", signIn), wiki = await server.BeginAsync("wiki", signIn);
        server.Clock.Advance(TimeSpan.FromMinutes(31));
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
        (await browser.GetAsync($"{Path}?id_token_hint={server.IdToken("shop", shop)}")).Body.Should().Contain("<h1>You are signed out</h1>");
        new[] { signIn, shop, wiki }.Should().AllSatisfy(s => server.GoesOn(s).Should().BeFalse());
    }

    [Fact]
    public async Task The_hint_of_a_session_that_has_ended_ends_nothing()
    {
        using (await Browser.OfAsync(server))
        {
        }
        long signIn = server.SignInOf("bob"), shop = await server.BeginAsync("shop", signIn), wiki = await server.BeginAsync("wiki", signIn);
        await server.Get<UserSessions>().EndAsync(shop, new AuditEvent("session.ended", server.Clock.GetUtcNow().UtcDateTime));
        using var stranger = new Browser(server);
        await stranger.GetAsync($"{Path}?id_token_hint={server.IdToken("shop", shop)}");
        new[] { signIn, wiki }.Should().AllSatisfy(s => server.GoesOn(s).Should().BeTrue());
    }

    [Fact]
    public async Task A_browser_that_is_signed_out_goes_back_at_once()
    {
        using var stranger = new Browser(server);
        (await stranger.GetAsync($"{Path}?client_id=shop&post_logout_redirect_uri={Uri.EscapeDataString(LogoutRig.Queried)}&state=x"))
            .ShouldGoTo(LogoutRig.Queried + "&state=x");
        (await stranger.GetAsync(Path)).Body.Should().Contain("<h1>You are signed out</h1>");
    }

    [Fact]
    public async Task The_page_that_asks_leads_back_to_the_client_once_it_was_answered()
    {
        using var browser = await Browser.OfAsync(server);
        var page = await browser.GetAsync($"{Path}?client_id=shop&post_logout_redirect_uri={LogoutRig.After}&state=x%22%3E");
        page.Body.Should().Contain("<b>The shop</b> asks to sign you out");
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.Should().Contain("form-action 'self' https://shop.example.com;").And.Contain("frame-ancestors 'none'");
        page.Headers.GetValues("X-Frame-Options").Should().Equal("DENY");
        string target = WebUtility.HtmlDecode(TargetField().Match(page.Body).Groups[1].Value);
        (await browser.PostAsync("/account/sign-out", ("target", target))).ShouldGoTo(LogoutRig.After + "?state=x%22%3E");
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
    }

    [Fact]
    public async Task A_target_that_the_server_did_not_seal_leads_nowhere()
    {
        using var browser = await Browser.OfAsync(server);
        (await browser.PostAsync("/account/sign-out", ("target", "https://evil.example/"))).ShouldGoTo("/account/sign-in", "SignedOut");
    }

    [Fact]
    public async Task Nobody_is_signed_out_by_a_form_of_another_site()
    {
        using var browser = await Browser.OfAsync(server);
        long signIn = server.SignInOf("bob");
        var answer = await PostAsync(browser, "state=x%20y&client_id=shop", ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"));
        answer.ShouldGoTo($"{Path}?state=x%20y&client_id=shop");
        (await browser.GetAsync(answer.Headers.Location!.OriginalString)).Body.Should().Contain("<h1>Sign out?</h1>");
        server.GoesOn(signIn).Should().BeTrue();
        browser.Token = "none";
        (await browser.PostAsync("/account/sign-out")).Status.Should().Be(400);
        server.GoesOn(signIn).Should().BeTrue();
    }

    [Fact]
    public async Task A_form_with_a_hint_is_as_good_as_an_address()
    {
        using var browser = await Browser.OfAsync(server);
        long session = await server.BeginAsync("shop", server.SignInOf("bob"));
        (await PostAsync(browser, $"id_token_hint={server.IdToken("shop", session)}&post_logout_redirect_uri={LogoutRig.After}"))
            .ShouldGoTo(LogoutRig.After);
        server.GoesOn(session).Should().BeFalse();
    }

    [Theory]
    [InlineData("https://shop.example.com/bye/")]
    [InlineData("https://shop.example.com/BYE")]
    [InlineData("HTTPS://shop.example.com/bye")]
    [InlineData("https://shop.example.com:443/bye")]
    [InlineData("https://user@shop.example.com/bye")]
    [InlineData("https://shop.example.com/%62ye")]
    [InlineData("https://shop.example.com/x/../bye")]
    [InlineData("https://shop.example.com.evil.example/bye")]
    [InlineData("https://shop.example.com\\@evil.example/bye")]
    [InlineData("https://shop.example.com/bye#x")]
    [InlineData("//shop.example.com/bye")]
    [InlineData("/account")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://wiki.example.com/")]
    public async Task An_address_is_compared_to_the_letter_and_with_the_clients_own(string address)
    {
        using var stranger = new Browser(server);
        var answer = await stranger.GetAsync($"{Path}?client_id=shop&post_logout_redirect_uri={Uri.EscapeDataString(address)}");
        (answer.Status, answer.Headers.Location).Should().Be((400, null));
        answer.Body.Should().Contain("<h1>This sign-out cannot go on</h1>");
    }

    [Theory]
    [InlineData("client_id=nobody")]
    [InlineData("client_id=first-party")]
    [InlineData("client_id=shop&client_id=shop")]
    [InlineData("state=%FF")]
    [InlineData("state=%00")]
    [InlineData("post_logout_redirect_uri=x&client_id=shop")]
    public async Task What_makes_no_sense_is_refused_by_a_page(string query)
    {
        using var stranger = new Browser(server);
        (await stranger.GetAsync($"{Path}?{query}")).Status.Should().Be(400);
        (await PostAsync(stranger, query)).Status.Should().Be(400);
    }

    [Fact]
    public async Task Broken_requests_meet_no_failure()
    {
        using var stranger = new Browser(server);
        (await stranger.GetAsync($"{Path}?state={new string('x', 2_001)}")).Status.Should().Be(400);
        (await PostAsync(stranger, "state=%")).Status.Should().Be(400);
        (await PostAsync(stranger, $"state={new string('x', 70_000)}")).Status.Should().Be(413);
        (await PostAsync(stranger, string.Join('&', Enumerable.Range(0, 200).Select(i => $"a{i}=1")))).Status.Should().Be(400);
        (await stranger.GetAsync($"{Path}?id_token_hint=e30.e30.e30&ui_locales=xx&logout_hint=bob&unknown=1")).Status.Should().Be(200);
        foreach (string method in new[] { "PUT", "DELETE", "PATCH" })
        {
            var answer = await stranger.SendAsync(new HttpRequestMessage(new HttpMethod(method), Path));
            (answer.Status, string.Join(' ', answer.ContentHeaders.Allow.Order())).Should().Be((405, "GET HEAD POST"), method);
        }
        (await stranger.SendAsync(new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") }))
            .Status.Should().Be(400);
    }

    private static Task<Answer> PostAsync(Browser browser, string form, params (string, string)[] headers) => browser.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded") },
        headers);

    [GeneratedRegex("name=\"target\" value=\"([^\"]+)\"")]
    private static partial Regex TargetField();
}
