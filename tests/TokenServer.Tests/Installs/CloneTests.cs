using Ssh;
using TokenServer.Audit;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>Two of one server, through the whole program: the alarm in the trail, the command line that settles it (contract section 5b).</summary>
public sealed class CloneTests(InstallServer shared) : IClassFixture<InstallServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task The_alarm_is_in_the_audit_trail_and_on_the_metric()
    {
        var install = await SuspectedAsync(server);
        var said = server.Get<AuditLog>().List(new AuditFilter(Event: "server.clone_suspected"), null, 1).Single().Said;
        (said.Target, said.Actor, said.Address).Should().Be((install.ServerId, install.ServerId, "127.0.0.1"));
        (await install.DoAsync(CheckIn)).ShouldRefuseFlat(409, "clone_suspected");
    }

    [Fact]
    public async Task The_grant_takes_the_proof_as_the_API_does()
    {
        var install = await new Installation(server).UpToAsync(Issue);
        using var key = new SshKey();
        var precheck = await server.CallAsync("POST", $"{InstallRequests.Api}/install/precheck", body: new
        {
            install_code = install.Code, machine_id = install.MachineId, ssh_fingerprint = key.Fingerprint, product = "slowdns", installer_version = "1", ssh_public_key = key.PublicKey,
        });
        var data = precheck.Json.GetProperty("data");
        (string, string)[] fields = [("precheck_token", data.Text("precheck_token")), ("ssh_fingerprint", key.Fingerprint)];
        (await server.GrantAsync(install, "panel", fields)).Body.Should().Contain("host_key_proof_invalid");
        var granted = await server.GrantAsync(install, "panel", [.. fields, ("ssh_signature", key.Sign(data.Text("proof_text")))]);
        granted.Status.Should().Be(200, granted.Body);
        granted.Json.GetProperty("host_key_proven").GetBoolean().Should().BeTrue();
    }

    internal static async Task<Installation> SuspectedAsync(TestServer server)
    {
        var install = await new Installation(server) { HasRatchet = true }.UpToAsync(Confirm);
        string first = install.CheckinKey;
        for (int i = 0; i < 2; i++) (await install.DoAsync(CheckIn)).Status.Should().Be(200);
        string last = install.CheckinKey;
        install.CheckinKey = first;
        (await install.DoAsync(CheckIn)).ShouldRefuseFlat(409, "clone_suspected");
        install.CheckinKey = last;
        return install;
    }
}
