using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>What a revocation would end is said before, and is what it ends (contract section 6).</summary>
public sealed class DryRunTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Theory]
    [InlineData("POST /clients/web/revoke", 3, 2, 0, 0)]
    [InlineData("DELETE /clients/web", 3, 2, 0, 0)]
    [InlineData("POST /users/{bob}/disable", 4, 3, 2, 1)]
    [InlineData("DELETE /users/{bob}", 4, 3, 2, 1)]
    public async Task The_real_call_ends_what_the_dry_run_said(string call, long sessions, long refreshTokens, long apiKeys, long tunnels)
    {
        string[] tokens = await FillAsync();
        call = call.Replace("{bob}", admin.IdOf("bob").ToString());
        int before = admin.Server.AuditedEvents().Count;
        var dry = await admin.DoAsync(call + "?dry_run=true");
        dry["dry_run"].Should().Be("True");
        AdminServer.Figures(dry).Should().Equal(sessions, refreshTokens, apiKeys, tunnels, 0);
        admin.Server.AuditedEvents().Should().HaveCount(before, "nothing was done");
        foreach (string token in tokens) (await admin.Server.IsActiveAsync(token)).Should().BeTrue();
        var real = await admin.DoAsync(call + "?dry_run=false");
        real["dry_run"].Should().Be("False");
        AdminServer.Figures(real).Should().Equal(AdminServer.Figures(dry));
        AdminServer.Figures(await admin.DoAsync(call + (call.StartsWith("POST", StringComparison.Ordinal) ? "?dry_run=true" : ""))).Should().Equal(0, 0, 0, 0, 0);
    }

    [Fact]
    public async Task A_sessions_figures_are_its_own()
    {
        await FillAsync();
        string plain = Jwt.Claims((await admin.Server.SignInAsync("web", "bob", "openid api"))["access_token"]!).Text("sid");
        var dry = await admin.DoAsync($"DELETE /sessions/{plain}?dry_run=true");
        AdminServer.Figures(dry).Should().Equal(1, 0, 0, 0, 0);
        AdminServer.Figures(await admin.DoAsync($"DELETE /sessions/{plain}")).Should().Equal(1, 0, 0, 0, 0);
    }

    [Fact]
    public async Task Of_a_revoked_client_and_of_an_ended_session_nothing_is_left_to_end()
    {
        await FillAsync();
        await admin.DoAsync("POST /clients/web/revoke");
        AdminServer.Figures(await admin.DoAsync("POST /clients/web/revoke?dry_run=true")).Should().Equal(0, 0, 0, 0, 0);
        AdminServer.Figures(await admin.DoAsync($"POST /users/{admin.IdOf("bob")}/disable?dry_run=true")).Should().Equal(2, 2, 2, 1, 0);
        await admin.DoAsync("POST /clients/web/restore");
        AdminServer.Figures(await admin.DoAsync("POST /clients/web/revoke?dry_run=true")).Should().Equal(0, 0, 0, 0, 0);
    }

    [Fact]
    public async Task Restoring_is_an_act_of_its_own()
    {
        await admin.DoAsync("POST /clients/web/revoke");
        await admin.DoAsync("PATCH /clients/web", """{"client_name":"Web"}""");
        await admin.DoAsync("POST /clients/web/secret");
        (await admin.DoAsync("GET /clients/web"))["status"].Should().Be("revoked");
        await admin.DoAsync("POST /clients/web/restore");
        (await admin.DoAsync("GET /clients/web"))["status"].Should().Be("active");
    }

    // bob: at web one session with refresh tokens and one without, two at faces with; jane: one at web.
    private async Task<string[]> FillAsync()
    {
        var server = admin.Server;
        string[] tokens =
        [
            (await server.SignInAsync("web", "bob"))["access_token"]!, (await server.SignInAsync("web", "bob", "openid api"))["access_token"]!,
            await ((Door)Door.Vpn).TokenAsync(server), await ((Door)Door.Account).TokenAsync(server), (await server.SignInAsync("web", "jane"))["access_token"]!,
        ];
        await server.AddKeyAsync(tokens[3], "one");
        await server.AddKeyAsync(tokens[3], "two");
        await server.AddTunnelAsync(tokens[3]);
        return tokens;
    }
}
