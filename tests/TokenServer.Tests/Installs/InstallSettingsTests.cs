using System.Globalization;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>The settings InstallLifecycle:* (contract section 8): what makes no sense stops the start, and the answers follow the rest.</summary>
public sealed class InstallSettingsTests
{
    private static readonly string[] Times =
    [
        "--InstallLifecycle:CodeLifetime=00:02:00", "--InstallLifecycle:PrecheckLifetime=00:03:00",
        "--InstallLifecycle:InstallTokenLifetime=00:04:00", "--InstallLifecycle:CheckinInterval=00:01:00",
    ];

    [Theory]
    [InlineData("CodeLifetime", "00:00:00")]
    [InlineData("CodeLifetime", "-00:05:00")]
    [InlineData("CodeLifetime", "soon")]
    [InlineData("CodeLifetime", "2.00:00:00")]
    [InlineData("PrecheckLifetime", "00:00:00")]
    [InlineData("PrecheckLifetime", "1.00:00:00")]
    [InlineData("InstallTokenLifetime", "-00:00:01")]
    [InlineData("InstallTokenLifetime", "1.00:00:00")]
    [InlineData("BrowserSessionLifetime", "00:00:00")]
    [InlineData("CodesPerIpPerHour", "0")]
    [InlineData("CodesPerIpPerDay", "-1")]
    [InlineData("CodesPerSessionPerHour", "many")]
    [InlineData("CodesPerFingerprintPerHour", "0")]
    [InlineData("ActivationsPerIpPerDay", "0")]
    [InlineData("ActivationsPerMachinePerDay", "1.5")]
    [InlineData("WatchersPerSession", "0")]
    [InlineData("WatchersPerIp", "-1")]
    [InlineData("Watchers", "many")]
    [InlineData("HostKeyProof", "perhaps")]
    [InlineData("HostKeyProof", "7")]
    [InlineData("CheckinInterval", "00:00:00")]
    [InlineData("Retention", "1.00:00:00")]
    [InlineData("KeyLifetime", "00:10:00")]
    [InlineData("CodesPerIpPerHours", "3")]
    public async Task A_setting_that_makes_no_sense_stops_the_start_and_is_named(string name, string value)
    {
        using var folder = new TemporaryFolder();
        folder.Write("not-empty", "");
        var start = () => TestServer.StartAsync([$"--InstallLifecycle:{name}={value}"], folder: folder.Path);
        (await start.Should().ThrowAsync<Exception>()).Which.ToString().Should().Match(m => m.Contains("InstallLifecycle:" + name, StringComparison.Ordinal) || m.Contains($"'{name}'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("InstallLifecycle:CodeLifetime", "00:00:00")]
    [InlineData("InstallLifecycle:CodesPerIpPerHour", "0")]
    public async Task The_program_says_so_in_a_line_and_ends(string name, string value)
    {
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0"], null, (name, value));
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain(name).And.NotContain("   at ");
    }

    [Fact]
    public async Task Times_and_seconds_in_the_answers_follow_the_lifetimes()
    {
        await using var server = await InstallServer.StartAsync(Times);
        var install = new Installation(server);
        var issued = Data(await install.DoAsync(Issue));
        (issued.Number("ttl_seconds"), issued.Text("expires_at")).Should().Be((120, In(server, 2)));
        Data(await install.DoAsync(Precheck)).Text("precheck_expires_at").Should().Be(In(server, 3));
        Data(await install.DoAsync(Activate)).Text("install_token_expires_at").Should().Be(In(server, 4));
        (await server.GrantAsync(install))["expires_in"].Should().Be("240");
        (await install.DoAsync(Register))["checkin_interval_seconds"].Should().Be("60");
        (await install.DoAsync(CheckIn))["checkin_interval_seconds"].Should().Be("60");
        foreach (string token in (string[])[install.PrecheckToken, install.InstallToken])
            (Jwt.Claims(token).Number("exp") - Jwt.Claims(token).Number("iat")).Should().Be(token == install.PrecheckToken ? 180 : 240);
    }

    [Fact]
    public async Task So_do_the_ends_themselves()
    {
        await using var server = await InstallServer.StartAsync([.. Times, .. InstallRequests.NoInstallLimits]);
        var issued = await new Installation(server).UpToAsync(Issue);
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await issued.DoAsync(Precheck)).ShouldRefuse(410, "install_code_expired");
        var activated = await new Installation(server).UpToAsync(Activate);
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        (await activated.DoAsync(Confirm)).ShouldRefuse(401, "install_token_expired");
        var confirmed = await new Installation(server).UpToAsync(Confirm);
        await confirmed.DoAsync(CheckIn);
        server.Clock.Advance(TimeSpan.FromSeconds(179));
        (await server.CallAsync("GET", "/status", confirmed.ServerToken))["online"].Should().Be("True");
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.CallAsync("GET", "/status", confirmed.ServerToken))["online"].Should().Be("False");
    }

    [Fact]
    public async Task And_the_browsers_session()
    {
        await using var server = await InstallServer.StartAsync("--InstallLifecycle:BrowserSessionLifetime=00:00:30");
        var install = new Installation(server);
        (await install.DoAsync(Issue)).Status.Should().Be(201);
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        (await install.DoAsync(Issue)).ShouldRefuse(403, "browser_session_required");
    }

    private static System.Text.Json.JsonElement Data(Answer answer) => answer.Json.GetProperty("data");

    private static string In(TestServer server, int minutes) => server.Clock.GetUtcNow().AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss'+00:00'", CultureInfo.InvariantCulture);
}
