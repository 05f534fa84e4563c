using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>/admin/api/installs and /admin/api/servers: list, filter, revoke (contract section 6).</summary>
public sealed class InstallTests : IAsyncLifetime
{
    private AdminServer admin = null!;

    public async Task InitializeAsync() => admin = await AdminServer.StartAsync();

    public async Task DisposeAsync() => await admin.DisposeAsync();

    [Fact]
    public async Task Codes_activations_and_servers_are_listed_by_status_and_show_no_secret()
    {
        await new Installation(admin.Server).IssueAsync();
        var open = await Installation.RegisteredAsync(admin.Server);
        var done = await (await Installation.RegisteredAsync(admin.Server)).ConfirmAsync();
        (await admin.ListAsync("/installs/codes", "status")).Should().Equal("confirmed", "activated", "issued");
        (await admin.ListAsync("/installs/codes?status=activated", "install_code_hint")).Should().Equal(Hint(open.Code));
        (await admin.ListAsync("/installs/activations?status=confirmed", "activation_id")).Should().Equal(done.ActivationId);
        (await admin.ListAsync("/servers?status=active", "server_id")).Should().Equal(done.ServerId, open.ServerId);
        (await admin.ListAsync("/servers?status=revoked")).Should().BeEmpty();
        foreach (string list in (string[])["/installs/codes", "/installs/activations", "/servers"])
        {
            string body = (await admin.DoAsync("GET " + list)).Body;
            foreach (string secret in (string[])[open.Code, open.PrecheckToken, open.InstallToken, open.ServerToken]) body.Should().NotContain(secret);
            (await admin.CallAsync($"GET {list}?status=lost")).ShouldBeProblem(400);
        }
    }

    [Fact]
    public async Task Of_two_servers_it_is_settled_which_goes_on()
    {
        var one = await Installs.CloneTests.SuspectedAsync(admin.Server);
        (await admin.ListAsync("/servers?status=clone_suspected", "server_id")).Should().Equal(one.ServerId);
        (await admin.ListAsync("/servers?status=active")).Should().BeEmpty();
        string call = $"POST /servers/{one.ServerId}/resolve";
        (await admin.CallAsync(call, new { action = "forget" })).ShouldBeProblem(400);
        (await admin.CallAsync(call, new { })).ShouldBeProblem(400);
        (await admin.CallAsync("POST /servers/srv_0000000000000000/resolve", new { action = "rekey" })).ShouldBeProblem(404);
        (await admin.DoAsync(call, new { action = "rekey" })).ShouldBe(200, $$"""{"server_id":"{{one.ServerId}}","action":"rekey"}""");
        (await admin.ListAsync("/servers", "rekey_allowed_at")).Single().Should().NotBeEmpty();
        (await admin.DoAsync(call, new { action = "revoke" })).Status.Should().Be(200);
        (await admin.ListAsync("/servers", "status")).Should().Equal("revoked");
        (await admin.CallAsync(call, new { action = "rekey" })).ShouldBeProblem(409);
        (await admin.ListAsync("/audit?event=server.clone_resolved", "detail")).Should().Equal("revoke", "rekey");
    }

    [Fact]
    public async Task A_receipt_is_had_again()
    {
        var install = await new Support.Installation(admin.Server).UpToAsync(Support.Installation.Confirm);
        string path = $"GET /installs/activations/{install.ActivationId}/receipt";
        (await admin.DoAsync(path)).ShouldBe(200, $$"""{"activation_id":"{{install.ActivationId}}","receipt":"{{install.Receipt}}"}""");
        (await admin.CallAsync("GET /installs/activations/act_0000000000000000/receipt")).ShouldBeProblem(404);
        (await admin.ListAsync("/installs/activations", "host_key_proven")).Should().Equal("False");
    }

