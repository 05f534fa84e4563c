using TokenServer.Accounts;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Passkeys;

/// <summary>Signing in by a passkey (contract section 9), and all that is no passkey.</summary>
public sealed class PasskeySignInTests
{
    private const string NotAccepted = "The passkey was not accepted. Try again, or use your password.";

    [Theory]
    [InlineData(false, "hwk")]
    [InlineData(true, "swk")]
    public async Task It_is_two_factors_and_comes_back_to_the_page(bool isSynced, string method)
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync(isSynced: isSynced);
        server.Clock.Advance(TimeSpan.FromHours(1));
        using var browser = new Browser(server);
        (await browser.SignInAsync(passkey, "/account/tunnels?x=1")).ShouldGoTo("/account/tunnels?x=1");
        (await browser.GetAsync("/account/tunnels")).Status.Should().Be(200);
        var session = server.SessionsOf("bob").Should().ContainSingle().Subject;
        session.Methods.Should().Equal(method, "user");
        (session.HasSecondFactor, session.AuthTime).Should().Be((true, server.Clock.GetUtcNow().UtcDateTime));
        server.PasskeysOf("bob").Single().LastUsed.Should().Be(server.Clock.GetUtcNow().UtcDateTime);
        server.AuditedEvents()[^1].Should().Be("session.started");
        server.Get<UserAccounts>().FindByLogin("bob")!.LastLogin.Should().Be(server.Clock.GetUtcNow().UtcDateTime);
    }

    [Fact]
    public async Task Each_of_several_passkeys_signs_in_its_own_account()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using SoftPasskey first = await server.PasskeyAsync(), second = await server.PasskeyAsync(by: first), johns = await server.PasskeyAsync("jane");
        foreach (var passkey in new[] { first, second })
        {
            using var browser = new Browser(server);
            (await browser.SignInAsync(passkey)).ShouldGoTo("/account");
            (await browser.GetAsync("/account")).Body.Should().Contain("<dd>bob</dd>");
        }
        using var other = new Browser(server);
        (await other.SignInAsync(johns)).ShouldGoTo("/account");
        (await other.GetAsync("/account")).Body.Should().Contain("<dd>jane</dd>");
    }

    [Fact]
    public async Task An_answer_is_taken_once()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        using var browser = new Browser(server);
        var form = (await browser.GetAsync("/account/sign-in")).Form(passkey);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => browser.PostAsync("/account/sign-in/passkey", form)));
        answers.Select(a => a.Status).Order().Should().Equal([303, .. Enumerable.Repeat(401, 7)]);
        server.SessionsOf("bob").Should().ContainSingle();
        server.Details("sign_in.failed").Should().HaveCount(7).And.OnlyContain(d => d == "- passkey_too_late");
        server.Clock.Advance(TimeSpan.FromHours(2));
        (await browser.PostAsync("/account/sign-out")).Status.Should().Be(303);
        await browser.GetAsync("/account/sign-in");
        (await browser.PostAsync("/account/sign-in/passkey", form)).ShouldSay(401, NotAccepted);
    }

    [Fact]
    public async Task A_page_is_good_for_its_browser_and_half_an_hour()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        using Browser browser = new(server), thief = new(server);
        var form = (await browser.GetAsync("/account/sign-in")).Form(passkey);
        await thief.GetAsync("/account/sign-in");
        (await thief.PostAsync("/account/sign-in/passkey", form)).ShouldSay(401, NotAccepted);
        // Two pages of one browser are in nobody's way, and what a thief did to the first is not, either.
        await browser.GetAsync("/account/sign-in");
        server.Clock.Advance(TimeSpan.FromMinutes(29));
        (await browser.PostAsync("/account/sign-in/passkey", form)).ShouldGoTo("/account");
        using var late = new Browser(server);
        form = (await late.GetAsync("/account/sign-in")).Form(passkey);
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        (await late.PostAsync("/account/sign-in/passkey", form)).ShouldSay(401, NotAccepted);
    }

    [Fact]
    public async Task A_counter_that_goes_back_is_refused_and_audited()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync(count: 5);
        using var browser = new Browser(server);
        (await browser.SignInAsync(passkey)).ShouldGoTo("/account");
        foreach (uint count in (uint[])[6, 5, 1, 0])
        {
            passkey.Count = count;
            (await new Browser(server).SignInAsync(passkey)).ShouldSay(401, NotAccepted);
        }
        server.Details("passkey.counter_went_back").Should().HaveCount(4);
        server.Details("sign_in.failed").Should().HaveCount(4).And.OnlyContain(d => d.EndsWith(" copied_passkey"));
        passkey.Count = 7;
        (await new Browser(server).SignInAsync(passkey)).ShouldGoTo("/account");
    }

    public static TheoryData<string> Lies => ["unverified", "absent", "party", "origin", "cross", "challenge", "type", "forged", "handle", "synced", "unknown"];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task What_is_not_as_it_was_asked_for_signs_nobody_in(string lie)
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        using var other = new SoftPasskey { UserHandle = server.Get<UserAccounts>().FindByLogin("bob")!.Subject };
        var shown = lie == "unknown" ? other : passkey;
        switch (lie)
        {
            case "unverified": passkey.IsVerified = false; break;
            case "absent": passkey.IsPresent = false; break;
            case "party": passkey.RelyingPartyId = "evil.example"; break;
            case "origin": passkey.Origin = "https://evil.example"; break;
            case "cross": passkey.IsCrossOrigin = true; break;
            case "challenge": passkey.Challenge = "AAAAAAAAAAAAAAAAAAAAAA"; break;
            case "type": passkey.Type = "webauthn.create"; break;
            case "forged": passkey.IsForged = true; break;
            case "handle": passkey.UserHandle = server.Get<UserAccounts>().FindByLogin("jane")!.Subject; break;
            case "synced": passkey.IsSynced = true; break;
        }
        (await new Browser(server).SignInAsync(shown)).ShouldSay(401, NotAccepted);
        server.SessionsOf("bob").Should().BeEmpty();
        string bob = server.Get<UserAccounts>().FindByLogin("bob")!.Subject;
        server.Details("sign_in.failed").Should().Equal(lie == "unknown" ? "- unknown_passkey" : $"{bob} wrong_passkey");
    }

    [Fact]
    public async Task Disabled_and_locked_are_refused_as_at_every_door_and_answered_alike()
    {
        await using var server = await PasskeyVisits.StartAsync("--Accounts:LockoutFailures=3");
        using SoftPasskey bobs = await server.PasskeyAsync(), janes = await server.PasskeyAsync("jane");
        for (int i = 0; i < 3; i++) (await new Browser(server).SignInAsync("bob", "wrong")).Status.Should().Be(401);
        (await new Browser(server).SignInAsync(bobs)).ShouldSay(401, NotAccepted);
        var accounts = server.Get<UserAccounts>();
        await accounts.DisableAsync(accounts.FindByLogin("jane")!, "test");
        (await new Browser(server).SignInAsync(janes)).ShouldSay(401, NotAccepted);
        server.Details("sign_in.refused").Should().Equal($"{accounts.FindByLogin("bob")!.Subject} locked", $"{accounts.FindByLogin("jane")!.Subject} disabled");
        server.Clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        (await new Browser(server).SignInAsync(bobs)).ShouldGoTo("/account");
        await accounts.EnableAsync(accounts.FindByLogin("jane")!, "test");
        (await new Browser(server).SignInAsync(janes)).ShouldGoTo("/account");
    }

    [Fact]
    public async Task Attempts_of_an_address_are_limited_together_with_passwords()
    {
        await using var server = await TestServer.StartAsync([$"--TokenServer:Issuer={PasskeyVisits.Origin}", "--RateLimits:Password:Permits=3"]);
        using var passkey = await server.PasskeyAsync();
        using var browser = new Browser(server);
        await browser.SignInAsync(password: "wrong");
        (await browser.SignInAsync(passkey)).ShouldGoTo("/account");
        (await new Browser(server).SignInAsync(passkey)).Status.Should().Be(429);
    }

    [Fact]
    public async Task A_password_alone_turns_no_second_factor_on_where_there_is_a_passkey()
    {
        const string Path = "/account/two-factor", Halfway =
            "Your account has a passkey, and you signed in without it. Sign out, and sign in with it, to turn two-factor authentication on.";
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        using Browser full = new(server), password = await Browser.OfAsync(server);
        await full.SignInAsync(passkey);
        await full.GetAsync(Path);
        byte[] secret = OtpNet.Base32Encoding.ToBytes((await full.PostAndFollowAsync(Path + "/set-up")).Secret("secret"));
        string code = new OtpNet.Totp(secret).ComputeTotp(server.Clock.GetUtcNow().UtcDateTime);
        await password.GetAsync(Path);
        (await password.PostAsync(Path + "/set-up")).ShouldSay(403, Halfway);
        (await password.PostAsync(Path + "/enable", ("code", code))).ShouldSay(403, Halfway);
        (await full.PostAndFollowAsync(Path + "/enable", ("code", code))).Secret("codes").Should().NotBeNull();
    }

    [Fact]
    public async Task A_removed_passkey_signs_nobody_in_and_what_was_begun_with_it_ends()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using SoftPasskey passkey = await server.PasskeyAsync(), kept = await server.PasskeyAsync(by: passkey);
        using Browser lost = new(server), other = new(server), password = await Browser.OfAsync(server);
        await lost.SignInAsync(passkey);
        await other.SignInAsync(kept);
        string id = server.PasskeysOf("bob")[0].PublicId;
        await password.GetAsync(PasskeyVisits.Page);
        (await password.PostAsync($"{PasskeyVisits.Page}/{id}/remove")).ShouldSay(403, "Your account has a second factor, and you signed in without it. Sign out, and sign in with it, to change your passkeys.");
        using var thief = new SoftPasskey();
        (await password.AddAsync(thief)).ShouldSay(403, "Your account has a second factor, and you signed in without it. Sign out, and sign in with it, to change your passkeys.");
        await other.GetAsync(PasskeyVisits.Page);
        (await other.PostAsync($"{PasskeyVisits.Page}/{id}/remove")).ShouldGoTo(PasskeyVisits.Page, "PasskeyRemoved");
        (await lost.GetAsync("/account")).ShouldAskToSignIn("/account");
        (await other.GetAsync("/account")).Status.Should().Be(200);
        (await new Browser(server).SignInAsync(passkey)).ShouldSay(401, NotAccepted);
        (await new Browser(server).SignInAsync(kept)).ShouldGoTo("/account");
        server.Details("sign_in.failed").Should().Equal("- unknown_passkey");
    }

    [Fact]
    public async Task Signing_in_again_takes_a_passkey_of_the_same_account_only_and_is_a_recent_sign_in()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using SoftPasskey bobs = await server.PasskeyAsync(), janes = await server.PasskeyAsync("jane");
        using var browser = await Browser.OfAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        (await browser.GetAsync("/account/password")).ShouldGoTo("/account/sign-in-again?return=%2Faccount%2Fpassword");
        const string Again = "/account/sign-in-again";
        var page = await browser.GetAsync(Again);
        page.Offer().Options.Should().Contain("allowCredentials\":[{");
        // What a page for strangers asked is another question.
        (await browser.PostAsync(Again + "/passkey", (await browser.GetAsync("/account/sign-in?another=1")).Form(bobs))).ShouldSay(401, NotAccepted);
        (await browser.PostAsync(Again + "/passkey", page.Form(janes, "/account/password"))).ShouldSay(401, NotAccepted);
        (await browser.PostAsync(Again + "/passkey", (await browser.GetAsync(Again)).Form(bobs, "/account/password"))).ShouldGoTo("/account/password");
        (await browser.GetAsync("/account/password")).Status.Should().Be(200);
        server.SessionsOf("bob").Should().ContainSingle().Which.IsByPasskey.Should().BeTrue();
        using var none = await Browser.OfAsync(server, "bob");
        await server.Get<Database>().WriteAsync(s => s.Execute("""DELETE FROM "Passkeys" """));
        (await none.GetAsync(Again)).Body.Should().NotContain("data-passkey");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("\"a\"")]
    [InlineData("{\"id\":7}")]
    [InlineData("{\"id\":\"\"}")]
    [InlineData("{\"id\":\"%%%\"}")]
    [InlineData("{\"id\":\"AAAA\",\"response\":null}")]
    [InlineData("{\"id\":\"AAAA\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"AA\",\"authenticatorData\":\"\",\"signature\":\"\"}}")]
    [InlineData("{\"id\":\"\\ud800\"}")]
    [InlineData("{")]
    [InlineData("\ufeff{}")]
    public async Task Bad_input_is_told_and_never_breaks_anything(string credential)
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        string stored = server.Get<Database>().Read(s => s.All("""SELECT "CredentialId" FROM "Passkeys" """, r => r.GetString(0)))[0];
        using var browser = await Browser.OfAsync(server);
        foreach (var (path, at) in ((string, string)[])
            [("/account/sign-in/passkey", "/account/sign-in?another=1"), ("/account/sign-in-again/passkey", "/account/sign-in-again"), (PasskeyVisits.Page, PasskeyVisits.Page)])
            foreach (string text in (string[])[credential, credential.Replace("AAAA", stored, StringComparison.Ordinal)])
                foreach (bool hasCeremony in (bool[])[true, false])
                {
                    string ceremony = (await browser.GetAsync(at)).Offer().Ceremony;
                    var answer = await browser.PostAsync(path, ("credential", text), ("ceremony", hasCeremony ? ceremony : "CfDJ8A"), ("name", "x"));
                    answer.Status.Should().BeOneOf([400, 401], "{0} was sent {1}", path, text);
                    answer.Alert().Should().NotBeNullOrEmpty();
                }
        server.PasskeysOf("bob").Should().ContainSingle();
        server.Log.Lines.Should().NotContain(l => l.Contains("unhandled", StringComparison.OrdinalIgnoreCase));
    }
}
