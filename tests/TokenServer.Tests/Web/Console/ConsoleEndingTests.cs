using System.Text.RegularExpressions;
using TokenServer.Accounts.Tunnels;
using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web.Console;

/// <summary>Ending in the console: sessions of a user, of a client, ticked ones; keys and tunnels; a lock; a pasted token (contract section 6).</summary>
public sealed class ConsoleEndingTests
{
    [Fact]
    public async Task The_page_of_a_user_ends_all_sessions_with_one_click()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string token = (await server.SignInAsync(user: "bob"))["access_token"]!, page = "/admin/users/" + server.IdOf("bob");
        (await john.GetAsync(page)).Body.Should().Contain($"action=\"{page}/end-sessions\"").And.Contain("Latest sign-ins").And.MatchRegex(@"End all sessions\s+\(1\)");
        (await john.PostAsync(page + "/end-sessions")).ShouldGoTo(page, "UserSessionsEnded");
        (await server.IsActiveAsync(token)).Should().BeFalse();
        server.ShouldHaveAudited("account.sessions_ended", server.IdOf("bob").ToString(), "1 sessions");
        (await john.GetAsync(page)).Body.Should().NotContain("/end-sessions");
    }

    [Fact]
    public async Task Ticked_sessions_end_and_the_visitor_is_back_where_the_ticks_were()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string[] tokens = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => (await server.SignInAsync(user: "bob"))["access_token"]!))];
        string[] ids = [.. tokens.Select(t => Jwt.Claims(t).Text("sid"))];
        string list = $"/admin/sessions?user={server.IdOf("bob")}&status=active", back = Uri.EscapeDataString(list);
        string shown = (await john.GetAsync(list)).Body;
        foreach (string id in ids) shown.Should().Contain($"name=\"session\" value=\"{id}\"");
        string field = Regex.Match(shown, "name=\"return\" value=\"([^\"]+)\"").Groups[1].Value;
        System.Net.WebUtility.HtmlDecode(field).Should().Be(list);
        string end = $"/admin/sessions/end?return={back}&session={ids[0]}&session={ids[1]}";
        (await john.GetAsync(end)).Figure("Sessions").Should().Be("2");
        (await john.PostAsync(end)).ShouldGoTo(list, "SessionsEnded");
        (await server.IsActiveAsync(tokens[0]), await server.IsActiveAsync(tokens[1]), await server.IsActiveAsync(tokens[2])).Should().Be((false, false, true));
        (await john.GetAsync("/admin/sessions/end")).Body.Should().Contain("No session is ticked.");
        (await john.PostAsync($"/admin/sessions/{ids[2]}/end?return={back}")).ShouldGoTo(list, "SessionEnded");
        (await john.PostAsync($"/admin/sessions/{ids[2]}/end?return=https%3A%2F%2Fevil.example")).ShouldGoTo("/admin/sessions", "SessionEnded");
    }

    [Fact]
    public async Task All_sessions_of_a_client_end_after_a_question()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string token = (await server.SignInAsync("other", "bob"))["access_token"]!;
        (await john.GetAsync("/admin/clients/other")).Body.Should().Contain("/admin/clients/other/end-sessions");
        (await john.GetAsync("/admin/clients/other/end-sessions")).Figure("Sessions").Should().Be("1");
        (await john.PostAsync("/admin/clients/other/end-sessions")).ShouldGoTo("/admin/clients/other", "ClientSessionsEnded");
        (await server.IsActiveAsync(token)).Should().BeFalse();
        server.Get<ClientRegistry>().Find("other")!.IsRevoked.Should().BeFalse();
    }

    [Fact]
    public async Task Keys_and_tunnels_of_a_user_are_shown_and_ended()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string face = await ((Door)Door.Account).TokenAsync(server), page = "/admin/users/" + server.IdOf("bob");
        var key = await server.AddKeyAsync(face, "my ci");
        var tunnel = await server.AddTunnelAsync(face, "my office");
        string shown = (await john.GetAsync(page)).Body;
        shown.Should().Contain("my ci").And.Contain("my office").And.NotContain(key.Key).And.NotContain(tunnel.Token);
        (await john.GetAsync($"{page}/keys/{key.Id}/delete")).Body.Should().Contain("Programs that use it are refused at once.");
        (await john.PostAsync($"{page}/keys/{key.Id}/delete")).ShouldGoTo(page, "UserKeyDeleted");
        (await server.CallAsync("GET", "/auth/me", key.Key)).Status.Should().Be(401);
        server.ShouldHaveAudited("api_key.deleted", key.Id, "of " + server.IdOf("bob"));
        (await john.PostAsync($"{page}/tunnels/{tunnel.Id}/revoke")).ShouldGoTo(page, "UserTunnelRevoked");
        server.ShouldHaveAudited("tunnel.token_revoked", tunnel.Id.ToString(), "of " + server.IdOf("bob"));
        server.Get<UserTunnels>().Of(server.IdOf("bob")).Should().ContainSingle(t => !t.HasToken);
        (await john.GetAsync(page)).Body.Should().Contain("token revoked").And.NotContain("/revoke\"");
        (await john.GetAsync($"/admin/users/{server.IdOf("jane")}/tunnels/{tunnel.Id}/revoke")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_locked_account_is_shown_and_unlocked_with_one_click()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string page = "/admin/users/" + server.IdOf("bob");
        (await john.GetAsync(page)).Body.Should().NotContain("/unlock");
        for (int i = 0; i < 10; i++) await server.SignInAsync(user: "bob", password: "wrong");
        (await john.GetAsync("/admin/users")).Body.Should().Contain(">locked<");
        (await john.GetAsync(page)).Body.Should().Contain(">locked<").And.Contain("until").And.Contain($"action=\"{page}/unlock\"");
        (await john.PostAsync(page + "/unlock")).ShouldGoTo(page, "UserUnlocked");
        server.ShouldHaveAudited("account.unlocked", server.IdOf("bob").ToString());
        for (int i = 0; i < 10; i++) await server.SignInAsync(user: "bob", password: "wrong");
        (await john.GetAsync("/admin/users?status=active")).Body.Should().Contain($"action=\"{page}/unlock?return=%2Fadmin%2Fusers%3Fstatus%3Dactive\"");
        (await john.PostAsync(page + "/unlock?return=%2Fadmin%2Fusers%3Fstatus%3Dactive")).ShouldGoTo("/admin/users?status=active", "UserUnlocked");
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_pasted_token_is_explained_and_revoked_and_is_in_no_page()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var john = await server.OpenConsoleAsync();
        string token = (await server.SignInAsync(user: "bob"))["access_token"]!, sid = Jwt.Claims(token).Text("sid");
        (await john.GetAsync("/admin")).Body.Should().Contain("action=\"/admin/tokens\"");
        var told = await john.PostAsync("/admin/tokens", ("token", $"\n {token} "));
        told.Body.Should().Contain("good now").And.Contain("Access token").And.Contain(">bob<").And.Contain(sid).And.Contain("Revoke it, with its session").And.NotContain(token);
        string pasted = Regex.Match(told.Body, "name=\"pasted\" value=\"([^\"]+)\"").Groups[1].Value;
        var (other, good) = (await server.OpenConsoleAsync(), john.Token);
        (await other.PostAsync("/admin/tokens/revoke", ("pasted", pasted))).Status.Should().Be(400, "it is another session's");
        other.Dispose();
        (await server.IsActiveAsync(token)).Should().BeTrue();
        (await john.PostAsync("/admin/tokens/revoke", ("pasted", pasted))).ShouldGoTo("/admin/tokens", "TokenRevoked");
        (await server.IsActiveAsync(token)).Should().BeFalse();
        (await john.PostAsync("/admin/tokens/revoke", ("pasted", pasted))).ShouldGoTo("/admin/tokens", "TokenWasDead");
        await john.GetAsync("/admin/tokens");
        told = await john.PostAsync("/admin/tokens", ("token", token));
        told.Body.Should().Contain("not good").And.Contain("Its session has ended, since").And.Contain("by john").And.NotContain("name=\"pasted\"");
        (await john.PostAsync("/admin/tokens", ("token", "nonsense"))).Body.Should().Contain("It has the form of nothing that this server gives out");
        (await john.PostAsync("/admin/tokens", ("token", ""))).Status.Should().Be(400);
    }
}
