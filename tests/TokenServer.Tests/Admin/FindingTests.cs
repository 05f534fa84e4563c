using System.Text.Json;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary><c>q</c>, <c>sort</c>, totals and both neighbours of a page, in every list of the admin API (contract section 6).</summary>
public sealed class FindingTests : IAsyncLifetime
{
    private const string Émile = "émile.żółw";
    private AdminServer admin = null!;

    public static TheoryData<string> Lists => ["/clients", "/scopes", "/users", "/sessions", "/users/1/sessions", "/installs/codes", "/installs/activations", "/servers", "/audit"];

    public async Task InitializeAsync()
    {
        admin = await AdminServer.StartAsync();
        await admin.DoAsync("POST /users", new { username = Émile, email = "emile@Exämple.com", name = "Émile ŻÓŁW", role = "user", password = TestImport.Password }, 201);
    }

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Theory]
    [InlineData("BOB", "bob")]
    [InlineData("roe", "john")]
    [InlineData("jane@exam", "jane")]
    [InlineData("éMILE", Émile)]
    [InlineData("żółw", Émile)]
    [InlineData("EXÄMPLE", Émile)]
    [InlineData(" bob ", "bob")]
    [InlineData("user_1", "jane")]
    [InlineData("usr_3", "bob")]
    [InlineData("2", "john")]
    [InlineData("%", "")]
    [InlineData("b_b", "")]
    [InlineData("b\\b", "")]
    [InlineData("' OR 1=1 --", "")]
    [InlineData("nobody", "")]
    public async Task A_user_is_found_by_any_part_of_a_name_in_any_case_or_the_number(string q, string found) =>
        (await admin.ListAsync("/users?q=" + Uri.EscapeDataString(q), "username")).Should().Equal(found.Length == 0 ? [] : [found], q);

    [Fact]
    public async Task A_name_that_is_changed_is_found_by_what_it_is_now()
    {
        await admin.DoAsync($"PATCH /users/{admin.IdOf("bob")}", new { name = "Robert Ünal", email = "robert@example.net" });
        (await admin.ListAsync("/users?q=ÜNAL", "username")).Should().Equal("bob");
        (await admin.ListAsync("/users?q=example.net", "username")).Should().Equal("bob");
        (await admin.ListAsync("/users?q=bob@", "username")).Should().BeEmpty();
    }

    [Fact]
    public async Task Clients_and_scopes_are_found_by_id_and_by_name()
    {
        await admin.DoAsync("POST /clients", new { client_id = "rpt-7", client_name = "Répórts 100%", grant_types = new[] { "client_credentials" }, scope = "api" }, 201);
        foreach (string q in (string[])["PT-7", "RÉPÓ", "100%"]) (await admin.ListAsync("/clients?q=" + Uri.EscapeDataString(q), "client_id")).Should().Equal("rpt-7");
        (await admin.ListAsync("/clients?q=r%25p", "client_id")).Should().BeEmpty();
        (await admin.ListAsync("/scopes?q=pi", "name")).Should().Equal("api");
        (await admin.ListAsync("/scopes?q=ILE", "name")).Should().Equal("files");
        (await admin.ListAsync("/keys?q=es256", "alg")).Should().NotBeEmpty().And.OnlyContain(alg => alg == "ES256");
    }

    [Fact]
    public async Task Sessions_are_found_by_user_client_and_the_beginning_of_an_address()
    {
        string bob = Sid(await admin.Server.SignInAsync("web", "bob")), jane = Sid(await admin.Server.SignInAsync("other", "jane"));
        foreach (string q in (string[])["BOB", "b@example", "WEB", "user_" + admin.IdOf("bob")])
            (await admin.ListAsync("/sessions?q=" + q, "id")).Should().Equal([bob], q);
        (await admin.ListAsync("/sessions?q=ther", "id")).Should().Equal(jane);
        (await admin.ListAsync("/sessions?q=example.com", "id")).Should().Equal(jane, bob);
        (await admin.ListAsync("/sessions?q=127.0.", "id")).Should().Equal(jane, bob);
        (await admin.ListAsync("/sessions?q=127.0.0.1&client_id=web", "id")).Should().Equal(bob);
        (await admin.ListAsync("/sessions?q=example.com&sort=oldest", "id")).Should().Equal(bob, jane);
        (await admin.ListAsync($"/users/{admin.IdOf("bob")}/sessions?q=web", "id")).Should().Equal(bob);
        (await admin.ListAsync($"/users/{admin.IdOf("bob")}/sessions?q=other", "id")).Should().BeEmpty();
        foreach (string q in (string[])["27.0.0.1", "127.0.0.2", "1%25", "nobody"]) (await admin.ListAsync("/sessions?q=" + q, "id")).Should().BeEmpty(q);
        await admin.DoAsync("DELETE /sessions/" + bob);
        (await admin.ListAsync("/sessions?q=bob&status=active", "id")).Should().BeEmpty();
        (await admin.ListAsync("/sessions?q=bob&status=ended", "id")).Should().Equal(bob);
        (await admin.ListAsync("/sessions?q=bob", "address")).Should().Equal("127.0.0.1");
    }

    [Fact]
    public async Task What_more_accounts_have_than_are_looked_up_one_by_one_is_found_too()
    {
        string bob = Sid(await admin.Server.SignInAsync("web", "bob"));
        for (int i = 0; i < 3; i++) await admin.Server.SignInAsync("web", "jane");
        await AddUsersAsync(1_100, "bobby");
        var page = (await admin.DoAsync("GET /sessions?q=bob")).Json;
        page.GetProperty("items").EnumerateArray().Select(i => i.Text("id")).Should().Equal(bob);
        (page.GetProperty("total").GetInt32(), page.GetProperty("total_is_exact").GetBoolean()).Should().Be((1, true), "one page has them all");
        await admin.Server.SignInAsync("web", "bob");
        page = (await admin.DoAsync("GET /sessions?q=bob&limit=1")).Json;
        (page.GetProperty("total").ValueKind, page.GetProperty("total_is_exact").GetBoolean()).Should().Be((JsonValueKind.Null, false));
        (await admin.ListAsync($"/sessions?q=bob&limit=1&cursor={page.GetProperty("next_cursor").GetString()}", "id")).Should().Equal(bob);
        (await admin.ListAsync("/audit?q=bob", "event")).Should().Equal("session.started", "session.started");
        (await admin.ListAsync("/audit?q=bobb", "event")).Should().BeEmpty();
    }

    [Fact]
    public async Task Installs_and_servers_are_found_by_host_address_machine_and_id()
    {
        var one = await Installation.RegisteredAsync(admin.Server);
        await Installation.RegisteredAsync(admin.Server);
        await admin.Server.Get<Database>().WriteAsync(s =>
        {
            s.Execute("""UPDATE "InstallServers" SET "Hostname"='Gamma_1.example.org', "PublicIp"='198.51.100.77' WHERE "ServerId"=@p0""", one.ServerId);
            s.Execute("""UPDATE "InstallActivations" SET "Hostname"='Gamma_1.example.org' WHERE "ActivationId"=@p0""", one.ActivationId);
        });
        foreach (string q in (string[])["gamma_1", "51.100.77", one.ServerId[4..].ToUpperInvariant()])
            (await admin.ListAsync("/servers?q=" + q, "server_id")).Should().Equal([one.ServerId], q);
        (await admin.ListAsync("/servers?q=gamma%25", "server_id")).Should().BeEmpty();
        (await admin.ListAsync("/servers?q=gammax1", "server_id")).Should().BeEmpty();
        (await admin.ListAsync("/installs/activations?q=GAMMA", "activation_id")).Should().Equal(one.ActivationId);
        (await admin.ListAsync("/installs/codes?q=GAMMA", "hostname")).Should().Equal("Gamma_1.example.org");
        (await admin.ListAsync("/audit?q=gamma", "event")).Should().Contain(["server.registered", "activation.activated", "install_code.issued"]);
    }

    [Fact]
    public async Task Servers_that_went_away_are_a_choice()
    {
        var server = await (await Installation.RegisteredAsync(admin.Server)).ConfirmAsync();
        (string Status, bool Is)[] now = [("online", true), ("offline", false), ("stale", false), ("active", true)];
        foreach (var (status, isIt) in now) (await admin.ListAsync("/servers?status=" + status)).Should().HaveCount(isIt ? 1 : 0, status);
        admin.Server.Clock.Advance(TimeSpan.FromDays(1));
        var next = await AdminServer.OfAsync(admin.Server);
        foreach (var (status, count) in new[] { ("online", 0), ("offline", 1), ("stale", 0) }) (await next.ListAsync("/servers?status=" + status)).Should().HaveCount(count, status);
        admin.Server.Clock.Advance(TimeSpan.FromDays(7));
        next = await AdminServer.OfAsync(admin.Server);
        (await next.ListAsync("/servers?status=stale", "server_id")).Should().Equal(server.ServerId);
    }

    [Fact]
    public async Task Users_who_are_locked_or_have_not_come_for_long_are_a_choice()
    {
        for (int i = 0; i < 10; i++) await admin.Server.SignInAsync("web", "bob", password: "wrong");
        (await admin.ListAsync("/users?status=locked", "username")).Should().Equal("bob");
        (await admin.ListAsync("/users?status=stale")).Should().BeEmpty();
        admin.Server.Clock.Advance(TimeSpan.FromDays(91));
        var later = await AdminServer.OfAsync(admin.Server);
        await admin.Server.SignInAsync("web", "jane");
        (await later.ListAsync("/users?status=locked")).Should().BeEmpty();
        (await later.ListAsync("/users?status=stale", "username")).Should().Equal(Émile, "bob", "john");
    }

    [Fact]
    public async Task The_trail_is_found_by_the_words_that_people_use()
    {
        string session = Sid(await admin.Server.SignInAsync("web", "bob"));
        await admin.Server.SignInAsync("web", "bob", password: "wrong");
        await admin.Server.SignInAsync("other", "jane");
        (await admin.ListAsync("/audit?q=BOB", "event")).Should().Equal("sign_in.failed", "session.started");
        (await admin.ListAsync("/audit?q=bob%40example", "event")).Should().Equal("sign_in.failed", "session.started");
        (await admin.ListAsync("/audit?q=bob&group=sign-ins", "event")).Should().Equal("sign_in.failed", "session.started");
        (await admin.ListAsync("/audit?q=bob&event=session.started", "target")).Should().Equal(session);
        (await admin.ListAsync("/audit?q=" + session, "event")).Should().Equal("session.started");
        (await admin.ListAsync("/audit?q=oth", "client_id")).Should().Contain("other").And.NotContain("web");
        (await admin.ListAsync("/audit?q=sign_in", "event")).Should().Equal("sign_in.failed");
        (await admin.ListAsync("/audit?q=127.0.0&group=refusals", "event")).Should().Equal("sign_in.failed");
        (await admin.ListAsync("/audit?group=refusals&reason=wrong_password", "reason")).Should().Equal("wrong_password");
        (await admin.ListAsync("/audit?group=refusals&reason=wrong%25", "reason")).Should().BeEmpty();
        (await admin.ListAsync("/audit?q=nobody")).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_list_is_walked_both_ways_in_both_orders_and_says_how_many_there_are(string list)
    {
        for (int i = 0; i < 4; i++) await admin.Server.SignInAsync("web", "jane");
        for (int i = 0; i < 2; i++) await Installation.RegisteredAsync(admin.Server);
        string[] all = await TextsAsync(list + "?limit=200"), oldest = await TextsAsync(list + "?limit=200&sort=oldest");
        oldest.Should().Equal(all.Reverse());
        foreach (string order in (string[])["", "&sort=oldest"])
        {
            string[] expected = order.Length == 0 ? all : oldest;
            var page = (await admin.DoAsync($"GET {list}?limit=1{order}")).Json;
            page.GetProperty("previous_cursor").ValueKind.Should().Be(JsonValueKind.Null);
            (page.GetProperty("total").GetInt32(), page.GetProperty("total_is_exact").GetBoolean()).Should().Be((all.Length, true), list);
            var seen = new List<string> { Item(page) };
            while (page.GetProperty("next_cursor").GetString() is { } next)
            {
                page = (await admin.DoAsync($"GET {list}?limit=1{order}&cursor={next}")).Json;
                seen.Add(Item(page));
            }
            seen.Should().Equal(expected);
            while (page.GetProperty("previous_cursor").GetString() is { } previous)
            {
                page = (await admin.DoAsync($"GET {list}?limit=1{order}&cursor={previous}")).Json;
                seen.RemoveAt(seen.Count - 1);
                Item(page).Should().Be(seen[^1]);
            }
            seen.Should().HaveCount(1, "the way back ends at the first");
        }
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task What_makes_no_sense_is_refused(string list)
    {
        foreach (string query in (string[])["sort=name", "sort=", "cursor=~", "cursor=~~1", "cursor=~-1", "q=a&q=b", "q=" + new string('a', 255)])
            (await admin.CallAsync($"GET {list}?{query}")).ShouldBeProblem(400, because: query);
        foreach (string query in (string[])["q=", "q=%20", "q=%00", "q=%F0%9F%98%80", "q=%E2%80%AE", "cursor=~0", "cursor=~9223372036854775807&sort=oldest"])
            (await admin.CallAsync($"GET {list}?{query}")).Status.Should().Be(200, query);
    }

    private Task<int> AddUsersAsync(int count, string name) => admin.Server.Get<Database>().WriteAsync(s => s.Execute($"""
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{count}) INSERT INTO "AspNetUsers" ("UserName","NormalizedUserName","Email","NormalizedEmail","Role","CreatedAt","EmailConfirmed","PhoneNumberConfirmed","TwoFactorEnabled","LockoutEnabled","AccessFailedCount","TwoFactorFailedCount")
        SELECT '{name}'||i, '{name.ToUpperInvariant()}'||i, '{name}'||i||'@x', '{name.ToUpperInvariant()}'||i||'@X', 'user', '2026-11-21', FALSE, FALSE, FALSE, FALSE, 0, 0 FROM n
        """));

    private async Task<string[]> TextsAsync(string pathAndQuery) => [.. (await admin.ListAsync(pathAndQuery)).Select(i => i.GetRawText())];

    private static string Item(JsonElement page) => page.GetProperty("items").EnumerateArray().Single().GetRawText();

    private static string Sid(Answer signedIn) => Jwt.Claims(signedIn["access_token"]!).Text("sid");
}
