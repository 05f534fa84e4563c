using TokenServer.Accounts;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>All sessions of a user or a client ended, and a locked account unlocked, by the admin API (contract section 6).</summary>
public sealed class EndingTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Fact]
    public async Task All_sessions_of_a_user_end_and_keys_and_neighbours_stay()
    {
        var server = admin.Server;
        var first = await server.SignInAsync(user: "bob");
        string face = await ((Door)Door.Account).TokenAsync(server), key = (await server.AddKeyAsync(face)).Key;
        string other = (await server.SignInAsync(user: "jane"))["access_token"]!, path = $"POST /users/{admin.IdOf("bob")}/sessions/end";
        AdminServer.Figures(await admin.DoAsync(path + "?dry_run=true")).Should().Equal(2, 2, 0, 0, 0);
        (await server.IsActiveAsync(first["access_token"]!)).Should().BeTrue();
        AdminServer.Figures(await admin.DoAsync(path)).Should().Equal(2, 2, 0, 0, 0);
        (await server.IsActiveAsync(first["access_token"]!)).Should().BeFalse();
        (await server.RefreshAsync(first["refresh_token"]!))["error"].Should().Be("invalid_grant");
        (await server.CallAsync("GET", "/auth/me", face)).Status.Should().Be(401);
        (await server.CallAsync("GET", "/auth/me", key)).Status.Should().Be(200);
        (await server.IsActiveAsync(other)).Should().BeTrue();
        var entry = await admin.LastEntryAsync("account.sessions_ended");
        (entry.Text("event"), entry.Text("actor"), entry.Text("target"), entry.Text("detail"), entry.Text("address"))
            .Should().Be(("account.sessions_ended", "robot", admin.IdOf("bob").ToString(), "2 sessions", "127.0.0.1"));
        AdminServer.Figures(await admin.DoAsync(path)).Should().Equal(0, 0, 0, 0, 0);
        server.AuditedEvents().Count(e => e == "account.sessions_ended").Should().Be(1, "nothing was left");
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
        (await admin.CallAsync("POST /users/999/sessions/end")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task A_sign_in_whose_code_is_due_ends_with_the_sessions()
    {
        string temp = await ((Door)Door.Connect).TempTokenAsync(admin.Server);
        await admin.DoAsync($"POST /users/{admin.IdOf("john")}/sessions/end");
        (await admin.Server.SecondFactorAsync(temp, admin.Server.TotpCode()))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task All_sessions_of_a_client_end_and_the_client_goes_on()
    {
        var server = admin.Server;
        Answer bobs = await server.SignInAsync("web", "bob"), janes = await server.SignInAsync("web", "jane");
        string other = (await server.SignInAsync("other", "bob"))["access_token"]!, temp = await ((Door)Door.Connect).TempTokenAsync(server);
        AdminServer.Figures(await admin.DoAsync("POST /clients/web/sessions/end?dry_run=true")).Should().Equal(2, 2, 0, 0, 0);
        (await server.IsActiveAsync(bobs["access_token"]!)).Should().BeTrue();
        AdminServer.Figures(await admin.DoAsync("POST /clients/web/sessions/end")).Should().Equal(2, 2, 0, 0, 0);
        foreach (var ended in new[] { bobs, janes })
        {
            (await server.IsActiveAsync(ended["access_token"]!)).Should().BeFalse();
            (await server.RefreshAsync(ended["refresh_token"]!))["error"].Should().Be("invalid_grant");
        }
        (await server.SecondFactorAsync(temp, server.TotpCode()))["error"].Should().Be("invalid_grant", "what would begin a session ends too");
        (await server.IsActiveAsync(other)).Should().BeTrue();
        var entry = await admin.LastEntryAsync("client.sessions_ended");
        (entry.Text("event"), entry.Text("actor"), entry.Text("target"), entry.Text("client_id"), entry.Text("detail"))
            .Should().Be(("client.sessions_ended", "robot", "web", "web", "2 sessions"));
        (await server.SignInAsync("web", "bob")).Status.Should().Be(200);
        (await admin.DoAsync("GET /clients/web"))["status"].Should().Be("active");
        (await admin.CallAsync("POST /clients/nobody/sessions/end")).ShouldBeProblem(404);
        (await admin.CallAsync("POST /clients/first-party/sessions/end")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task More_sessions_than_a_batch_end_and_the_clients_own_tokens_stay()
    {
        await admin.DoAsync("PATCH /clients/web", new { grant_types = (string[])["password", "refresh_token", "client_credentials"] });
        string own = (await admin.Server.TokenAsync("web", ("grant_type", "client_credentials"), ("scope", "api")))["access_token"]!;
        string token = (await admin.Server.SignInAsync("web", "bob"))["access_token"]!;
        await admin.Server.Get<Database>().WriteAsync(s => s.Execute("""
            INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type")
            SELECT a."Id" - n."Number", a."ApplicationId", a."CreationDate", a."Properties", a."Scopes", 'valid', a."Subject", a."Type"
            FROM "OpenIddictAuthorizations" a, (WITH RECURSIVE numbers("Number") AS (SELECT 1 UNION ALL SELECT "Number"+1 FROM numbers WHERE "Number"<1100)
                SELECT "Number" FROM numbers) n
            WHERE a."Status"='valid' AND a."Type"='permanent'
            """));
        AdminServer.Figures(await admin.DoAsync("POST /clients/web/sessions/end"))[0].Should().BeGreaterThan(1000);
        (await admin.Server.IsActiveAsync(token)).Should().BeFalse();
        (await admin.Server.IsActiveAsync(own)).Should().BeTrue();
        (await admin.ListAsync("/sessions?client_id=web&status=active")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_locked_account_is_shown_and_unlocked()
    {
        int bob = admin.IdOf("bob");
        for (int i = 0; i < 10; i++) await admin.Server.SignInAsync(user: "bob", password: "wrong");
        (await admin.Server.SignInAsync(user: "bob"))["error"].Should().Be("invalid_grant", "it is locked");
        (await admin.DoAsync($"GET /users/{bob}"))["locked_until"].Should().Be("2026-11-21T12:05:00Z");
        (await admin.ListAsync("/users?username=bob", "locked_until")).Should().Equal("2026-11-21T12:05:00Z");
        var answer = await admin.DoAsync($"POST /users/{bob}/unlock");
        (answer["id"], answer["locked_until"]).Should().Be((bob.ToString(), ""));
        var entry = await admin.LastEntryAsync();
        (entry.Text("event"), entry.Text("actor"), entry.Text("target")).Should().Be(("account.unlocked", "robot", bob.ToString()));
        for (int i = 0; i < 9; i++) await admin.Server.SignInAsync(user: "bob", password: "wrong");
        (await admin.Server.SignInAsync(user: "bob")).Status.Should().Be(200, "the count starts anew");
        await admin.DoAsync($"POST /users/{bob}/unlock");
        admin.Server.AuditedEvents().Count(e => e == "account.unlocked").Should().Be(1, "it was not locked");
        (await admin.CallAsync("POST /users/999/unlock")).ShouldBeProblem(404);
    }

    [Fact]
    public async Task Codes_that_are_locked_are_unlocked_too()
    {
        var server = admin.Server;
        for (int i = 0; i < 10; i++) await server.SecondFactorAsync(await ((Door)Door.Connect).TempTokenAsync(server), "000000");
        (await server.SecondFactorAsync(await ((Door)Door.Connect).TempTokenAsync(server), server.TotpCode()))["error"].Should().Be("invalid_grant");
        (await admin.DoAsync($"GET /users/{admin.IdOf("john")}"))["locked_until"].Should().NotBeEmpty();
        await admin.DoAsync($"POST /users/{admin.IdOf("john")}/unlock");
        (await server.SecondFactorAsync(await ((Door)Door.Connect).TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_lock_is_over_by_itself_and_then_not_shown()
    {
        for (int i = 0; i < 10; i++) await admin.Server.SignInAsync(user: "bob", password: "wrong");
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(5));
        var account = admin.Server.Get<UserAccounts>().FindByLogin("bob")!;
        admin.Server.Get<AccountLocks>().EndOf(account).Should().BeNull();
        (await admin.Server.Get<AccountLocks>().UnlockAsync(account.Id, "test")).Should().BeFalse();
    }
}
