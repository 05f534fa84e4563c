using System.Text.RegularExpressions;
using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Pruning;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Architecture;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;
using TokenServer.Web.Shared;

namespace TokenServer.Tests.Web.Forms;

/// <summary>What was typed waits for whoever typed it, in the browser where he did, for a short while, and nothing of it that is secret (docs/decisions/0047).</summary>
public sealed partial class TypedFormTests(FormSite site) : IClassFixture<FormSite>
{
    private const string Tunnels = "/account/tunnels", Typed = "a name that was typed";

    [Fact]
    public async Task Another_person_gets_the_page_empty()
    {
        FormUser user = await site.UserAsync(), another = await site.UserAsync();
        using var browser = await site.SignInAsync(user);
        var answer = await LeaveAsync(browser, user);
        var page = await site.SignInAsync(browser, another, await browser.NextAsync(answer));
        (page.Status, page.Body.Contains(Typed, StringComparison.Ordinal)).Should().Be((200, false));
        NameOf(page).Should().BeEmpty();
        (await browser.PostAsync("/account/sign-out")).Status.Should().Be(303);
        NameOf(await site.SignInAsync(browser, user, await browser.NextAsync(answer))).Should().Be(Typed, "it still waits for who typed it");
    }

    [Fact]
    public async Task A_form_in_a_second_tab_goes_on_after_signing_in_again_in_the_first()
    {
        FormUser user = await site.UserAsync(), another = await site.UserAsync();
        using var browser = await site.SignInAsync(user);
        ShownForm[] tabs = [await OpenAsync(), await OpenAsync(), await OpenAsync()];
        string shown = browser.Token;
        await EndAsync(user);
        await site.SignInAsync(browser, user, await browser.NextAsync(await browser.GetAsync(Tunnels)));
        (await SendAsync(tabs[0])).Headers.Location!.OriginalString.Should().StartWith($"{Tunnels}?made=");
        (await browser.PostAsync("/account/sign-out")).Status.Should().Be(303);
        await site.SignInAsync(browser, another, await browser.GetAsync("/account/sign-in?return=%2Faccount"));
        (await SendAsync(tabs[1])).ShouldSay(400, "This form is out of date, so nothing was done. Go back, reload the page and try again.");
        using var elsewhere = await site.SignInAsync(user);
        elsewhere.Token = shown;
        (await tabs[2].SendAsync(elsewhere)).ShouldSay(400, "This form is out of date, so nothing was done. Go back, reload the page and try again.");

        async Task<ShownForm> OpenAsync() => ShownForm.Of(await browser.GetAsync(Tunnels), Tunnels).Typed(("name", site.Name("tab")));
        Task<Answer> SendAsync(ShownForm form)
        {
            browser.Token = shown;
            return form.SendAsync(browser);
        }
    }

    [Fact]
    public async Task Another_browser_gets_the_page_empty()
    {
        var user = await site.UserAsync();
        using Browser browser = await site.SignInAsync(user), other = await site.SignInAsync(user);
        string address = Back(await LeaveAsync(browser, user, site.Server.Get<OpenSessions>().Of(user.Id).Min(s => s.Id)));
        address.Should().MatchRegex("^/account/tunnels\\?typed=[A-Za-z0-9_-]{22}$");
        NameOf(await other.GetAsync(address)).Should().BeEmpty();
    }

