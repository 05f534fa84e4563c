using TokenServer.Accounts.Pins;
using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>POST /admin/api/tokens/revoke: any token that the server gives out, whoever has it (contract section 6).</summary>
public sealed class TokenRevocationTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync()
    {
        admin = await AdminServer.StartAsync();
        await admin.Server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "watcher", ClientSecret = TestImport.Secret, GrantTypes = [], Audiences = ["api", "tunnel", "pin", "servers", "install", "web", "files"], Introspection = true }, "test");
    }

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Theory]
    [InlineData("API key", "api_key")]
    [InlineData("tunnel", "tunnel")]
    public async Task What_a_disabled_account_holds_is_revoked_for_good(string kind, string use)
    {
        string token = await TokenAsync(kind);
        var accounts = admin.Server.Get<TokenServer.Accounts.UserAccounts>();
        foreach (var account in accounts.All()) await accounts.DisableAsync(account, "test");
        (await admin.DoAsync("POST /tokens/revoke", new { token }))["token_use"].Should().Be(use);
        foreach (var account in accounts.All()) await accounts.EnableAsync(account, "test");
        (await admin.Server.IsActiveAsync(token, "watcher")).Should().BeFalse();
    }

    [Fact]
    public async Task A_refresh_token_that_was_used_ends_its_session()
    {
        string used = (await admin.Server.SignInAsync("web", "bob", "offline_access api"))["refresh_token"]!;
        string next = (await admin.Server.RefreshAsync(used))["refresh_token"]!;
        (await admin.DoAsync("POST /tokens/revoke", new { token = used }))["revoked"].Should().Be("True");
        (await admin.Server.RefreshAsync(next))["error"].Should().Be("invalid_grant");
    }

    [Theory]
    [InlineData("access", "access", "session.ended")]
    [InlineData("opaque access", "access", "session.ended")]
    [InlineData("face", "access", "session.ended")]
    [InlineData("client's own", "access", "token.revoked")]
    [InlineData("client's own opaque", "access", "token.revoked")]
    [InlineData("refresh", "refresh", "session.ended")]
    [InlineData("API key", "api_key", "api_key.deleted")]
    [InlineData("tunnel", "tunnel", "tunnel.token_revoked")]
    [InlineData("PIN", "pin", "token.revoked")]
    [InlineData("precheck", "precheck", "install_code.revoked")]
    [InlineData("install", "install", "install_code.revoked")]
    [InlineData("server", "server", "server.revoked")]
    public async Task A_token_of_any_kind_is_dead_before_the_answer_and_the_act_is_audited(string kind, string use, string happened)
    {
        string token = await TokenAsync(kind);
        (await admin.Server.IsActiveAsync(token, "watcher")).Should().BeTrue("it is good before");
        var answer = await admin.DoAsync("POST /tokens/revoke", new { token });
        (answer["revoked"], answer["token_use"]).Should().Be(("True", use));
        (await admin.Server.IsActiveAsync(token, "watcher")).Should().BeFalse();
        var entry = await admin.LastEntryAsync();
        (entry.Text("event"), entry.Text("actor"), entry.Text("address")).Should().Be((happened, "robot", "127.0.0.1"));
        entry.Text("target").Should().NotBeNullOrEmpty();
        (await admin.DoAsync("POST /tokens/revoke", new { token }))["revoked"].Should().Be("False");
    }

    [Fact]
    public async Task A_revoked_refresh_token_takes_its_session_along()
    {
        var answer = await admin.Server.SignInAsync();
        await admin.DoAsync("POST /tokens/revoke", new { token = answer["refresh_token"] });
        (await admin.Server.IsActiveAsync(answer["access_token"]!)).Should().BeFalse();
    }

    [Fact]
    public async Task A_revoked_tunnel_token_leaves_the_tunnel_which_gets_a_new_one()
    {
        string face = await ((Door)Door.Account).TokenAsync(admin.Server);
        var (id, token) = await admin.Server.AddTunnelAsync(face);
        await admin.DoAsync("POST /tokens/revoke", new { token });
        (await admin.LastEntryAsync()).Text("target").Should().Be(id.ToString());
        string next = (await admin.Server.CallAsync("POST", $"/api/tunnels/{id}/regenerate", face)).Json.GetProperty("tunnel").Text("token");
        (await admin.Server.IsActiveAsync(next, "watcher")).Should().BeTrue();
        (await admin.Server.IsActiveAsync(token, "watcher")).Should().BeFalse();
    }

    [Fact]
    public async Task A_revoked_API_key_is_refused_and_gone_from_its_owners_list()
    {
        string face = await ((Door)Door.Account).TokenAsync(admin.Server), key = (await admin.Server.AddKeyAsync(face)).Key;
        await admin.DoAsync("POST /tokens/revoke", new { token = key });
        (await admin.Server.CallAsync("GET", "/auth/me", key)).Status.Should().Be(401);
        (await admin.Server.CallAsync("GET", "/api/v1/auth/keys", face)).Body.Should().Be("[]");
    }

    [Fact]
    public async Task A_revoked_server_token_ends_the_server()
    {
        var install = await Installation.RegisteredAsync(admin.Server);
        await admin.DoAsync("POST /tokens/revoke", new { token = install.ServerToken });
        (await admin.ListAsync("/servers", "status")).Should().Equal("revoked");
        (await admin.Server.CallAsync("POST", "/checkin", install.ServerToken, "{}"))["error"].Should().Be("server_revoked");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e30.AAAA")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("sk_live_AAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("st_x")]
    [InlineData("\0")]
    public async Task What_is_no_live_token_is_said_to_be_none(string token)
    {
        int before = admin.Server.AuditedEvents().Count;
        (await admin.DoAsync("POST /tokens/revoke", new { token })).Body.Should().Be("""{"revoked":false,"token_use":null}""");
        admin.Server.AuditedEvents().Should().HaveCount(before);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":null}""")]
    [InlineData("""{"token":7}""")]
    [InlineData("""{"token":"x","token_type_hint":"access_token"}""")]
    [InlineData("""["x"]""")]
    public async Task A_request_without_one_token_is_refused(string body) => (await admin.CallAsync("POST /tokens/revoke", body)).ShouldBeProblem(400);

    private async Task<string> TokenAsync(string kind)
    {
        var server = admin.Server;
        switch (kind)
        {
            case "access": return (await server.SignInAsync(user: "bob"))["access_token"]!;
            case "refresh": return (await server.SignInAsync(user: "bob"))["refresh_token"]!;
            case "opaque access": return (await server.SignInAsync("opaque", "bob", "openid api"))["access_token"]!;
            case "face": return await ((Door)Door.Vpn).TokenAsync(server);
            case "client's own": return await server.WorkerTokenAsync();
            case "client's own opaque": return await server.WorkerTokenAsync("opaque");
            case "API key": return (await server.AddKeyAsync(await ((Door)Door.Account).TokenAsync(server))).Key;
            case "tunnel": return (await server.AddTunnelAsync(await ((Door)Door.Account).TokenAsync(server))).Token;
            case "PIN":
                await server.Get<PinFile>().SetAsync("1234", "test");
                return (await server.CallAsync("POST", "/api/auth", null, new { pin = "1234" }))["token"]!;
            case "precheck": return (await (await new Installation(server).IssueAsync()).PrecheckAsync()).PrecheckToken;
            case "install": return (await Installation.RegisteredAsync(server)).InstallToken;
            default: return (await Installation.RegisteredAsync(server)).ServerToken;
        }
    }
}
