using System.Text.RegularExpressions;
using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Tunnels;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Contract;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web;

/// <summary>The account's own pages: tunnels, API keys, sessions.</summary>
public sealed partial class AccountPageTests
{
    [Fact]
    public async Task The_overview_says_whose_it_is_and_what_there_is()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server, "jane");
        await browser.PostAsync("/account/tunnels", ("name", "office"));
        string page = (await browser.GetAsync("/account")).Body;
        page.Should().Contain("Jane Doe").And.Contain("jane@example.com").And.Contain("<b>1</b> tunnel<").And.Contain("<b>0</b> API keys<").And.Contain("<b>1</b> session<").And.Contain("<b>Off</b>");
    }

    [Fact]
    public async Task A_tunnels_token_is_shown_once_and_works_until_it_is_regenerated()
    {
        await using var server = await TestServer.StartAsync(Browser.AllLogged);
        await server.AddIntrospectorAsync("relay", "tunnel");
        using var browser = await Browser.OfAsync(server);
        string first = (await browser.PostAndFollowAsync("/account/tunnels", ("name", " office "))).Secret("token")!;
        (await server.IsActiveAsync(first, "relay")).Should().BeTrue();
        int id = TunnelsOf(server, "bob").Single(t => t.Name == "office").Id;
        (await browser.GetAsync("/account/tunnels")).Body.Should().NotContain(first).And.Contain("tt_...").And.Contain("office");
        string second = (await browser.PostAndFollowAsync($"/account/tunnels/{id}/regenerate")).Secret("token")!;
        (await server.IsActiveAsync(first, "relay")).Should().BeFalse();
        (await server.IsActiveAsync(second, "relay")).Should().BeTrue();
        (await browser.PostAsync($"/account/tunnels/{id}/delete")).ShouldGoTo("/account/tunnels", "TunnelDeleted");
        (await browser.GetAsync("/account/tunnels")).Notice().Should().Be("The tunnel is deleted. Its token is dead.");
        (await server.IsActiveAsync(second, "relay")).Should().BeFalse();
        (await browser.PostAsync($"/account/tunnels/{id}/delete")).Status.Should().Be(404);
        server.AuditedEvents().Should().ContainInOrder("tunnel.added", "tunnel.regenerated", "tunnel.deleted");
        foreach (string secret in new[] { first, second }) server.Log.Lines.Should().NotContain(l => l.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tunnel_needs_a_name_that_is_free()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        foreach (string bad in new[] { "", "  ", new string('x', 65) })
            (await browser.PostAsync("/account/tunnels", ("name", bad))).ShouldSay(400, "Enter a name of 1 to 64 characters.");
        (await browser.PostAsync("/account/tunnels")).Status.Should().Be(400);
        await browser.PostAsync("/account/tunnels", ("name", "<b>office"));
        var taken = await browser.PostAsync("/account/tunnels", ("name", "<B>Office"));
        taken.ShouldSay(409, "You have a tunnel of this name.");
        taken.Body.Should().Contain("value=\"&lt;B&gt;Office\"").And.NotContain("<b>office").And.NotContain("<B>Office");
    }

    [Fact]
    public async Task An_API_key_is_shown_once_and_works_until_it_is_deleted()
    {
        await using var server = await TestServer.StartAsync(Browser.AllLogged);
        using var browser = await Browser.OfAsync(server);
        (await browser.PostAsync("/account/keys", ("name", " "))).ShouldSay(400, "Enter a name of 1 to 100 characters.");
        string key = (await browser.PostAndFollowAsync("/account/keys", ("name", "ci"))).Secret("key")!;
        (await server.GetAsync("/auth/me", key)).Status.Should().Be(200);
        (await browser.GetAsync("/account/keys")).Body.Should().NotContain(key);
        string id = KeysOf(server, "bob").Single().KeyId;
        (await browser.PostAsync($"/account/keys/{id}/delete")).ShouldGoTo("/account/keys", "KeyDeleted");
        (await server.GetAsync("/auth/me", key)).Status.Should().Be(401);
        (await browser.PostAsync($"/account/keys/{id}/delete")).Status.Should().Be(404);
        server.AuditedEvents().Should().ContainInOrder("api_key.added", "api_key.deleted");
        server.Log.Lines.Should().NotContain(l => l.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_belongs_to_another_account_is_not_there()
    {
        await using var server = await TestServer.StartAsync();
        using var bob = await Browser.OfAsync(server);
        using var jane = await Browser.OfAsync(server, "jane");
        await bob.PostAsync("/account/tunnels", ("name", "office"));
        await bob.PostAsync("/account/keys", ("name", "ci"));
        string tunnel = $"/account/tunnels/{TunnelsOf(server, "bob").Single().Id}", key = $"/account/keys/{KeysOf(server, "bob").Single().KeyId}", session = $"/account/sessions/{TimeOrderedId.ToText(SessionsOf(server, "bob").Single().Id)}";
        foreach (string path in new[] { tunnel + "/delete", tunnel + "/regenerate", key + "/delete", session + "/end", "/account/keys/rubbish/delete", "/account/sessions/rubbish/end", "/account/tunnels/rubbish/delete" })
            (await jane.PostAsync(path)).ShouldSay(404, "There is no such page.");
        (await bob.GetAsync("/account/tunnels")).Body.Should().Contain("office");
        SessionsOf(server, "bob").Should().ContainSingle();
        KeysOf(server, "bob").Should().ContainSingle();
    }

    [Fact]
    public async Task The_sessions_of_every_door_are_listed_and_one_is_ended()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        string oauth = (await server.SignInAsync(user: "bob"))["access_token"]!, inTunnel = await server.SessionTokenAsync("bob");
        string page = (await browser.GetAsync("/account/sessions")).Body;
        Ends().Count(page).Should().Be(2);
        page.Should().Contain("this one").And.Contain("from 127.0.0.1").And.Contain("21 Nov 2026, 12:00 UTC").And.Contain("<strong>web</strong>");
        long web = SessionsOf(server, "bob").Single(s => s.Client.ClientId == "web").Id;
        (await browser.PostAsync($"/account/sessions/{TimeOrderedId.ToText(web)}/end")).ShouldGoTo("/account/sessions", "SessionEnded");
        (await server.IsActiveAsync(oauth)).Should().BeFalse();
        (await server.GetAsync("/api/tunnels", inTunnel)).Status.Should().Be(200);
        (await browser.PostAsync($"/account/sessions/{TimeOrderedId.ToText(web)}/end")).Status.Should().Be(404);
        server.AuditedEvents()[^1].Should().Be("session.ended");
    }

    [Fact]
    public async Task All_others_end_and_this_one_stays()
    {
        await using var server = await TestServer.StartAsync();
        using var browser = await Browser.OfAsync(server);
        using var other = await Browser.OfAsync(server);
        var oauth = await server.SignInAsync(user: "bob");
        string jane = await server.SessionTokenAsync();
        (await browser.PostAsync("/account/sessions/end-others")).ShouldGoTo("/account/sessions", "OthersEnded");
        (await other.GetAsync("/account")).ShouldAskToSignIn("/account");
        (await server.RefreshAsync(oauth["refresh_token"]!))["error"].Should().Be("invalid_grant");
        (await server.GetAsync("/api/tunnels", jane)).Status.Should().Be(200);
        string page = (await browser.GetAsync("/account/sessions")).Body;
        page.Should().Contain("All other sessions have ended.").And.NotContain("End all others");
        server.AuditedEvents().Count(e => e == "session.others_ended").Should().Be(1);
        (await browser.PostAsync("/account/sessions/end-others")).Status.Should().Be(303);
        server.AuditedEvents().Count(e => e == "session.others_ended").Should().Be(1, "nothing ended");
    }

    [Fact]
    public async Task A_session_that_is_over_is_not_listed()
    {
        await using var server = await TestServer.StartAsync();
        await server.SessionTokenAsync("bob");
        await server.SignInAsync(user: "bob", scope: "api");
        await server.SignInAsync(user: "bob");
        SessionsOf(server, "bob").Should().HaveCount(3);
        server.Clock.Advance(TimeSpan.FromHours(1));
        SessionsOf(server, "bob").Should().HaveCount(2);
        server.Clock.Advance(TimeSpan.FromHours(23));
        SessionsOf(server, "bob").Should().ContainSingle();
        await server.Get<Clients.ClientRegistry>().RevokeAsync("web", "test");
        SessionsOf(server, "bob").Should().BeEmpty();
    }

    private static int IdOf(TestServer server, string user) => server.Get<UserAccounts>().FindByLogin(user)!.Id;
    private static IReadOnlyList<Tunnel> TunnelsOf(TestServer server, string user) => server.Get<UserTunnels>().Of(IdOf(server, user));
    private static IReadOnlyList<ApiKey> KeysOf(TestServer server, string user) => server.Get<UserApiKeys>().Of(IdOf(server, user));
    private static IReadOnlyList<OpenSession> SessionsOf(TestServer server, string user) => server.Get<OpenSessions>().Of(IdOf(server, user));

    [GeneratedRegex("/account/sessions/[0-9a-v]{13}/end\"")]
    private static partial Regex Ends();
}
