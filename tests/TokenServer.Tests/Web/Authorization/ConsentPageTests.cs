using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Authorization;

/// <summary>The page that asks whether a client may have what it asks for, and the one that takes it back (contract section 9).</summary>
public sealed class ConsentPageTests
{
    private const string Page = "/account/consent";

    [Fact]
    public async Task It_names_the_client_and_says_in_words_what_it_asks_for()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<Database>().WriteAsync(s => s.Execute(
            """UPDATE "OpenIddictScopes" SET "Description"='See and change your <b>tunnels</b>' WHERE "Name"='api'"""));
        server.Get<ScopeRegistry>().Reload();
        using var browser = await Browser.OfAsync(server);
        var asked = await Asked.StoreAsync(server, scope: "openid profile email offline_access api");
        var page = await browser.GetAsync(asked.At(Page));
        page.Body.Should().Contain("<h1>Allow web?</h1>").And.Contain("<strong>web</strong> (app.example.com) asks for access to your account bob.")
            .And.Contain("<li>Sign you in, and know you again the next time</li>").And.Contain("<li>See your e-mail address</li>")
            .And.Contain("<li>Keep this access while you are away, after you have signed out too, until you take it back</li>")
            .And.Contain("<li>See and change your &lt;b&gt;tunnels&lt;/b&gt;</li>").And.NotContain("<img");
        page.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("form-action 'self' https://app.example.com;");
        page.Headers.GetValues("X-Frame-Options").Should().Equal("DENY");
        page.Headers.CacheControl!.NoStore.Should().BeTrue();
        Consents(server, "bob").Should().BeEmpty("looking at the page allows nothing");
    }

    [Theory]
    [InlineData("com.example.app:/signed-in", "form-action 'self' com.example.app:;", "an app on this device")]
    [InlineData("http://127.0.0.1:51004/cb", "form-action 'self' http://127.0.0.1:51004;", "a program on this computer")]
    public async Task It_says_where_the_way_leads(string redirectUri, string policy, string place)
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        var page = await browser.GetAsync((await Asked.StoreAsync(server, redirectUri: redirectUri)).At(Page));
        page.Headers.GetValues("Content-Security-Policy").Single().Should().Contain(policy);
        page.Body.Should().Contain($"({place})");
    }

    [Fact]
    public async Task Allowing_is_remembered_and_goes_back_to_the_endpoint()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        var asked = await Asked.StoreAsync(server);
        await browser.GetAsync(asked.At(Page));
        (await browser.PostAsync(Page, asked.Return)).ShouldGoTo(asked.ReturnPath);
        Consents(server, "bob").Single().Scopes.Should().Equal("openid", "api");
        // A second press is harmless.
        (await browser.PostAsync(Page, asked.Return)).ShouldGoTo(asked.ReturnPath);
        Consents(server, "bob").Should().ContainSingle();
        server.AuditedEvents()[^1].Should().Be("consent.allowed");
    }

    [Fact]
    public async Task Denying_is_marked_in_the_request_and_nothing_is_remembered()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        var asked = await Asked.StoreAsync(server);
        await browser.GetAsync(asked.At(Page));
        (await browser.PostAsync("/account/deny", asked.Return)).ShouldGoTo(asked.ReturnPath);
        asked.Stored(server)!.IsDeniedBy(server.Get<OpenSessions>().Of(Id(server, "bob")).Single().Id).Should().BeTrue();
        Consents(server, "bob").Should().BeEmpty();
        server.AuditedEvents()[^1].Should().Be("consent.denied");
    }

    [Fact]
    public async Task A_yes_is_for_its_own_request_and_not_for_another_that_is_open()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits, FlowClient.Import);
        using var browser = await Browser.OfAsync(server);
        var strict = new FlowClient("strict");
        string wide = (await browser.GetAsync(strict.Authorize("openid api"))).Headers.Location!.OriginalString;
        var allowed = await browser.SendAsync(await browser.GetAsync(wide), Page);
        strict.Reply(allowed)!.Should().ContainKey("code");
        string open = (await browser.GetAsync(strict.Authorize("openid api"))).Headers.Location!.OriginalString;
        strict.Reply(await browser.SendAsync(await browser.GoAsync(strict.Authorize("openid")), Page))!.Should().ContainKey("code");
        string onward = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(open[open.IndexOf('?', StringComparison.Ordinal)..])["return"]!;
        (await browser.GetAsync(onward)).Headers.Location!.OriginalString.Should().StartWith(Page + "?", "nobody has said yes to this one");
    }

    [Fact]
    public async Task Nobody_is_made_to_allow_by_another_site_or_an_old_form()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        using var jane = await Browser.OfAsync(server, "jane");
        var asked = await Asked.StoreAsync(server);
        foreach (string path in new[] { Page, "/account/deny", "/account/choose" })
        {
            await browser.GetAsync(asked.At(Page));
            (await browser.PostAsync(path, [asked.Return], [("Origin", "https://evil.example")])).Status.Should().Be(403);
            (await browser.PostAsync(path, [asked.Return], [("Sec-Fetch-Site", "cross-site")])).Status.Should().Be(403);
            foreach (string token in new[] { "", "x", jane.Token })
            {
                browser.Token = token;
                (await browser.PostAsync(path, asked.Return)).Status.Should().Be(400);
            }
        }
        Consents(server, "bob").Should().BeEmpty();
        (asked.Stored(server)!["@denied"], asked.Stored(server)!["@chosen"]).Should().Be((null, null));
    }

    [Fact]
    public async Task A_request_that_is_over_or_none_is_for_the_endpoint_to_speak_of()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        var asked = await Asked.StoreAsync(server);
        await browser.GetAsync(asked.At(Page));
        server.Clock.Advance(TimeSpan.FromMinutes(16));
        (await browser.GetAsync(asked.At(Page))).Status.Should().Be(200, "a sign-in may take half an hour");
        server.Clock.Advance(TimeSpan.FromMinutes(15));
        (await browser.GetAsync(asked.At(Page))).ShouldGoTo(asked.ReturnPath);
        (await browser.PostAsync(Page, asked.Return)).ShouldGoTo(asked.ReturnPath);
        (await browser.PostAsync("/account/deny", asked.Return)).ShouldGoTo(asked.ReturnPath);
        (await browser.GetAsync(Page)).ShouldGoTo("/account");
        (await browser.GetAsync(Page + "?return=https%3A%2F%2Fevil.example")).ShouldGoTo("/account");
        (await browser.PostAsync(Page)).ShouldGoTo("/account");
        (await browser.PostAsync(Page, ("return", "//evil.example"))).ShouldGoTo("/account");
        Consents(server, "bob").Should().BeEmpty();
    }

    [Fact]
    public async Task The_apps_page_lists_what_was_allowed_and_takes_it_back_with_its_sessions()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        (await browser.GetAsync("/account/apps")).Body.Should().Contain("You have allowed no application yet.");
        var asked = await Asked.StoreAsync(server);
        await browser.GetAsync(asked.At(Page));
        await browser.PostAsync(Page, asked.Return);
        string token = (await server.SignInAsync(user: "bob"))["access_token"]!;
        var page = await browser.GetAsync("/account/apps");
        page.Body.Should().Contain(">web</h2>").And.Contain("<li>Use API</li>").And.Contain("It has 1 session:");
        (await browser.GetAsync("/account")).Body.Should().Contain("<b>1</b> app<");
        (await browser.PostAsync("/account/apps/withdraw", ("client_id", "other"))).Status.Should().Be(404);
        (await browser.PostAsync("/account/apps/withdraw")).Status.Should().Be(404);
        (await browser.PostAsync("/account/apps/withdraw", ("client_id", "web"))).ShouldGoTo("/account/apps", "AppWithdrawn");
        (await browser.GetAsync("/account/apps")).Notice().Should()
            .Be("It is taken back. The application's sessions have ended.");
        (await server.IsActiveAsync(token, "api")).Should().BeFalse();
        Consents(server, "bob").Should().BeEmpty();
        (await browser.GetAsync("/account")).Status.Should().Be(200, "the browser's own session goes on");
        server.AuditedEvents()[^1].Should().Be("consent.withdrawn");
    }

    private static int Id(TestServer server, string user) => server.Get<UserAccounts>().FindByLogin(user)!.Id;

    private static IReadOnlyList<Consent> Consents(TestServer server, string user) => server.Get<Consents>().Of(Id(server, user));
}