    [Fact]
    public async Task What_has_run_out_is_listed_as_expired_before_the_job_writes_it_down()
    {
        await Installation.RegisteredAsync(admin.Server);
        await new Installation(admin.Server).IssueAsync();
        admin.Server.Clock.Advance(TimeSpan.FromMinutes(11));
        (await admin.ListAsync("/installs/codes?status=expired")).Should().HaveCount(2);
        (await admin.ListAsync("/installs/activations?status=expired")).Should().HaveCount(1);
        (await admin.ListAsync("/servers?status=active")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_revoked_code_takes_its_activation_and_server_along_as_the_dry_run_said()
    {
        var install = await Installation.RegisteredAsync(admin.Server);
        string id = (await admin.ListAsync("/installs/codes", "id")).Single(), call = $"POST /installs/codes/{id}/revoke";
        var dry = await admin.DoAsync(call + "?dry_run=true");
        (await admin.ListAsync("/servers", "status")).Should().Equal("active");
        var real = await admin.DoAsync(call);
        AdminServer.Figures(real).Should().Equal(0, 0, 0, 0, 1).And.Equal(AdminServer.Figures(dry));
        (dry["dry_run"], real["dry_run"]).Should().Be(("True", "False"));
        (await admin.ListAsync("/servers", "status")).Should().Equal("revoked");
        (await admin.ListAsync("/installs/activations", "status")).Should().Equal("revoked");
        (await admin.ListAsync("/installs/codes", "status")).Should().Equal("revoked");
        (await admin.Server.CallAsync("POST", "/checkin", install.ServerToken, "{}"))["error"].Should().Be("server_revoked");
        AdminServer.Figures(await admin.DoAsync(call)).Should().Equal(0, 0, 0, 0, 0);
        admin.Server.AuditedEvents().Count(e => e is "install_code.revoked" or "activation.revoked" or "server.revoked").Should().Be(3);
        var entry = (await admin.ListAsync("/audit?event=install_code.revoked")).Single();
        (entry.Text("event"), entry.Text("actor"), entry.Text("target"), entry.Text("address")).Should().Be(("install_code.revoked", "robot", id, "127.0.0.1"));
    }

    [Fact]
    public async Task A_confirmed_code_cannot_be_revoked_but_its_server_can()
    {
        var install = await (await Installation.RegisteredAsync(admin.Server)).ConfirmAsync();
        string id = (await admin.ListAsync("/installs/codes", "id")).Single(), call = $"POST /servers/{install.ServerId}/revoke";
        (await admin.CallAsync($"POST /installs/codes/{id}/revoke")).ShouldBeProblem(409);
        (await admin.CallAsync($"POST /installs/codes/{id}/revoke?dry_run=true")).ShouldBeProblem(409);
        AdminServer.Figures(await admin.DoAsync(call + "?dry_run=true")).Should().Equal(0, 0, 0, 0, 1);
        (await admin.Server.CallAsync("POST", "/checkin", install.ServerToken, "{}")).Status.Should().Be(200);
        AdminServer.Figures(await admin.DoAsync(call)).Should().Equal(0, 0, 0, 0, 1);
        (await admin.Server.CallAsync("POST", "/checkin", install.ServerToken, "{}"))["error"].Should().Be("server_revoked");
        AdminServer.Figures(await admin.DoAsync(call)).Should().Equal(0, 0, 0, 0, 0);
        admin.Server.AuditedEvents().Count(e => e == "server.revoked").Should().Be(1);
    }

    [Theory]
    [InlineData("POST /installs/codes/99/revoke")]
    [InlineData("POST /installs/codes/99/revoke?dry_run=true")]
    [InlineData("POST /installs/codes/abc/revoke")]
    [InlineData("POST /installs/codes/99999999999999999999/revoke")]
    [InlineData("POST /servers/srv_0000000000000000/revoke")]
    [InlineData("POST /servers/1/revoke?dry_run=true")]
    public async Task What_is_not_there_is_404(string call) => (await admin.CallAsync(call)).ShouldBeProblem(404);

    private static string Hint(string code) => code[..11] + "..." + code[^6..];
}
