using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>/admin/api/users: add, read, change, disable, enable, delete (contract section 6).</summary>
public sealed class UserTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Fact]
    public async Task A_new_user_is_answered_whole_without_the_password_and_signs_in()
    {
        var answer = await AddAsync("ann");
        int id = admin.IdOf("ann");
        answer.Headers.Location!.ToString().Should().Be($"/admin/api/users/{id}");
        answer.ShouldBe(201, $$"""
            {"id":{{id}},"username":"ann","email":"ann@example.com","name":null,"role":"user","status":"active","two_factor_enabled":false,"created_at":"2026-11-21T12:00:00Z","last_login":null,"disabled_at":null,"locked_until":null,"email_verified":false,"email_change":null}
            """);
        (await admin.Server.SignInAsync(user: "ann", password: "a password of ann's")).Status.Should().Be(200);
        (await admin.DoAsync($"GET /users/{id}"))["last_login"].Should().Be("2026-11-21T12:00:00Z");
    }

    [Theory]
    [InlineData("""{"username":"bob","email":"new@example.com","password":"a password"}""", 409)]
    [InlineData("""{"username":"BOB","email":"new@example.com","password":"a password"}""", 409)]
    [InlineData("""{"username":"new","email":"Bob@Example.com","password":"a password"}""", 409)]
    [InlineData("""{"username":"new","email":"new@example.com"}""", 400)]
    [InlineData("""{"username":"new@x","email":"new@example.com","password":"a password"}""", 400)]
    [InlineData("""{"username":"new","email":"nowhere","password":"a password"}""", 400)]
    [InlineData("""{"username":"new","email":null,"password":"a password"}""", 400)]
    [InlineData("""{"username":null,"email":"new@example.com","password":"a password"}""", 400)]
    [InlineData("""{"username":"new","email":"new@example.com","password":null}""", 400)]
    [InlineData("""{"username":"new","email":"new@example.com","password":"a password","role":""}""", 400)]
    [InlineData("""{"username":"new","email":"new@example.com","password":"a password","role":null}""", 400)]
    [InlineData("""{"username":"new","email":"new@example.com","password":"a password","totp_secret":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}""", 400)]
    [InlineData("""{"username":"new","email":"new@example.com","password":"a password","id":7}""", 400)]
    [InlineData("""{"username":7,"email":"new@example.com","password":"a password"}""", 400)]
    public async Task A_user_that_cannot_be_is_refused(string body, int status)
    {
        (await admin.CallAsync("POST /users", body)).ShouldBeProblem(status, because: body);
        (await admin.ListAsync("/users")).Should().HaveCount(3);
    }

    [Fact]
    public async Task A_patch_changes_what_it_names()
    {
        int bob = admin.IdOf("bob");
        var answer = await admin.DoAsync($"PATCH /users/{bob}", """{"name":"Bob","email":"robert@example.com"}""");
        (answer["name"], answer["email"], answer["username"]).Should().Be(("Bob", "robert@example.com", "bob"));
        (await admin.DoAsync($"PATCH /users/{bob}", """{"name":null}"""))["name"].Should().BeEmpty();
        (await admin.Server.SignInAsync(user: "robert@example.com")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("""{"email":"jane@example.com"}""", 409)]
    [InlineData("""{"email":null}""", 400)]
    [InlineData("""{"role":null}""", 400)]
    [InlineData("""{"email":""}""", 400)]
    [InlineData("""{"role":7}""", 400)]
    [InlineData("""{"role":"Admin"}""", 400)]
    [InlineData("""{"username":"rob"}""", 400)]
    [InlineData("""{"password":"another"}""", 400)]
    public async Task A_patch_that_makes_no_sense_changes_nothing(string body, int status)
    {
        string call = $"/users/{admin.IdOf("bob")}", before = (await admin.DoAsync("GET " + call)).Body;
        (await admin.CallAsync("PATCH " + call, body)).ShouldBeProblem(status, because: body);
        (await admin.DoAsync("GET " + call)).Body.Should().Be(before);
    }

    [Fact]
    public async Task A_change_with_a_stale_ETag_is_refused()
    {
        string path = $"/users/{admin.IdOf("bob")}", seen = (await admin.DoAsync("GET " + path)).Headers.ETag!.ToString();
        (await admin.CallAsync("PATCH " + path, """{"name":"One"}""", ("If-Match", seen))).Status.Should().Be(200);
        (await admin.CallAsync("PATCH " + path, """{"name":"Two"}""", ("If-Match", seen))).ShouldBeProblem(412);
        (await admin.DoAsync("GET " + path))["name"].Should().Be("One");
    }

    [Fact]
    public async Task Another_role_ends_the_sessions_and_another_name_does_not()
    {
        string path = $"/users/{admin.IdOf("jane")}", token = (await admin.Server.SignInAsync(scope: "openid admin"))["access_token"]!;
        await admin.DoAsync("PATCH " + path, """{"name":"J. Doe","role":"admin"}""");
        (await admin.Server.IsActiveAsync(token, "web")).Should().BeTrue();
        await admin.DoAsync("PATCH " + path, """{"role":"user"}""");
        (await admin.Server.IsActiveAsync(token, "web")).Should().BeFalse();
        (await admin.Server.CallAsync("GET", "/admin/api/clients", token)).ShouldBeProblem(401, "invalid_token");
        (await admin.LastEntryAsync()).Text("detail").Should().Be("role user");
        (await admin.Server.SignInAsync(scope: "openid admin"))["error"].Should().Be("invalid_scope");
    }

    [Fact]
    public async Task A_disabled_users_sessions_end_for_good_and_its_keys_and_tunnels_sleep()
    {
        var has = await HoldingsAsync("bob");
        string path = $"/users/{admin.IdOf("bob")}";
        await admin.DoAsync($"POST {path}/disable");
        foreach (var (kind, token) in has) (await admin.Server.IsActiveAsync(token, kind is "tunnel" ? "relay" : "api")).Should().BeFalse(kind);
        (await admin.Server.SignInAsync(user: "bob"))["error_description"].Should().Be("user name or password is wrong");
        (await admin.DoAsync("GET " + path))["status"].Should().Be("disabled");
        (await admin.DoAsync($"POST {path}/enable"))["status"].Should().Be("active");
        (await admin.Server.IsActiveAsync(has["access"])).Should().BeFalse();
        (await admin.Server.IsActiveAsync(has["API key"])).Should().BeTrue();
        (await admin.Server.IsActiveAsync(has["tunnel"], "relay")).Should().BeTrue();
        (await admin.Server.SignInAsync(user: "bob")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Disabling_and_enabling_twice_are_one_entry_each()
    {
        string path = $"/users/{admin.IdOf("bob")}";
        foreach (string act in (string[])["disable", "disable", "enable", "enable"]) await admin.DoAsync($"POST {path}/{act}");
        admin.Server.AuditedEvents().Count(e => e is "account.disabled" or "account.enabled").Should().Be(2);
    }

    [Fact]
    public async Task Deleting_a_user_twice_succeeds_and_ends_everything()
    {
        var has = await HoldingsAsync("bob");
        int bob = admin.IdOf("bob");
        for (int i = 0; i < 2; i++) (await admin.CallAsync($"DELETE /users/{bob}")).Status.Should().BeOneOf(200, 204);
        foreach (var (kind, token) in has) (await admin.Server.IsActiveAsync(token, kind is "tunnel" ? "relay" : "api")).Should().BeFalse(kind);
        (await admin.Server.SignInAsync(user: "bob"))["error"].Should().Be("invalid_grant");
        (await admin.CallAsync($"GET /users/{bob}")).ShouldBeProblem(404);
        (await admin.CallAsync($"GET /users/{bob}/sessions")).ShouldBeProblem(404);
        admin.Server.AuditedEvents().Count(e => e == "account.deleted").Should().Be(1);
    }

    [Fact]
    public async Task The_id_of_a_deleted_user_is_never_anothers()
    {
        var has = await HoldingsAsync("bob");
        int bob = admin.IdOf("bob");
        await admin.CallAsync($"DELETE /users/{bob}");
        await AddAsync("bob");
        admin.IdOf("bob").Should().BeGreaterThan(bob);
        foreach (var (kind, token) in has) (await admin.Server.IsActiveAsync(token, kind is "tunnel" ? "relay" : "api")).Should().BeFalse(kind);
    }

    [Fact]
    public async Task Users_are_found_by_name_address_role_and_status()
    {
        await admin.DoAsync($"POST /users/{admin.IdOf("john")}/disable");
        (await admin.ListAsync("/users", "username")).Should().Equal("bob", "john", "jane");
        (await admin.ListAsync("/users?username=BOB", "username")).Should().Equal("bob");
        (await admin.ListAsync("/users?email=Jane@example.com", "username")).Should().Equal("jane");
        (await admin.ListAsync("/users?role=admin", "username")).Should().Equal("jane");
        (await admin.ListAsync("/users?status=disabled", "username")).Should().Equal("john");
        (await admin.ListAsync("/users?status=active&role=user", "username")).Should().Equal("bob");
        (await admin.ListAsync("/users?username=nobody")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("GET /users/99")]
    [InlineData("PATCH /users/99")]
    [InlineData("POST /users/99/disable")]
    [InlineData("POST /users/99/disable?dry_run=true")]
    [InlineData("POST /users/99/enable")]
    [InlineData("GET /users/99/sessions")]
    [InlineData("GET /users/-1")]
    [InlineData("GET /users/0")]
    [InlineData("GET /users/usr_1")]
    [InlineData("GET /users/99999999999999999999")]
    public async Task A_user_that_is_not_there_is_404(string call) => (await admin.CallAsync(call, call.StartsWith("PATCH", StringComparison.Ordinal) ? "{}" : null)).ShouldBeProblem(404);

    [Fact]
    public async Task Each_act_says_who_what_which_and_from_where()
    {
        string bob = admin.IdOf("bob").ToString();
        foreach (var (call, body, happened) in ((string, string?, string)[])[($"PATCH /users/{bob}", """{"name":"Rob"}""", "account.changed"), ($"POST /users/{bob}/disable", null, "account.disabled"), ($"POST /users/{bob}/enable", null, "account.enabled"), ($"DELETE /users/{bob}", null, "account.deleted")])
        {
            await admin.CallAsync(call, body);
            var entry = await admin.LastEntryAsync();
            (entry.Text("event"), entry.Text("actor"), entry.Text("target"), entry.Text("address")).Should().Be((happened, "robot", bob, "127.0.0.1"));
        }
    }

    private Task<Answer> AddAsync(string name) => admin.DoAsync("POST /users", new { username = name, email = name + "@example.com", password = $"a password of {name}'s" }, 201);

    private async Task<Dictionary<string, string>> HoldingsAsync(string user)
    {
        await admin.Server.AddRelayAsync();
        var answer = await admin.Server.SignInAsync(user: user);
        string face = await ((Door)Door.Account).TokenAsync(admin.Server, user);
        return new()
        {
            ["access"] = answer["access_token"]!, ["face"] = face, ["API key"] = (await admin.Server.AddKeyAsync(face)).Key, ["tunnel"] = (await admin.Server.AddTunnelAsync(face)).Token,
        };
    }
}
