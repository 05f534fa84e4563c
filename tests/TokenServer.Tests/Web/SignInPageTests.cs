using TokenServer.Accounts;
using TokenServer.Sessions;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web;

/// <summary>Signing in by the page, and how the session of a browser ends.</summary>
public sealed class SignInPageTests
{
    private const string Wrong = "The user name or the password is wrong.", SessionCookie = "tokenserver_session";

    [Fact]
    public async Task A_stranger_signs_in_and_comes_back_to_the_page()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        (await browser.GetAsync("/account/tunnels?x=1")).ShouldAskToSignIn("/account/tunnels?x=1");
        (await browser.GetAsync("/account/sign-in?return=%2Faccount%2Ftunnels%3Fx%3D1")).Body.Should().Contain("name=\"return\" value=\"/account/tunnels?x=1\"");
        (await browser.SignInAsync(returnPath: "/account/tunnels?x=1")).ShouldGoTo("/account/tunnels?x=1");
        (await browser.GetAsync("/account/tunnels?x=1")).Status.Should().Be(200);
        (await browser.GetAsync("/account/sign-in?return=/account/keys")).ShouldGoTo("/account/keys");
        server.AuditedEvents()[^1].Should().Be("session.started");
    }

    [Fact]
    public async Task The_second_factor_comes_after_the_password_and_its_temp_token_is_in_no_address()
    {
        await using var server = await TestServer.StartAsync(Browser.AllLogged);
        using var browser = new Browser(server);
        var first = await browser.SignInAsync("john", returnPath: "/account/keys");
        first.ShouldGoTo("/account/second-factor");
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
        string sealedToken = browser.Cookie("tokenserver_second_factor")!;
        sealedToken.Should().NotContain("temp_");
        (await browser.GetAsync("/account/second-factor")).Body.Should().NotContain("temp_").And.NotContain(sealedToken);
        (await browser.PostAsync("/account/second-factor", ("code", "000000"))).ShouldSay(401, "The code is wrong, or was used before.");
        (await browser.PostAsync("/account/second-factor")).ShouldSay(400, "Enter the code.");
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()))).ShouldGoTo("/account/keys");
        (await browser.GetAsync("/account/keys")).Status.Should().Be(200);
        browser.Cookie("tokenserver_second_factor").Should().BeNullOrEmpty();
        server.Log.Lines.Should().NotContain(l => l.Contains("temp_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Five_wrong_codes_or_five_minutes_are_the_end_of_a_sign_in()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        await browser.SignInAsync("john");
        await browser.GetAsync("/account/second-factor");
        for (int i = 0; i < 5; i++) (await browser.PostAsync("/account/second-factor", ("code", "000000"))).Status.Should().Be(401);
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()))).ShouldGoTo("/account/sign-in", "StartAgain");
        await browser.SignInAsync("john");
        server.Clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()))).ShouldGoTo("/account/sign-in", "StartAgain");
        (await browser.GetAsync("/account/second-factor")).ShouldGoTo("/account/sign-in");
    }

    [Fact]
    public async Task Wrong_unknown_disabled_and_locked_are_answered_alike()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=3"]);
        using var browser = new Browser(server);
        (await browser.SignInAsync("nobody")).ShouldSay(401, Wrong);
        for (int i = 0; i < 3; i++) (await browser.SignInAsync("bob", "wrong")).ShouldSay(401, Wrong);
        (await browser.SignInAsync("bob")).ShouldSay(401, Wrong);
        (await server.InTunnelLoginAsync("bob")).Status.Should().Be(401);
        await server.Get<UserAccounts>().DisableAsync(server.Get<UserAccounts>().FindByLogin("jane")!, "test");
        var disabled = await browser.SignInAsync("jane");
        disabled.ShouldSay(401, Wrong);
        disabled.Body.Should().Contain("value=\"jane\"").And.NotContain(TestImport.Password);
        server.AuditedEvents().Should().Contain(["account.locked", "sign_in.failed", "sign_in.refused"]);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await browser.SignInAsync("bob")).Status.Should().Be(303);
    }

    [Fact]
    public async Task Attempts_of_an_address_are_limited()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=2"]);
        using var browser = new Browser(server);
        await browser.SignInAsync(password: "wrong");
        await browser.SignInAsync(password: "wrong");
        var refused = await browser.SignInAsync();
        refused.Status.Should().Be(429);
        refused.Headers.RetryAfter!.ToString().Should().Be("60");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await browser.SignInAsync()).Status.Should().Be(303);
    }

    [Theory]
    [InlineData("https://evil.example/account")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/account\\..\\..\\evil")]
    [InlineData("/accountant")]
    [InlineData("/account@evil.example")]
    [InlineData("/connect/token")]
    [InlineData("/account\r\nX: y")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task Nothing_but_a_page_of_ours_is_gone_back_to(string elsewhere)
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        (await browser.GetAsync("/account/sign-in?return=" + Uri.EscapeDataString(elsewhere))).Body.Should().Contain("name=\"return\" value=\"/account\"");
        (await browser.SignInAsync(returnPath: elsewhere)).ShouldGoTo("/account");
        (await browser.GetAsync("/account/sign-in?return=" + Uri.EscapeDataString(elsewhere))).ShouldGoTo("/account");
        (await browser.GetAsync("/account/sign-in?return=%2Fadmin%2Fclients")).ShouldGoTo("/admin/clients");
    }

    [Fact]
    public async Task The_cookies_are_for_this_site_and_no_script()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:TrustedProxies:0=127.0.0.1"]);
        using var browser = new Browser(server);
        await browser.GetAsync("/account/sign-in");
        (string, string)[] form = [("username", "bob"), ("password", TestImport.Password)];
        (await browser.PostAsync("/account/sign-in", form, [("X-Forwarded-Proto", "https")])).Headers.GetValues("Set-Cookie").Should().ContainSingle()
            .Which.Should().StartWith(SessionCookie + "=").And.EndWith("; path=/; secure; samesite=lax; httponly");
        using var john = new Browser(server);
        await john.GetAsync("/account/sign-in");
        (await john.SignInAsync("john")).Headers.GetValues("Set-Cookie").Should().ContainSingle().Which.Should().EndWith("; max-age=300; path=/account; samesite=strict; httponly");
        (await new Browser(server).GetAsync("/account/sign-in")).Headers.GetValues("Set-Cookie").Should().ContainSingle().Which.Should().EndWith("; path=/; samesite=lax; httponly");
    }

    [Fact]
    public async Task Each_sign_in_is_a_new_session_and_ends_the_browsers_old_one()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        string old = browser.Cookie(SessionCookie)!;
        long first = SessionsOf(server, "bob").Single().Id;
        await browser.GetAsync("/account/sign-in-again");
        (await browser.PostAsync("/account/sign-in-again", ("password", TestImport.Password))).ShouldGoTo("/account");
        SessionsOf(server, "bob").Single().Id.Should().NotBe(first);
        using var thief = new Browser(server);
        thief.SetCookie(SessionCookie, old);
        (await thief.GetAsync("/account")).ShouldAskToSignIn("/account");
    }

    [Fact]
    public async Task Thirty_idle_minutes_sign_a_browser_out_and_each_request_begins_them_anew()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        for (int i = 0; i < 4; i++)
        {
            server.Clock.Advance(TimeSpan.FromMinutes(i % 2 == 0 ? 10 : 29));
            (await browser.GetAsync("/account")).Status.Should().Be(200);
        }
        server.Clock.Advance(TimeSpan.FromMinutes(30) + TimeSpan.FromSeconds(1));
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
    }

    [Fact]
    public async Task However_busy_a_session_ends_with_its_lifetime()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Lifetimes:SessionToken=01:00:00"]);
        using var browser = await Browser.OfAsync(server);
        for (int i = 0; i < 3; i++)
        {
            server.Clock.Advance(TimeSpan.FromMinutes(19));
            (await browser.GetAsync("/account")).Status.Should().Be(200);
        }
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
    }

    [Fact]
    public async Task What_ends_a_session_anywhere_signs_the_browser_out_on_its_next_request()
    {
        await using var server = await TestServer.StartAsync();
        var accounts = server.Get<UserAccounts>();
        Func<Task>[] ends =
        [
            async () => await server.PostJsonAsync("/api/v1/auth/password", new { current_password = TestImport.Password, new_password = "a new and better one" }, await server.AccountTokenAsync("bob")),
            () => accounts.SetPasswordAsync(accounts.FindByLogin("bob")!, TestImport.Password, "test"),
            () => accounts.DisableAsync(accounts.FindByLogin("bob")!, "test"),
            () => server.Get<EverySession>().EndAsync("test"),
        ];
        foreach (var end in ends)
        {
            await accounts.SetPasswordAsync(accounts.FindByLogin("bob")!, TestImport.Password, "test");
            using var browser = await Browser.OfAsync(server);
            await end();
            (await browser.GetAsync("/account/keys")).ShouldAskToSignIn("/account/keys");
            browser.Cookie(SessionCookie).Should().BeNullOrEmpty();
            await accounts.EnableAsync(accounts.FindByLogin("bob")!, "test");
        }
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_whoever_has_the_cookie()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        string cookie = browser.Cookie(SessionCookie)!;
        (await browser.PostAsync("/account/sign-out")).ShouldGoTo("/account/sign-in", "SignedOut");
        (await browser.GetAsync("/account/sign-in")).Notice().Should().Be("You are signed out.");
        browser.SetCookie(SessionCookie, cookie);
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
        SessionsOf(server, "bob").Should().BeEmpty();
        server.AuditedEvents()[^1].Should().Be("session.ended");
    }

    private static IReadOnlyList<OpenSession> SessionsOf(TestServer server, string user) => server.Get<OpenSessions>().Of(server.Get<UserAccounts>().FindByLogin(user)!.Id);
}
