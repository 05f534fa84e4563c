using System.Text.Json;
using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>What an auditor and a helpdesk may do by the admin API: every route that the server has (contract section 6).</summary>
public sealed class RoleTests(RoleTests.Staff staff) : IClassFixture<RoleTests.Staff>
{
    private static readonly string[] OfHelpdesk = ["users", "sessions", "tokens", "installs", "servers"], Questions = ["/admin/api/tokens/explain"];

    /// <summary>Accounts that administer, which no helpdesk may touch.</summary>
    public static TheoryData<string> Administering => ["jane", "auditor", "helpdesk", "colleague"];

    [Fact]
    public async Task An_auditor_reads_everything_and_changes_nothing()
    {
        string before = await staff.StateAsync();
        foreach (var (method, path) in staff.Routes)
        {
            var answer = await staff.CallAsync(method, path, "auditor");
            if (method == "GET") answer.Status.Should().Be(200, path);
            else if (Questions.Contains(path)) answer.Status.Should().Be(400, "{0} tells, and was asked nothing", path);
            else answer.ShouldBeProblem(403, "insufficient_scope", $"{method} {path}");
        }
        (await staff.StateAsync()).Should().Be(before);
    }

    [Fact]
    public async Task A_helpdesk_sees_users_sessions_and_installs_and_nothing_else()
    {
        string before = await staff.StateAsync();
        foreach (var (method, path) in staff.Routes)
        {
            bool isTheirs = OfHelpdesk.Contains(path.Split('/')[3].Split('?')[0]);
            if (isTheirs && method != "GET") continue;
            var answer = await staff.CallAsync(method, path, "helpdesk");
            if (isTheirs) answer.Status.Should().Be(200, path);
            else answer.ShouldBeProblem(403, "insufficient_scope", $"{method} {path}");
        }
        (await staff.StateAsync()).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Administering))]
    public async Task A_helpdesk_touches_no_account_that_administers(string user)
    {
        int id = staff.Admin.IdOf(user);
        string before = await staff.StateAsync();
        var acts = staff.Routes.Where(r => r.Method != "GET" && r.Path.StartsWith($"/admin/api/users/{staff.Bob}", StringComparison.Ordinal)).ToList();
        acts.Select(a => a.Path.Split('/')[^1]).Should().Contain(["disable", "enable", "unlock", "end"]);
        foreach (var (method, path) in acts)
        {
            string target = path.Replace($"/users/{staff.Bob}", $"/users/{id}", StringComparison.Ordinal);
            (await staff.Admin.Server.CallAsync(method, target, staff["helpdesk"], method == "PATCH" ? """{"name":"Another"}""" : method == "DELETE" ? null : "{}"))
                .ShouldBeProblem(403, because: $"{method} {target}");
        }
        (await staff.StateAsync()).Should().Be(before);
    }

    [Fact]
    public async Task A_helpdesk_ends_the_sessions_of_users_and_not_those_of_administrators()
    {
        var server = staff.Admin.Server;
        string bobs = (await server.SignInAsync("web", "bob"))["access_token"]!, janes = (await server.SignInAsync("web", "jane"))["access_token"]!;
        (await DeskAsync("DELETE", "/sessions/" + Sid(janes))).ShouldBeProblem(403);
        (await DeskAsync("DELETE", "/sessions/" + Sid(janes) + "?dry_run=true")).ShouldBeProblem(403);
        (await server.IsActiveAsync(janes)).Should().BeTrue();
        (await DeskAsync("DELETE", "/sessions/" + Sid(bobs))).Status.Should().Be(200);
        (await server.IsActiveAsync(bobs)).Should().BeFalse();
    }

    [Fact]
    public async Task The_number_of_a_token_is_no_session()
    {
        var server = staff.Admin.Server;
        string janes = (await server.SignInAsync("web", "jane"))["access_token"]!;
        await DeskAsync("DELETE", "/sessions/" + Jwt.Claims(janes).Text("jti"));
        (await server.IsActiveAsync(janes)).Should().BeTrue();
    }

    [Fact]
    public async Task A_helpdesk_adds_and_changes_users_and_gives_no_role()
    {
        foreach (string role in (string[])["admin", "auditor", "helpdesk", "billing"])
        {
            (await DeskAsync("POST", "/users", New("climber", role))).ShouldBeProblem(403, because: role);
            (await DeskAsync("PATCH", $"/users/{staff.Bob}", new { role })).ShouldBeProblem(403, because: role);
        }
        var added = await DeskAsync("POST", "/users", New("newcomer", "user"));
        (added.Status, added["role"]).Should().Be((201, "user"));
        string path = "/users/" + added["id"];
        (await DeskAsync("PATCH", path, new { name = "New Comer", role = "user" }))["name"].Should().Be("New Comer");
        (await DeskAsync("POST", path + "/disable"))["dry_run"].Should().Be("False");
        (await DeskAsync("POST", path + "/enable"))["status"].Should().Be("active");
        (await DeskAsync("DELETE", path)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_helpdesk_that_becomes_an_auditor_is_one_with_its_next_token()
    {
        var server = staff.Admin.Server;
        await staff.AddAsync("climbing", "helpdesk");
        var before = await server.SignInAsync("web", "climbing", "offline_access admin");
        (await server.CallAsync("GET", "/admin/api/keys", before["access_token"])).Status.Should().Be(403);
        await staff.Admin.DoAsync($"PATCH /users/{staff.Admin.IdOf("climbing")}", new { role = "auditor" });
        (await server.CallAsync("GET", "/admin/api/keys", before["access_token"])).Status.Should().Be(401);
        (await server.RefreshAsync(before["refresh_token"]!))["error"].Should().Be("invalid_grant");
        string after = (await server.SignInAsync("web", "climbing", "admin"))["access_token"]!;
        (await server.CallAsync("GET", "/admin/api/keys", after)).Status.Should().Be(200);
        (await server.CallAsync("POST", $"/admin/api/users/{staff.Bob}/unlock", after)).ShouldBeProblem(403, "insufficient_scope");
    }

    [Fact]
    public async Task Whose_password_a_helpdesk_has_set_never_administers_unless_the_command_line_says_so()
    {
        var server = staff.Admin.Server;
        var added = await DeskAsync("POST", "/users", New("planted", "user"));
        await staff.AddAsync("plain", "user");
        await staff.AddAsync("reset", "user");
        int reset = staff.Admin.IdOf("reset"), plain = staff.Admin.IdOf("plain"), planted = int.Parse(added["id"]!);
        var accounts = server.Get<UserAccounts>();
        var (desk, admin) = (By("helpdesk"), By("jane") with { Role = "admin" });
        (await accounts.SetPasswordAsync(accounts.Find(reset)!, TestImport.Password + "2", desk)).Should().BeNull();
        // Whatever an administrator does with the password, what was added by it meanwhile stays.
        (await accounts.SetPasswordAsync(accounts.Find(reset)!, TestImport.Password + "3", admin)).Should().BeNull();
        (await accounts.SetPasswordAsync(accounts.Find(plain)!, TestImport.Password + "3", admin)).Should().BeNull();
        foreach (int id in (int[])[planted, reset])
        {
            foreach (string role in (string[])["admin", "auditor", "helpdesk"])
                (await staff.Admin.CallAsync("PATCH /users/" + id, new { role }))["detail"].Should().Be(Promotion.Problem);
            (await staff.Admin.CallAsync("PATCH /users/" + id, new { role = "billing" })).Status.Should().Be(200, "that role administers nothing");
            accounts.Find(id)!.Role.Should().Be("billing");
        }
        (await staff.Admin.CallAsync("PATCH /users/" + plain, new { role = "auditor" })).Status.Should().Be(200);
        var byMachine = await server.Get<AccountAdministration>().UpdateAsync(planted, _ => true, a => new(a.Email!, a.Name, "auditor"), "command line");
        byMachine.Refused.Should().BeNull();
        foreach (int id in (int[])[planted, reset, plain]) await staff.Admin.DoAsync("DELETE /users/" + id);

        Actor By(string user) => new(staff.Admin.IdOf(user).ToString()) { Role = user };
    }

    [Fact]
    public async Task A_helpdesk_is_told_who_ended_a_session_where_it_was_no_administrator()
    {
        string jane = (await staff.Admin.Server.SignInAsync("web", "jane", "openid admin"))["access_token"]!;
        string byAdmin = await EndedAsync(jane), byDesk = await EndedAsync(staff["helpdesk"]);
        (await ByAsync("helpdesk", byAdmin)).Should().BeNull("what administrators do is in the trail, which a helpdesk does not read");
        (await ByAsync("helpdesk", byDesk)).Should().Be(staff.Admin.IdOf("helpdesk").ToString());
        (await ByAsync("auditor", byAdmin)).Should().Be(staff.Admin.IdOf("jane").ToString());

        async Task<string> EndedAsync(string by)
        {
            string token = (await staff.Admin.Server.SignInAsync("web", "bob"))["access_token"]!;
            (await staff.Admin.Server.CallAsync("DELETE", "/admin/api/sessions/" + Sid(token), by)).Status.Should().Be(200);
            return token;
        }

        async Task<string?> ByAsync(string asker, string token)
        {
            var answer = await staff.Admin.Server.CallAsync("POST", "/admin/api/tokens/explain", staff[asker], JsonSerializer.Serialize(new { token }));
            var ended = answer.Json.GetProperty("reasons").EnumerateArray().Single(r => r.Text("check") == "session_ended");
            return ended.TryGetProperty("by", out var by) ? by.GetString() : null;
        }
    }

    [Fact]
    public void Who_has_no_role_touches_and_gives_nothing()
    {
        var nobody = new Actor("5", "192.0.2.1");
        (Rank.MayTouch(nobody, "admin"), Rank.MayTouch(nobody, "helpdesk"), Rank.MayGive(nobody, "user", "admin")).Should().Be((false, false, false));
        (Rank.MayTouch("command line", "admin"), Rank.MayGive("schedule", "user", "admin")).Should().Be((true, true));
        AdminRights.May(Actor.Machine, AdminRights.Of("/admin/api/users", acts: false)).Should().BeFalse("it is no account's");
    }

    [Theory]
    [InlineData("auditor", "admin")]
    [InlineData("helpdesk", "admin")]
    [InlineData("jane", "admin")]
    [InlineData("bob", null)]
    [InlineData("biller", null)]
    public async Task The_scope_is_given_to_the_three_roles_and_kept_by_their_refresh_tokens(string user, string? scope)
    {
        var answer = await staff.Admin.Server.SignInAsync("web", user, "offline_access admin");
        (answer["error"], answer["scope"]).Should().Be(scope is null ? ("invalid_scope", null) : (null, "offline_access admin"));
        if (scope is null) return;
        Jwt.Claims((await staff.Admin.Server.RefreshAsync(answer["refresh_token"]!))["access_token"]!).Text("scope").Should().Contain("admin");
    }

    [Theory]
    [InlineData("Auditor", "role must be written auditor")]
    [InlineData("HELPDESK", "role must be written helpdesk")]
    [InlineData("Admin", "role must be written admin")]
    public async Task A_role_that_administers_is_written_as_it_is(string role, string problem) =>
        (await staff.Admin.CallAsync("POST /users", New("careless", role)))["detail"].Should().Be(problem);

    [Fact]
    public void What_no_table_names_is_for_administrators()
    {
        foreach (string path in (string[])["/admin/secrets", "/admin/api/secrets/x", "/elsewhere", "", "/administrator"])
        {
            AdminRights.May("auditor", AdminRights.Of(path, acts: false)).Should().BeFalse(path);
            AdminRights.May("helpdesk", AdminRights.Of(path, acts: false)).Should().BeFalse(path);
            AdminRights.May("admin", AdminRights.Of(path, acts: true)).Should().BeTrue(path);
        }
        foreach (var (method, path) in staff.Routes) AdminRights.Of(path, method != "GET").Area.Should().NotBe(AdminArea.Other, path);
    }

    private Task<Answer> DeskAsync(string method, string path, object? body = null) => staff.Admin.Server.CallAsync(method, "/admin/api" + path, staff["helpdesk"], body);

    private static object New(string username, string role) => new { username, email = username + "@example.com", role, password = TestImport.Password };

    private static string Sid(string token) => Jwt.Claims(token).Text("sid");

    /// <summary>A server with an administrator, an auditor and two of the helpdesk, and every route.</summary>
    public sealed class Staff : IAsyncLifetime
    {
        private readonly AuthorizationTests.Tokens tokens = new();
        private readonly Dictionary<string, string> texts = [];

        internal AdminServer Admin => tokens.Admin;
        internal IReadOnlyList<(string Method, string Path)> Routes => tokens.Routes;
        internal int Bob => tokens.Bob;
        internal string this[string user] => texts[user];

        public async Task InitializeAsync()
        {
            await tokens.InitializeAsync();
            foreach (var (user, role) in new[] { ("auditor", "auditor"), ("helpdesk", "helpdesk"), ("colleague", "helpdesk"), ("biller", "billing") })
            {
                await AddAsync(user, role);
                if (role != "billing") texts[user] = (await Admin.Server.SignInAsync("web", user, "openid admin"))["access_token"]!;
            }
        }

        public Task DisposeAsync() => tokens.DisposeAsync();

        internal Task<string> StateAsync() => tokens.StateAsync();

        internal Task<Answer> CallAsync(string method, string path, string user) => Admin.Server.CallAsync(method, path, texts[user], method is "POST" or "PATCH" ? "{}" : null);

        internal async Task AddAsync(string user, string role) =>
            (await Admin.Server.Get<UserAccounts>().AddAsync(new NewAccount { UserName = user, Email = user + "@example.com", Role = role, Password = TestImport.Password }, "test")).Should().BeNull();
    }
}
