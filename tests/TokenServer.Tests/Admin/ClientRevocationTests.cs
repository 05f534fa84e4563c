using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>What ends with a client: its secret, its tokens, itself (contract section 6).</summary>
public sealed class ClientRevocationTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Fact]
    public async Task A_rotated_secret_kills_the_old_one_and_leaves_the_tokens()
    {
        string token = await admin.Server.WorkerTokenAsync();
        var answer = await admin.DoAsync("POST /clients/worker/secret");
        string secret = answer["client_secret"]!;
        (await TokenAsync("worker", TestImport.Secret))["error"].Should().Be("invalid_client");
        (await TokenAsync("worker", secret)).Status.Should().Be(200);
        (await admin.Server.IsActiveAsync(token)).Should().BeTrue();
        (await admin.DoAsync("GET /clients/worker")).Body.Should().NotContain("secret\":").And.NotContain(secret);
        (await admin.DoAsync("GET /clients")).Body.Should().NotContain(secret);
    }

    [Fact]
    public async Task A_revoked_client_is_refused_and_everything_it_was_given_is_dead_at_once()
    {
        var tokens = await TokensAsync("web");
        await admin.DoAsync("POST /clients/web/revoke");
        foreach (var (kind, token) in tokens) (await admin.Server.IsActiveAsync(token)).Should().BeFalse(kind);
        (await admin.Server.UserInfoAsync(tokens["access"])).Status.Should().Be(401);
        (await admin.Server.CallAsync("GET", "/auth/me", tokens["access"])).Status.Should().Be(401);
        (await admin.Server.RefreshAsync(tokens["refresh"]))["error"].Should().Be("invalid_client");
        (await admin.Server.SignInAsync())["error"].Should().Be("invalid_client");
        (await admin.Server.IntrospectAsync(tokens["access"], "web"))["error"].Should().Be("invalid_client");
        (await admin.DoAsync("GET /clients/web")).Json.Text("revoked_at").Should().Be("2026-11-21T12:00:00Z");
    }

    [Fact]
    public async Task An_opaque_clients_tokens_die_with_it()
    {
        string own = await admin.Server.WorkerTokenAsync("opaque"), user = (await admin.Server.SignInAsync("opaque", "bob", "openid api"))["access_token"]!;
        await admin.DoAsync("POST /clients/opaque/revoke");
        (await admin.Server.IsActiveAsync(own)).Should().BeFalse();
        (await admin.Server.IsActiveAsync(user)).Should().BeFalse();
    }

    [Fact]
    public async Task Revoking_the_client_that_administers_shuts_it_out_after_the_answer()
    {
        await admin.DoAsync("POST /clients/robot/revoke");
        (await admin.CallAsync("GET /clients")).ShouldBeProblem(401, "invalid_token");
    }

    [Fact]
    public async Task A_restored_client_asks_anew_and_what_it_had_stays_dead()
    {
        var tokens = await TokensAsync("web");
        await admin.DoAsync("POST /clients/web/revoke");
        var answer = await admin.DoAsync("POST /clients/web/restore");
        (answer["status"], answer["revoked_at"]).Should().Be(("active", ""));
        foreach (var (kind, token) in tokens) (await admin.Server.IsActiveAsync(token)).Should().BeFalse(kind);
        (await admin.Server.RefreshAsync(tokens["refresh"]))["error"].Should().Be("invalid_grant");
        (await admin.Server.IsActiveAsync((await admin.Server.SignInAsync())["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task Revoking_twice_and_restoring_twice_change_nothing_more()
    {
        await admin.DoAsync("POST /clients/web/revoke");
        AdminServer.Figures(await admin.DoAsync("POST /clients/web/revoke")).Should().Equal(0, 0, 0, 0, 0);
        await admin.DoAsync("POST /clients/web/restore");
        string token = (await admin.Server.SignInAsync())["access_token"]!;
        await admin.DoAsync("POST /clients/web/restore");
        (await admin.Server.IsActiveAsync(token)).Should().BeTrue();
        admin.Server.AuditedEvents().Count(e => e is "client.revoked" or "client.restored").Should().Be(2);
    }

    [Fact]
    public async Task Deleting_a_client_twice_succeeds_and_its_tokens_are_dead()
    {
        var tokens = await TokensAsync("web");
        for (int i = 0; i < 2; i++) (await admin.CallAsync("DELETE /clients/web")).Status.Should().BeOneOf(200, 204);
        foreach (var (kind, token) in tokens) (await admin.Server.IsActiveAsync(token)).Should().BeFalse(kind);
        (await admin.CallAsync("GET /clients/web")).ShouldBeProblem(404);
        (await admin.Server.SignInAsync())["error"].Should().Be("invalid_client");
        admin.Server.AuditedEvents().Count(e => e == "client.deleted").Should().Be(1);
    }

    [Fact]
    public async Task A_client_made_again_under_the_same_id_does_not_revive_the_olds_tokens()
    {
        var tokens = await TokensAsync("web");
        await admin.CallAsync("DELETE /clients/web");
        await admin.DoAsync("POST /clients", new { client_id = "web", grant_types = new[] { "password", "refresh_token", "client_credentials" }, scope = "openid offline_access api admin" }, 201);
        foreach (var (kind, token) in tokens) (await admin.Server.IsActiveAsync(token)).Should().BeFalse(kind);
        (await admin.Server.SignInAsync())["error"].Should().Be("invalid_client", "the secret is another");
    }

    [Fact]
    public async Task The_sessions_of_a_revoked_restored_or_deleted_client_are_listed_as_ended()
    {
        await admin.Server.SignInAsync("other", "bob");
        await admin.Server.SignInAsync("web", "bob");
        await admin.DoAsync("POST /clients/other/revoke");
        await ExpectAsync(active: 1, ended: 1);
        await admin.DoAsync("POST /clients/other/restore");
        await ExpectAsync(active: 1, ended: 1);
        await admin.CallAsync("DELETE /clients/web");
        await ExpectAsync(active: 0, ended: 2);

        async Task ExpectAsync(int active, int ended)
        {
            (await admin.ListAsync("/sessions", "status")).Should().BeEquivalentTo([.. Enumerable.Repeat("active", active), .. Enumerable.Repeat("ended", ended)]);
            (await admin.ListAsync("/sessions?status=active", "status")).Should().Equal(Enumerable.Repeat("active", active));
            (await admin.ListAsync("/sessions?status=ended", "status")).Should().Equal(Enumerable.Repeat("ended", ended));
        }
    }

    [Fact]
    public async Task Each_act_says_who_what_which_from_where_and_when()
    {
        foreach (var (call, happened) in ((string, string)[])[("POST /clients/web/secret", "client.secret_rotated"), ("POST /clients/web/revoke", "client.revoked"), ("POST /clients/web/restore", "client.restored"), ("DELETE /clients/web", "client.deleted")])
        {
            await admin.CallAsync(call);
            var entry = await admin.LastEntryAsync();
            (entry.Text("event"), entry.Text("actor"), entry.Text("target"), entry.Text("address"), entry.Text("time")).Should().Be((happened, "robot", "web", "127.0.0.1", "2026-11-21T12:00:00.000Z"));
        }
    }

    private async Task<Dictionary<string, string>> TokensAsync(string client)
    {
        var answer = await admin.Server.SignInAsync(client, scope: "openid offline_access api admin");
        return new() { ["access"] = answer["access_token"]!, ["refresh"] = answer["refresh_token"]! };
    }

    private Task<Answer> TokenAsync(string client, string secret) =>
        admin.Server.TokenAsync(null, ("client_id", client), ("client_secret", secret), ("grant_type", "client_credentials"));
}