    [Fact]
    public async Task It_is_there_after_a_restart_and_gone_after_half_an_hour()
    {
        using var folder = new TemporaryFolder();
        var server = await TestServer.StartAsync(FaceRequests.NoLimits, folder: folder.Path);
        using var browser = await Browser.OfAsync(server);
        var form = ShownForm.Of(await browser.GetAsync(Tunnels), Tunnels).Typed(("name", Typed));
        server.Clock.Advance(TimeSpan.FromMinutes(31));
        var answer = await form.SendAsync(browser);
        await server.DisposeAsync();
        await using var again = await TestServer.StartAsync(FaceRequests.NoLimits, folder: folder.Path, clock: server.Clock);
        using var returning = browser.At(again.Address);
        var asking = await returning.NextAsync(answer);
        asking.Notice().Should().Be("Your session has ended. Sign in to go on.", "it was idle for too long");
        var signedIn = await ShownForm.Of(asking, "/account/sign-in").Typed(("username", "bob"), ("password", TestImport.Password)).SendAsync(returning);
        NameOf(await returning.NextAsync(signedIn)).Should().Be(Typed);
        again.Clock.Advance(TimeSpan.FromMinutes(29));
        NameOf(await returning.NextAsync(signedIn)).Should().Be(Typed, "a reload shows it again");
        again.Clock.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));
        NameOf(await returning.NextAsync(signedIn)).Should().BeEmpty();
        await again.Get<Pruner>().RunAsync(CancellationToken.None);
        Kept(again).Should().Be(0);
    }

    [Fact]
    public async Task Nothing_is_kept_of_a_form_that_is_none_of_ours()
    {
        var user = await site.UserAsync();
        using Browser browser = await site.SignInAsync(user), stranger = new(site.Server), other = await site.SignInAsync(await site.UserAsync());
        await stranger.GetAsync("/account/sign-in");
        var form = ShownForm.Of(await browser.GetAsync(Tunnels), Tunnels).Typed(("name", Typed));
        string cookie = browser.Cookie("tokenserver_session")!;
        await EndAsync(user);
        int before = Kept(site.Server);
        // Of another site; then with no token, a stranger's or another account's; then without a mark.
        (await browser.PostAsync(Tunnels, [.. form.Fields], [("Sec-Fetch-Site", "cross-site")])).Status.Should().Be(403);
        string token = browser.Token;
        foreach (string bad in new[] { "", "CfDJ8A", stranger.Token, other.Token })
        {
            browser.SetCookie("tokenserver_session", cookie);
            browser.Token = bad;
            (await form.SendAsync(browser)).ShouldAskToSignIn(Tunnels);
        }
        browser.SetCookie("tokenserver_session", cookie);
        browser.Token = token;
        (await browser.PostAsync(Tunnels, [.. form.Fields.Where(f => f.Name != "mark")])).ShouldAskToSignIn(Tunnels);
        // With a cookie that this server has not sealed; and with none, as after signing out.
        browser.SetCookie("tokenserver_session", cookie[..^4] + "AAAA");
        (await form.SendAsync(browser)).ShouldAskToSignIn(Tunnels);
        (await stranger.PostAsync(Tunnels, [.. form.Fields])).ShouldAskToSignIn(Tunnels);
        Kept(site.Server).Should().Be(before);
        browser.SetCookie("tokenserver_session", cookie);
        string back = Back(await form.SendAsync(browser));
        back.Should().StartWith(Tunnels + "?typed=", "the same form is kept as it was sent");
        browser.Cookie("tokenserver_session").Should().BeNullOrEmpty();
        Back(await form.SendAsync(browser)).Should().Be(back, "the page before, sent again, leads to what waits already");
    }

    [Fact]
    public async Task So_much_is_kept_of_an_account_and_no_more()
    {
        var user = await site.UserAsync();
        using var browser = await site.SignInAsync(user);
        string cookie = browser.Cookie("tokenserver_session")!;
        var forms = new List<ShownForm>();
        for (int i = 0; i < 10; i++) forms.Add(ShownForm.Of(await browser.GetAsync(Tunnels), Tunnels).Typed(("name", Typed + i)));
        await EndAsync(user);
        int before = Kept(site.Server);
        var left = new List<Answer>();
        foreach (var form in forms)
        {
            browser.SetCookie("tokenserver_session", cookie);
            site.Server.Clock.Advance(TimeSpan.FromSeconds(1));
            left.Add(await form.SendAsync(browser));
        }
        Kept(site.Server).Should().Be(before + 8);
        browser.SetCookie("tokenserver_session", cookie);
        (await forms[0].Typed(("name", new string('x', 33_000))).SendAsync(browser)).ShouldAskToSignIn(Tunnels);
        NameOf(await site.SignInAsync(browser, user, await browser.NextAsync(left[^1]))).Should().Be(Typed + 9);
        NameOf(await browser.GetAsync(Back(left[2]))).Should().Be(Typed + 2);
        NameOf(await browser.GetAsync(Back(left[1]))).Should().BeEmpty("the oldest went first");
    }

    [Fact]
    public async Task It_is_neither_in_the_log_nor_readable_in_the_database_and_a_secret_is_not_even_sealed()
    {
        await using var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, .. Browser.AllLogged]);
        using var browser = await Browser.OfAsync(server);
        var form = ShownForm.Of(await browser.GetAsync("/account/password"), "/account/password")
            .Typed(("current_password", TestImport.Password), ("new_password", "never to be kept"), ("repeated_password", "never to be kept"), ("name", Typed));
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        string address = (await form.SendAsync(browser)).Headers.Location!.OriginalString;
        address.Should().StartWith("/account/sign-in-again?return=%2Faccount%2Fpassword%3Ftyped%3D");
        server.Log.Lines.Should().NotContain(l => l.Contains("never to be kept", StringComparison.Ordinal) || l.Contains(Typed, StringComparison.Ordinal));
        server.Get<Database>().Read(s => s.All("""SELECT "Id" || COALESCE("Sealed", '') FROM "KeptAnswers" """, r => r.GetString(0))).Should().ContainSingle().Which.Should().NotContain(Typed).And.NotContain("never");
    }

    [Fact]
    public void Every_field_for_a_secret_is_known_as_one()
    {
        var fields = Directory.GetFiles(ArchitectureTests.Source("TokenServer"), "*.razor", SearchOption.AllDirectories).SelectMany(f => Input().Matches(File.ReadAllText(f)).Select(m => m.Value))
            .Where(i => i.Contains("type=\"password\"", StringComparison.Ordinal) || i.Contains("one-time-code", StringComparison.Ordinal) || i.Contains("data-passkey", StringComparison.Ordinal))
            .Select(i => Regex.Match(i, " name=\"([^\"]+)\"").Groups[1].Value).Distinct().ToList();
        fields.Should().HaveCountGreaterThan(4);
        fields.Concat(["token", "pasted", "ceremony"]).Should().OnlyContain(f => TypedForm.IsSecret(f));
        new[] { "name", "token_endpoint_auth_method", "id_token_signed_response_alg", "user_code", "version" }.Should().NotContain(f => TypedForm.IsSecret(f));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("%22%3E%3Cscript%3Ealert(1)%3C/script%3E")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA&typed=AAAAAAAAAAAAAAAAAAAAAB")]
    public async Task An_address_that_speaks_of_nothing_shows_the_page_as_it_is(string typed)
    {
        using var browser = await Browser.OfAsync(site.Server);
        var page = await browser.GetAsync($"{Tunnels}?typed={typed}");
        page.Status.Should().Be(200);
        page.Body.Should().NotContain("<script>").And.NotContain("Nothing was done yet");
    }

    [Fact]
    public async Task What_was_changed_meanwhile_is_not_overwritten()
    {
        string client = await site.ClientAsync(), path = $"/admin/clients/{client}";
        using var john = await site.SignInAsync(site.Administrator);
        var form = ShownForm.Of(await john.GetAsync(path), path).Typed(("client_name", Typed));
        await EndAsync(site.Administrator);
        var answer = await form.SendAsync(john);
        (await site.Server.Get<ClientRegistry>().UpdateAsync(client, _ => true, current => { current.ClientName = "Changed elsewhere"; return current; }, "test")).Refused.Should().BeNull();
        var filled = ShownForm.Of(await site.SignInAsync(john, site.Administrator, await john.NextAsync(answer)), path);
        filled.Fields.Should().Contain(("client_name", Typed));
        var refused = await filled.SendAsync(john);
        refused.Status.Should().Be(409);
        refused.Body.Should().Contain("Nothing was saved: the client was changed in the meantime.").And.Contain(Typed);
    }

    [Fact]
    public async Task A_page_that_is_kept_is_not_shown_to_who_may_not_see_it_any_more()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        var form = ShownForm.Of(await john.GetAsync("/admin/users/new"), "/admin/users/new").Typed(("username", "newcomer"), ("email", Typed), ("role", "user"), ("password", "a new and better one"));
        (await form.SendAsync(john)).Status.Should().Be(400);
        (await form.SendAsync(john)).Body.Should().Contain(Typed);
        // As one who lost the role on a replica that has not ended his sessions yet.
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "Role"='auditor' WHERE "UserName"='john'"""));
        (await form.SendAsync(john)).ShouldSay(403, "Your account may not use this page.");
    }

    [Fact]
    public async Task Of_an_owner_so_many_answers_are_kept_and_of_others_none_goes()
    {
        var kept = site.Server.Get<KeptAnswers>();
        var owner = new KeptFor(site.Name("owner"), 2);
        var another = owner with { Name = site.Name("owner") };
        string Id(int i) => KeptAnswers.IdOf([owner.Name, $"{i}"]);
        await kept.PutAsync(Id(9), "another's", TimeSpan.FromMinutes(1), another);
        for (int i = 0; i < 4; i++)
        {
            (await kept.ClaimAsync(Id(i), TimeSpan.FromMinutes(5))).Should().BeTrue();
            await kept.KeepAsync(Id(i), $"{i}", TimeSpan.FromMinutes(i + 1), owner);
        }
        Enumerable.Range(0, 4).Select(i => kept.Find(Id(i))?.Sealed).Should().Equal(null, null, "2", "3");
        kept.Find(Id(9)).Should().NotBeNull();
        await kept.PutAsync(Id(9), "mine", TimeSpan.FromMinutes(1), owner);
        kept.Find(Id(9))!.Sealed.Should().Be("another's", "what is another's is not overwritten");
    }

    // Presses the button of a form whose session has just ended.
    private async Task<Answer> LeaveAsync(Browser browser, FormUser user, long? session = null)
    {
        var form = ShownForm.Of(await browser.GetAsync(Tunnels), Tunnels).Typed(("name", Typed));
        await EndAsync(user, session);
        return await form.SendAsync(browser);
    }

    private async Task EndAsync(FormUser user, long? session = null) =>
        (await site.Server.Get<SessionAdministration>().EndAsync(session ?? site.LastSession(user), "test")).Should().Be(SessionEnd.Ended);

    private static string Back(Answer answer) => Uri.UnescapeDataString(answer.Headers.Location!.OriginalString.Split("return=")[1]);

    private static string NameOf(Answer page) => ShownForm.Of(page, Tunnels).Fields.Single(f => f.Name == "name").Value;

    private static int Kept(TestServer server) => server.Get<Database>().Read(s => s.All("""SELECT 1 FROM "KeptAnswers" """, _ => 0)).Count;

    [GeneratedRegex("<input [^>]*>", RegexOptions.Singleline)]
    private static partial Regex Input();
}
