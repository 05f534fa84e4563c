using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;
using TokenServer.Tokens;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>The sign-in of /account reached from a client's request (contract section 9): it says who asks, asks for no less than ever,
/// and leads back.</summary>
public sealed class ClientSignInTests
{
    [Fact]
    public async Task The_page_says_which_application_asks_and_fills_in_who_it_hopes_for()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        var asked = await Asked.StoreAsync(server, more: ("login_hint", "bob@example.com"));
        var page = await browser.GetAsync(asked.At("/account/sign-in"));
        page.Body.Should().Contain("<strong>web</strong> (app.example.com) asks you to sign in.").And.Contain("value=\"bob@example.com\"")
            .And.Contain($"name=\"return\" value=\"{asked.ReturnPath.Replace("&", "&amp;", StringComparison.Ordinal)}\"");
        Policy(page).Should().Contain("form-action 'self' https://app.example.com; base-uri 'none'; frame-ancestors 'none'");
        page.Headers.GetValues("X-Frame-Options").Should().Equal("DENY");
        page.Headers.GetValues("Referrer-Policy").Should().Equal("same-origin");
        var wrong = await browser.PostAsync("/account/sign-in", ("username", "bob"), ("password", "wrong"), asked.Return);
        wrong.ShouldSay(401, "The user name or the password is wrong.");
        wrong.Body.Should().Contain("<strong>web</strong>");
        Policy(wrong).Should().Contain("form-action 'self' https://app.example.com;");
        (await browser.PostAsync("/account/sign-in", ("username", "bob"), ("password", TestImport.Password), asked.Return))
            .ShouldGoTo(asked.ReturnPath);
        (await browser.GetAsync(asked.At("/account/sign-in"))).ShouldGoTo(asked.ReturnPath);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>\"'>")]
    [InlineData("a\u0000b")]
    [InlineData("a\r\nb")]
    public async Task A_hint_is_text_and_nothing_else(string hint)
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        var asked = await Asked.StoreAsync(server, more: ("login_hint", hint));
        (await browser.GetAsync(asked.At("/account/sign-in"))).Body.Should().NotContain("<script>alert").And.NotContain("value=\"a");
    }

    [Fact]
    public async Task A_request_that_is_over_or_made_up_says_nothing_and_opens_no_way()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        var asked = await Asked.StoreAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(31));
        foreach (string path in new[] { asked.ReturnPath, "/connect/authorize?request_uri=urn:x", "/connect/authorize?client_id=web",
            $"{asked.ReturnPath}&request_uri=x" })
        {
            var page = await browser.GetAsync("/account/sign-in?return=" + Uri.EscapeDataString(path));
            page.Status.Should().Be(200);
            page.Body.Should().NotContain("asks you to sign in");
            Policy(page).Should().Contain("form-action 'self'; base-uri");
        }
    }

    [Fact]
    public async Task Nobody_is_signed_in_as_somebody_else_by_another_site()
    {
        await using var server = await TestServer.StartAsync();
        using var attacker = new Browser(server);
        using var victim = new Browser(server);
        var asked = await Asked.StoreAsync(server);
        await attacker.GetAsync(asked.At("/account/sign-in"));
        await victim.GetAsync(asked.At("/account/sign-in"));
        (string, string)[] form = [("username", "bob"), ("password", TestImport.Password), asked.Return];
        (await victim.PostAsync("/account/sign-in", form, [("Origin", "https://evil.example")])).Status.Should().Be(403);
        // As an old browser sends it that says nothing of where it comes from: the attacker's own form, or none.
        foreach (string token in new[] { attacker.Token, "" })
        {
            victim.Token = token;
            (await victim.PostAsync("/account/sign-in", form)).Status.Should().Be(400);
        }
        victim.Cookie("tokenserver_session").Should().BeNull();
        Open(server, "bob").Should().BeEmpty();
    }

    [Fact]
    public async Task The_second_factor_is_asked_for_and_leads_back_too()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = new Browser(server);
        var asked = await Asked.StoreAsync(server);
        await browser.GetAsync(asked.At("/account/sign-in"));
        (await browser.PostAsync("/account/sign-in", ("username", "john"), ("password", TestImport.Password), asked.Return))
            .ShouldGoTo("/account/second-factor");
        var page = await browser.GetAsync("/account/second-factor");
        page.Body.Should().Contain("<strong>web</strong>");
        Policy(page).Should().Contain("form-action 'self' https://app.example.com;");
        (await browser.PostAsync("/account/second-factor", ("code", "000000"))).ShouldSay(401, "The code is wrong, or was used before.");
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()))).ShouldGoTo(asked.ReturnPath);
    }

    [Fact]
    public async Task Who_has_to_start_again_starts_on_the_same_way()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=20"]);
        using var browser = new Browser(server);
        var asked = await Asked.StoreAsync(server);
        await browser.GetAsync(asked.At("/account/sign-in"));
        await browser.PostAsync("/account/sign-in", ("username", "john"), ("password", TestImport.Password), asked.Return);
        await browser.GetAsync("/account/second-factor");
        for (int i = 0; i < 5; i++) await browser.PostAsync("/account/second-factor", ("code", "000000"), asked.Return);
        string again = asked.At("/account/sign-in");
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()), asked.Return)).ShouldGoTo(again, "StartAgain");
        // The cookie of the first step is gone now.
        (await browser.PostAsync("/account/second-factor", ("code", server.TotpCode()), asked.Return)).ShouldGoTo(again, "StartAgain");
    }

    [Fact]
    public async Task Guessing_is_bounded_on_the_way_of_a_client_as_anywhere()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=3", "--RateLimits:Password:Permits=4"]);
        using var browser = new Browser(server);
        var asked = await Asked.StoreAsync(server);
        await browser.GetAsync(asked.At("/account/sign-in"));
        for (int i = 0; i < 3; i++)
            (await browser.PostAsync("/account/sign-in", ("username", "bob"), ("password", "wrong"), asked.Return)).Status.Should().Be(401);
        (await browser.PostAsync("/account/sign-in", ("username", "bob"), ("password", TestImport.Password), asked.Return))
            .ShouldSay(401, "The user name or the password is wrong.");
        (await browser.PostAsync("/account/sign-in", ("username", "jane"), ("password", TestImport.Password), asked.Return))
            .Status.Should().Be(429);
    }

    [Fact]
    public async Task Signing_in_again_is_a_newer_sign_in_that_keeps_what_was_begun_from_the_former()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        var former = Session(server, "bob");
        var app = await BeginAsync(server, "bob", former.Id);
        server.Clock.Advance(TimeSpan.FromMinutes(20));
        (await browser.GetAsync("/account")).Status.Should().Be(200);
        var asked = await Asked.StoreAsync(server);
        (await browser.GetAsync(asked.At("/account/sign-in-again"))).Body.Should()
            .Contain("<strong>web</strong> (app.example.com) asks you to prove again that it is you.").And.Contain("value=\"bob\"");
        (await browser.PostAsync("/account/sign-in-again", ("password", "wrong"), asked.Return)).ShouldSay(401, "The password is wrong.");
        (await browser.PostAsync("/account/sign-in-again", ("password", TestImport.Password), asked.Return)).ShouldGoTo(asked.ReturnPath);
        var next = Session(server, "bob");
        next.Id.Should().NotBe(former.Id);
        next.AuthTime.Should().Be(former.AuthTime + TimeSpan.FromMinutes(20));
        Open(server, "bob").Should().Contain(s => s.Id == app.Id, "the same person is at the same browser");
        await browser.GetAsync("/account");
        await browser.PostAsync("/account/sign-out");
        Open(server, "bob").Should().BeEmpty("it was begun from what is signed out now");
    }

    [Fact]
    public async Task Somebody_else_may_sign_in_in_place_of_who_is_and_ends_what_that_one_began()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        await BeginAsync(server, "bob", Session(server, "bob").Id);
        var asked = await Asked.StoreAsync(server);
        (await browser.GetAsync(asked.At("/account/sign-in") + "&another=1")).Body.Should().Contain("name=\"password\"");
        (await browser.PostAsync("/account/sign-in", ("username", "jane"), ("password", TestImport.Password), asked.Return))
            .ShouldGoTo(asked.ReturnPath);
        Open(server, "bob").Should().BeEmpty();
        Session(server, "jane").Client.IsInternal.Should().BeTrue();
    }

    [Fact]
    public async Task A_person_chooses_to_go_on_as_who_is_signed_in()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        var asked = await Asked.StoreAsync(server);
        var page = await browser.GetAsync(asked.At("/account/choose"));
        page.Body.Should().Contain("You are signed in as <strong>bob</strong> (bob@example.com).").And.Contain("Use another account");
        asked.Stored(server)!.IsChosenBy(Session(server, "bob").Id).Should().BeFalse("looking at the page chooses nothing");
        (await browser.PostAsync("/account/choose", asked.Return)).ShouldGoTo(asked.ReturnPath);
        asked.Stored(server)!.IsChosenBy(Session(server, "bob").Id).Should().BeTrue();
    }

    [Fact]
    public async Task A_step_without_a_sign_in_leads_to_one_and_from_there_to_the_endpoint()
    {
        await using var server = await TestServer.StartAsync();
        using var stranger = new Browser(server);
        var asked = await Asked.StoreAsync(server);
        foreach (string page in new[] { "consent", "choose", "second-factor-needed", "sign-in-again" })
        {
            (await stranger.GetAsync(asked.At("/account/" + page))).ShouldAskToSignIn(asked.ReturnPath);
            (await stranger.PostAsync("/account/" + page, asked.Return)).ShouldAskToSignIn(asked.ReturnPath);
        }
        (await stranger.PostAsync("/account/deny", asked.Return)).ShouldAskToSignIn(asked.ReturnPath);
    }

    [Fact]
    public async Task Coming_from_another_site_a_browser_is_signed_in_and_its_other_forms_stay_good()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        string form = browser.Token;
        var asked = await Asked.StoreAsync(server);
        (await browser.GetAsync(asked.At("/account/sign-in"), ("Sec-Fetch-Site", "cross-site"))).ShouldGoTo(asked.ReturnPath);
        await browser.GetAsync(asked.At("/account/choose"), ("Sec-Fetch-Site", "cross-site"));
        browser.Token = form;
        (await browser.PostAsync("/account/tunnels", ("name", "office"))).Status.Should().Be(303);
    }

    /// <summary>A session of a client begun from a browser's sign-in.</summary>
    private static async Task<Session> BeginAsync(TestServer server, string user, long signIn)
    {
        var account = server.Get<UserAccounts>().FindByLogin(user)!;
        var client = server.Get<ClientRegistry>().Find("web")!;
        return await server.Get<Database>().WriteAsync(s => server.Get<UserSessions>()
            .Start(s, account, client, ScopeSet.Parse("openid api"), ["pwd"], refreshable: false, null, signIn).Session);
    }

    private static OpenSession Session(TestServer server, string user) => Open(server, user).Single(s => s.Client.IsInternal);

    private static IReadOnlyList<OpenSession> Open(TestServer server, string user) =>
        server.Get<OpenSessions>().Of(server.Get<UserAccounts>().FindByLogin(user)!.Id);

    private static string Policy(Answer answer) => answer.Headers.GetValues("Content-Security-Policy").Single();
}
