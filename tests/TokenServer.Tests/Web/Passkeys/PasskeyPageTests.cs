using System.Net;
using TokenServer.Accounts;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Passkeys;

/// <summary>/account/passkeys: made, listed, removed by their owner (contract section 9).</summary>
public sealed class PasskeyPageTests
{
    private const string Page = PasskeyVisits.Page;

    [Fact]
    public async Task A_passkey_is_asked_for_as_the_contract_says()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        using var browser = await Browser.OfAsync(server);
        var asked = System.Text.Json.JsonDocument.Parse((await browser.GetAsync(Page)).Offer().Options).RootElement;
        asked.GetProperty("rp").GetProperty("id").GetString().Should().Be(PasskeyVisits.Name);
        asked.GetProperty("attestation").GetString().Should().Be("none");
        asked.GetProperty("user").GetProperty("name").GetString().Should().Be("bob");
        asked.GetProperty("authenticatorSelection").GetProperty("userVerification").GetString().Should().Be("required");
        asked.GetProperty("authenticatorSelection").GetProperty("residentKey").GetString().Should().Be("required");
        asked.GetProperty("excludeCredentials").GetArrayLength().Should().Be(1, "a device makes one passkey for an account");
        var shown = System.Text.Json.JsonDocument.Parse((await new Browser(server).GetAsync("/account/sign-in")).Offer().Options).RootElement;
        (shown.GetProperty("rpId").GetString(), shown.GetProperty("userVerification").GetString()).Should().Be((PasskeyVisits.Name, "required"));
        shown.GetProperty("allowCredentials").GetArrayLength().Should().Be(0, "a page for strangers tells of nobody's");
    }

    [Fact]
    public async Task It_is_listed_with_its_name_where_it_is_and_its_last_use_and_removed()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var browser = await Browser.OfAsync(server);
        using SoftPasskey synced = new() { IsSynced = true }, single = new();
        (await browser.GetAsync(Page)).Body.Should().Contain("You have no passkey yet.");
        (await browser.AddAsync(synced, "<b>Phone</b>")).ShouldGoTo(Page, "PasskeyAdded");
        await browser.AddAsync(single, " Key ");
        var page = await browser.GetAsync(Page);
        page.Notice().Should().Be("The passkey is added. From now on it signs you in.");
        page.Body.Should().Contain("<bdi>&lt;b&gt;Phone&lt;/b&gt;</bdi>").And.Contain("<bdi>Key</bdi>").And.Contain("synced by your passkey provider")
            .And.Contain("on one device only").And.Contain("last used never");
        string bob = server.Get<UserAccounts>().FindByLogin("bob")!.Subject, id = server.PasskeysOf("bob")[0].PublicId;
        server.Details("passkey.added").Should().Equal($"{bob} {id}, synced", $"{bob} {server.PasskeysOf("bob")[1].PublicId}, on one device");
        (await browser.PostAsync($"{Page}/{id}/remove")).ShouldGoTo(Page, "PasskeyRemoved");
        server.Details("passkey.removed").Should().Equal($"{bob} {id}");
        (await browser.PostAsync($"{Page}/{id}/remove")).ShouldSay(404, "There is no such page.");
        server.PasskeysOf("bob").Should().ContainSingle(p => p.Name == "Key");
    }

    [Fact]
    public async Task Nobody_removes_what_is_anothers()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        using var jane = await Browser.OfAsync(server, "jane");
        await jane.GetAsync(Page);
        foreach (string id in (string[])[server.PasskeysOf("bob")[0].PublicId, "0000000000000", "x", "key_1", "%00"])
            (await jane.PostAsync($"{Page}/{id}/remove")).Status.Should().BeOneOf(400, 404);
        server.PasskeysOf("bob").Should().ContainSingle();
    }

    [Fact]
    public async Task The_last_way_in_is_kept()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "PasswordHash"=NULL WHERE "UserName"='bob'"""));
        using var browser = new Browser(server);
        (await browser.SignInAsync(passkey)).ShouldGoTo("/account");
        string first = server.PasskeysOf("bob")[0].PublicId;
        await browser.GetAsync(Page);
        (await browser.PostAsync($"{Page}/{first}/remove")).ShouldSay(409, "This passkey is the only way into your account, so it was not removed. Add another one first.");
        using var second = new SoftPasskey();
        await browser.AddAsync(second);
        (await browser.PostAsync($"{Page}/{first}/remove")).ShouldGoTo(Page, "PasskeyRemoved");
        (await browser.GetAsync("/account")).Status.Should().Be(200, "the session in which it was removed goes on");
        (await browser.PostAsync($"{Page}/{server.PasskeysOf("bob")[0].PublicId}/remove")).Status.Should().Be(409);
    }

    [Fact]
    public async Task What_was_not_made_as_asked_is_not_added()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var taken = await server.PasskeyAsync("jane");
        using var browser = await Browser.OfAsync(server);
        SoftPasskey[] lies =
        [
            new() { IsVerified = false }, new() { IsPresent = false }, new() { RelyingPartyId = "evil.example" }, new() { Origin = "https://evil.example" }, new() { Origin = "http://id.example.com" },
            new() { IsCrossOrigin = true }, new() { Challenge = "AAAA" }, new() { Type = "webauthn.get" }, new() { CredentialId = taken.CredentialId },
        ];
        foreach (var lie in lies) (await browser.AddAsync(lie)).ShouldSay(400, "The passkey was not accepted, so nothing was added. Try again, or with another device.");
        server.PasskeysOf("bob").Should().BeEmpty();
        foreach (var lie in lies) lie.Dispose();
    }

    [Fact]
    public async Task A_name_is_needed_and_a_page_is_used_once_by_its_own_browser_and_account()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using Browser browser = await Browser.OfAsync(server), jane = await Browser.OfAsync(server, "jane");
        using var passkey = new SoftPasskey();
        const string TooLate = "That took too long, or was sent twice, so nothing was added. Try again.";
        (await browser.AddAsync(passkey, "")).ShouldSay(400, "Enter a name of 1 to 100 characters.");
        (await browser.AddAsync(passkey, new string('x', 101))).ShouldSay(400, "Enter a name of 1 to 100 characters.");
        (await browser.AddAsync(passkey, "\u200b")).Status.Should().Be(400);
        var (options, ceremony) = (await browser.GetAsync(Page)).Offer();
        (string, string)[] form = [("name", "Phone"), ("credential", passkey.Make(options)), ("ceremony", ceremony)];
        await jane.GetAsync(Page);
        (await jane.PostAsync(Page, form)).ShouldSay(400, TooLate);
        (await browser.PostAsync(Page, form)).ShouldGoTo(Page, "PasskeyAdded");
        (await browser.PostAsync(Page, form)).ShouldSay(400, TooLate);
        // What was asked in order to sign in is no answer here.
        var page = await browser.GetAsync("/account/sign-in-again");
        (await browser.PostAsync(Page, [("name", "Phone"), .. page.Form(passkey)])).ShouldSay(400, TooLate);
        server.PasskeysOf("bob").Should().ContainSingle();
        server.PasskeysOf("jane").Should().BeEmpty();
    }

    [Fact]
    public async Task There_is_an_end_to_how_many()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var browser = await Browser.OfAsync(server);
        for (int i = 0; i < 20; i++) await server.InsertPasskeyAsync("bob");
        using var passkey = new SoftPasskey();
        (await browser.AddAsync(passkey)).ShouldSay(409, "You have 20 passkeys, and cannot have more.");
    }

    [Fact]
    public async Task Ten_minutes_after_the_sign_in_it_takes_a_new_one()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var browser = await Browser.OfAsync(server);
        await server.InsertPasskeyAsync("bob");
        await browser.GetAsync(Page);
        server.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        const string Again = "/account/sign-in-again?return=%2Faccount%2Fpasskeys";
        (await browser.GetAsync(Page)).ShouldGoTo(Again);
        (await browser.PostAsync(Page, ("name", "x"))).ShouldGoTo(Again);
        (await browser.PostAsync($"{Page}/{server.PasskeysOf("bob")[0].PublicId}/remove")).ShouldGoTo(Again);
    }

    [Theory]
    [InlineData("http://192.0.2.1:5000", "No passkey can be added here: this server is known by an IP address, 192.0.2.1, and has no name.")]
    [InlineData("https://[2001:db8::1]", "this server is known by an IP address, [2001:db8::1], and has no name.")]
    [InlineData("http://id.example.com", "this server is not reached over HTTPS.")]
    public async Task Where_browsers_have_none_the_page_says_so_and_the_sign_in_offers_none(string issuer, string words)
    {
        await using var server = await TestServer.StartAsync([$"--TokenServer:Issuer={issuer}"]);
        using Browser browser = await Browser.OfAsync(server), stranger = new(server);
        await server.InsertPasskeyAsync("bob");
        var page = await browser.GetAsync(Page);
        WebUtility.HtmlDecode(page.Body).Should().Contain(words).And.NotContain("data-passkey");
        (await stranger.GetAsync("/account/sign-in")).Body.Should().NotContain("data-passkey");
        (await browser.GetAsync("/account/sign-in-again")).Body.Should().NotContain("data-passkey");
        (await stranger.PostAsync("/account/sign-in/passkey", ("credential", "{}"), ("ceremony", "x"))).Status.Should().Be(400);
        (await browser.PostAsync($"{Page}/{server.PasskeysOf("bob")[0].PublicId}/remove")).ShouldGoTo(Page, "PasskeyRemoved");
    }

    [Theory]
    [InlineData("http://localhost:5000", null, "localhost")]
    [InlineData("https://id.example.com/tenant", null, "id.example.com")]
    [InlineData("https://id.example.com", "example.com", "example.com")]
    public async Task It_is_for_the_issuers_host_or_a_parent_of_it(string issuer, string? setting, string party)
    {
        await using var server = await TestServer.StartAsync([$"--TokenServer:Issuer={issuer}", .. setting is null ? (string[])[] : [$"--Passkeys:RelyingPartyId={setting}"]]);
        using var browser = new Browser(server);
        string path = new Uri(issuer).AbsolutePath.TrimEnd('/');
        (await browser.GetAsync(path + "/account/sign-in")).Offer().Options.Should().Contain($"\"rpId\":\"{party}\"");
    }

    [Fact]
    public async Task A_deleted_account_leaves_no_passkey()
    {
        await using var server = await PasskeyVisits.StartAsync();
        using var passkey = await server.PasskeyAsync();
        await server.Get<AccountAdministration>().DeleteAsync(server.Get<UserAccounts>().FindByLogin("bob")!.Id, "test");
        (await new Browser(server).SignInAsync(passkey)).Status.Should().Be(401);
        server.Get<Database>().Read(s => s.All("""SELECT "Id" FROM "Passkeys" """, r => r.GetInt64(0))).Should().BeEmpty();
    }
}
