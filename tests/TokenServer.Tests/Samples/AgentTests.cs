using System.Text.Json;
using InstallLifecycle;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The agent that the installer puts in place, against the real server.</summary>
public sealed class AgentTests(InstallerRig rig) : IClassFixture<InstallerRig>
{
    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task It_checks_in_and_tells_how_the_server_sees_it()
    {
        using var installed = await InstallAsync();
        var ended = await installed.Machine.AgentAsync();
        ended.Code.Should().Be(0, ended.Said);
        ended.Said.Should().Contain("checked in");
        ended = await installed.Machine.AgentAsync("status");
        ended.Code.Should().Be(0, ended.Said);
        using var status = JsonDocument.Parse(ended.Output);
        status.RootElement.GetProperty("server_id").GetString().Should().Be(rig.HistoryOf(installed.Code).ServerId);
        status.RootElement.GetProperty("status").GetString().Should().Be("active");
        status.RootElement.GetProperty("online").GetBoolean().Should().BeTrue();
        (await installed.Machine.AgentAsync("version")).Output.Trim().Should().Be("1.1.0");
        (await installed.Machine.AgentAsync("dance")).Code.Should().Be(2);
        installed.Machine.ShouldBeInstalled("the agent leaves nothing behind");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task What_it_needs_and_does_not_find_it_names_in_a_line_of_its_own()
    {
        using var installed = await InstallAsync();
        string conf = Path.Combine(installed.Machine.Root, "etc/slowdns");
        foreach (var (file, command, said) in ((string, string, string)[])[("receipt.jwt", "rekey", "the receipt of the install is in"),
            ("server-token", "checkin", "the server token is in"), ("agent.conf", "checkin", "no agent is installed here, or this user may not read it: the settings are in")])
        {
            File.Delete(Path.Combine(conf, file));
            var ended = await installed.Machine.AgentAsync(command);
            ended.Code.Should().Be(2, ended.Said);
            ended.Said.TrimEnd().Should().StartWith($"slowdns-agent: {said} {Path.Combine(conf, file)}").And.NotContain("\n");
        }
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_revoked_server_checks_in_no_more()
    {
        using var installed = await InstallAsync();
        await rig.Server.Get<Lifecycle>().RevokeServerAsync(rig.HistoryOf(installed.Code).ServerId!, new Caller("", "", "", "test"), isDryRun: false);
        var ended = await installed.Machine.AgentAsync();
        ended.Code.Should().Be(3, ended.Said);
        ended.Said.Should().Contain("this server was revoked");
        installed.Machine.SystemctlCalls.Should().Equal("disable --now slowdns-agent.timer");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task It_revokes_itself_also_where_the_answer_is_lost()
    {
        using var installed = await InstallAsync();
        installed.Proxy.On("/revoke", Fault.CutAfter, times: 1);
        var ended = await installed.Machine.AgentAsync("revoke");
        ended.Code.Should().Be(0, ended.Said);
        ended.Said.Should().Contain("revoked. What is left to remove");
        rig.HistoryOf(installed.Code).Servers.Should().Be("revoked");
        installed.Machine.SystemctlCalls.Should().Equal("disable --now slowdns-agent.timer");
        (await installed.Machine.AgentAsync()).Code.Should().Be(3);
        (await installed.Machine.AgentAsync("revoke")).Code.Should().Be(0);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_token_that_is_none_of_the_servers_is_told_from_one_that_is_missing()
    {
        using var installed = await InstallAsync();
        string token = (await File.ReadAllTextAsync(installed.Machine.ServerTokenFile)).Trim();
        await File.WriteAllTextAsync(installed.Machine.ServerTokenFile, string.Concat(token.AsSpan(0, token.Length - 1), token[^1] == 'A' ? "E" : "A"));
        var ended = await installed.Machine.AgentAsync();
        ended.Code.Should().Be(4, ended.Said);
        ended.Said.Should().Contain("install again with a new code");
        installed.Machine.SystemctlCalls.Should().BeEmpty();
        await File.WriteAllTextAsync(installed.Machine.ServerTokenFile, "none\n");
        (await installed.Machine.AgentAsync()).Code.Should().Be(2);
        File.Delete(installed.Machine.ServerTokenFile);
        (await installed.Machine.AgentAsync()).Code.Should().Be(2);
        Directory.Delete(Path.GetDirectoryName(installed.Machine.ServerTokenFile)!, recursive: true);
        ended = await installed.Machine.AgentAsync();
        ended.Code.Should().Be(2);
        ended.Said.Should().Contain("the settings are in");
        Directory.EnumerateFileSystemEntries(installed.Machine.Temporary).Should().BeEmpty();
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task What_goes_wrong_once_is_repeated_and_what_goes_wrong_for_good_waits_for_the_timer()
    {
        using var installed = await InstallAsync();
        foreach (var fault in (Fault[])[Fault.Status(500), Fault.Status(503, "0"), Fault.CutBefore, Fault.CutAfter, Fault.CutInside])
        {
            installed.Proxy.On("/checkin", fault, times: 1);
            (await installed.Machine.AgentAsync()).Code.Should().Be(0, "once {0}", fault);
        }
        foreach (var (fault, said) in ((Fault, string)[])[(Fault.Status(500), "answered 500"), (Fault.Status(429), "asks for patience"), (Fault.CutBefore, "does not answer")])
        {
            installed.Proxy.On("/checkin", fault);
            var ended = await installed.Machine.AgentAsync("checkin", ("SLOWDNS_ATTEMPTS", "2"));
            ended.Code.Should().Be(1, ended.Said);
            ended.Said.Should().Contain(said);
        }
        installed.Machine.SystemctlCalls.Should().BeEmpty();
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task It_stops_when_it_is_told_to_and_shows_nobody_its_token()
    {
        using var installed = await InstallAsync();
        foreach (var (signal, exit) in ((string, int)[])[("INT", 130), ("TERM", 143), ("HUP", 129)])
        {
            installed.Proxy.On("/checkin", Fault.Hold);
            var run = installed.Machine.StartAgent("checkin");
            await installed.Proxy.HeldAsync("/checkin");
            run.CommandLines().Should().Contain(line => line.Contains("/checkin", StringComparison.Ordinal)).And.NotContain(line => line.Contains("st_", StringComparison.Ordinal));
            await run.SignalAsync(signal);
            var ended = await run.EndAsync();
            ended.Code.Should().Be(exit, ended.Said);
            installed.Machine.ShouldBeInstalled(signal);
        }
    }

    private async Task<Installation> InstallAsync()
    {
        var installation = new Installation(await Machine.CreateAsync(), await rig.ProxyAsync(), await rig.IssueAsync());
        var ended = await installation.Machine.InstallAsync(installation.Proxy.Address, installation.Code);
        ended.Code.Should().Be(0, ended.Said);
        return installation;
    }

    private sealed record Installation(Machine Machine, FaultyProxy Proxy, string Code) : IDisposable
    {
        public void Dispose()
        {
            Proxy.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Machine.Dispose();
        }
    }
}
