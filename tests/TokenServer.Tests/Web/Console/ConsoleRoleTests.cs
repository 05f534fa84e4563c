using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Tests.Support;
using TokenServer.Web.Shared;

namespace TokenServer.Tests.Web.Console;

/// <summary>What an auditor and a helpdesk may do in the console: every page that there is (contract section 6).</summary>
public sealed class ConsoleRoleTests
{
    private static readonly string[] OfHelpdesk = ["", "users", "sessions", "logouts", "tokens", "installs", "servers"], Questions = ["/admin/tokens", "/admin/audit/verify"];

    [Fact]
    public async Task An_auditor_sees_every_page_and_no_act()
    {
        await using var server = await ConsoleVisits.StartAsync();
        var routes = await ConsoleDoorTests.RoutesAsync(server);
        using var auditor = await StaffAsync(server, "auditor");
        string before = server.State();
        foreach (var (method, path, isAct) in routes)
        {
            var answer = method == "GET" ? await auditor.GetAsync(path) : await auditor.PostAsync(path, ConsoleDoorTests.Fields);
            if (isAct || method == "POST" && !Questions.Contains(path)) answer.ShouldSay(403, "Your account may not use this page.");
            else answer.Status.Should().BeOneOf([200, 400], path);
            if (answer.Status == 200 && path != "/admin") ActsOf(answer).Should().BeEmpty(path);
        }
        server.State().Should().Be(before);
    }

    [Fact]
    public async Task A_helpdesk_sees_what_is_theirs_and_a_menu_of_it()
    {
        await using var server = await ConsoleVisits.StartAsync();
        var routes = await ConsoleDoorTests.RoutesAsync(server);
        using var desk = await StaffAsync(server, "helpdesk");
        string before = server.State();
        foreach (var (method, path, _) in routes)
        {
            string word = path == "/admin" ? "" : path.Split('/')[2];
            bool isTheirs = OfHelpdesk.Contains(word);
            if (isTheirs && method == "POST") continue;
            var answer = method == "GET" ? await desk.GetAsync(path) : await desk.PostAsync(path, ConsoleDoorTests.Fields);
            answer.Status.Should().Be(isTheirs ? 200 : 403, "{0} {1}", method, path);
        }
        server.State().Should().Be(before);
        string menu = (await desk.GetAsync("/admin")).Body;
        foreach (string word in OfHelpdesk.Where(w => w.Length > 0)) menu.Should().Contain($"href=\"/admin/{word}\"");
        foreach (string word in (string[])["clients", "scopes", "keys", "audit"]) menu.Should().NotContain($"href=\"/admin/{word}");
    }

    [Fact]
    public async Task A_helpdesk_touches_no_account_that_administers()
    {
        await using var server = await ConsoleVisits.StartAsync();
        var routes = await ConsoleDoorTests.RoutesAsync(server);
        string bob = server.IdOf("bob").ToString();
        using var desk = await StaffAsync(server, "helpdesk");
        string janes = Jwt.Claims((await server.SignInAsync(user: "jane"))["access_token"]!).Text("sid");
        foreach (string role in (string[])["auditor", "helpdesk"])
            await server.Get<UserAccounts>().AddAsync(new NewAccount { UserName = role, Email = role + "@example.com", Role = role, Password = TestImport.Password }, "test");
        foreach (string user in (string[])["jane", "auditor", "helpdesk", ConsoleVisits.Administrator])
        {
            string id = server.IdOf(user).ToString();
            var shown = await desk.GetAsync("/admin/users/" + id);
            shown.Status.Should().Be(200);
            shown.Body.Should().NotContain($"/admin/users/{id}/").And.NotContain(">Save<");
            string before = server.State();
            foreach (var (method, path, _) in routes.Where(r => r.NeedsRecent && r.Path.StartsWith($"/admin/users/{bob}", StringComparison.Ordinal)))
            {
                string target = path.Replace($"/users/{bob}", $"/users/{id}", StringComparison.Ordinal);
                (method == "GET" ? await desk.GetAsync(target) : await desk.PostAsync(target, ConsoleDoorTests.Fields))
                    .ShouldSay(403, "Only an administrator may do this to an account that administers.");
            }
            server.State().Should().Be(before);
        }
        await desk.GetAsync($"/admin/sessions/{janes}/end");
        (await desk.PostAsync($"/admin/sessions/{janes}/end")).Status.Should().Be(403);
        (await desk.PostAsync($"/admin/sessions/end?session={janes}")).Status.Should().Be(403);
        server.AuditedEvents().Should().NotContain("session.ended");
    }

    [Fact]
    public async Task A_helpdesk_helps_users_and_gives_no_role()
    {
        await using var server = await ConsoleVisits.StartAsync();
        using var desk = await StaffAsync(server, "helpdesk");
        string page = "/admin/users/" + server.IdOf("bob");
        (await desk.SubmitAsync(page, ("role", "admin"))).ShouldSay(400, "Nothing was saved: only an administrator gives and takes roles.");
        (await desk.SubmitAsync(page, ("name", "Bob Poe"))).ShouldGoTo(page, "UserSaved");
        (await desk.SubmitAsync("/admin/users/new", ("username", "ann"), ("email", "ann@example.com"), ("password", "a new and better one"), ("role", "auditor")))
            .ShouldSay(400, "Nothing was saved: only an administrator gives and takes roles.");
        (await desk.SubmitAsync(page + "/password", ("new_password", "a new and better one"), ("repeated_password", "a new and better one"))).ShouldGoTo(page, "UserPasswordSet");
        (await server.SignInAsync(user: "bob", password: "a new and better one")).Status.Should().Be(200);
    }

    [Fact]
    public void Every_page_of_the_console_is_in_the_table()
    {
        foreach (string path in (string[])["/admin/", "/admin/users/{id:int}/unlock", "admin/keys/rotate"]) AdminRights.Of(path, acts: true).Area.Should().NotBe(AdminArea.Other);
    }

    // Buttons and links of the page itself that lead to an act.
    private static IEnumerable<string> ActsOf(Answer page)
    {
        string main = System.Text.RegularExpressions.Regex.Match(page.Body, "<main.*</main>", System.Text.RegularExpressions.RegexOptions.Singleline).Value;
        return System.Text.RegularExpressions.Regex.Matches(main, "class=\"(button )?danger\"|>[^<]* …</a>|>Save<").Select(m => m.Value).Where(t => !t.Contains("Verify the chain", StringComparison.Ordinal));
    }

    // John, who has a second factor, in another role than the administrator that a visit begins with.
    private static async Task<Browser> StaffAsync(TestServer server, string role)
    {
        await server.Get<AccountAdministration>().UpdateAsync(server.IdOf(ConsoleVisits.Administrator), _ => true, a => new AccountChange(a.Email!, a.Name, role), "test");
        return await server.OpenConsoleAsync();
    }
}
