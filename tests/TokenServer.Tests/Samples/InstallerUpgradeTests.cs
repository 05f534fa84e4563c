using InstallLifecycle.Codes.Page;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The former agent, 1.0.0: its state and its unit are taken over.</summary>
public sealed class InstallerUpgradeTests(InstallerRig rig) : IClassFixture<InstallerRig>
{
    private const string FormerAgent = "#!/usr/bin/env bash\nreadonly version=1.0.0\nexit 9\n", Interval = "OnUnitActiveSec=240";

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_former_agent_is_upgraded_and_checks_in_as_before()
    {
        using var machine = await Machine.CreateAsync();
        var install = await FormerAsync(machine);
        var ended = await UpgradeAsync(machine, ("SLOWDNS_SYSTEMCTL", machine.Systemctl()));
        ended.Code.Should().Be(0, ended.Said);
        ended.Said.Should().Contain("checked in").And.Contain($"the agent of {install.ServerId} is now version 1.1.0").And.Contain("==> done");
        machine.Pieces.Should().Equal(Machine.Installed.Where(p => !p.Contains("receipt", StringComparison.Ordinal) && !p.Contains("var/", StringComparison.Ordinal)));
        machine.SystemctlCalls[^1].Should().Be("restart slowdns-agent.timer");
        (await File.ReadAllTextAsync(machine.ServerTokenFile)).Trim().Should().Be(install.ServerToken);
        (await File.ReadAllTextAsync(Path.Combine(machine.Root, "etc/systemd/system/slowdns-agent.timer"))).Should().Contain(Interval);
        (await File.ReadAllTextAsync(Path.Combine(machine.Root, "etc/systemd/system/slowdns-agent.service"))).Should().Contain("StateDirectory=slowdns").And.Contain("ProtectSystem=strict").And.Contain("SystemCallFilter=");
        (await machine.AgentAsync()).Code.Should().Be(0);
        (await machine.AgentAsync("version")).Output.Trim().Should().Be("1.1.0");
        Directory.EnumerateFileSystemEntries(machine.Temporary).Should().BeEmpty();
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task An_upgrade_that_fails_leaves_the_former_agent_as_it_was()
    {
        using var machine = await Machine.CreateAsync();
        await FormerAsync(machine);
        var ended = await UpgradeAsync(machine, ("SLOWDNS_SYSTEMCTL", machine.Systemctl("is-active")));
        ended.Code.Should().Be(1, ended.Said);
        ended.Said.Should().Contain("NOT upgraded: the timer did not start").And.Contain("The agent is as it was before");
        (await File.ReadAllTextAsync(machine.Agent)).Should().Be(FormerAgent);
        (await File.ReadAllLinesAsync(Path.Combine(machine.Root, "etc/slowdns/agent.conf"))).Should().HaveCount(4);
        machine.SystemctlCalls[^1].Should().Be("restart slowdns-agent.timer");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Where_no_agent_is_there_is_nothing_to_upgrade()
    {
        using var machine = await Machine.CreateAsync();
        var ended = await UpgradeAsync(machine);
        ended.Code.Should().Be(2, ended.Said);
        ended.Said.Should().Contain("no agent is installed here");
        machine.ShouldBeEmpty(ended.Said);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_new_install_over_a_former_agent_gives_it_a_ratchet()
    {
        using var machine = await Machine.CreateAsync();
        await FormerAsync(machine);
        var ended = await machine.InstallAsync(rig.Server.Address, await rig.IssueAsync());
        ended.Code.Should().Be(0, ended.Said);
        machine.ShouldBeInstalled(ended.Said);
        (await machine.AgentAsync()).Code.Should().Be(0);
    }

    [NeedsCommandFact("sh")]
    public async Task The_scripts_of_the_tree_are_those_that_the_server_hands_out()
    {
        foreach (var (name, script) in new[] { ("install", PageFiles.Installer!), ("agent", PageFiles.Agent!) })
        {
            var (code, built) = await Command.RunAsync("sh", [Path.Combine(SampleFiles.Folder("installer"), "build.sh"), name]);
            code.Should().Be(0, built);
            built.Trim().Should().Be(System.Text.Encoding.UTF8.GetString(script.Content.Span).Trim());
        }
    }

    [NeedsCommandFact("shellcheck")]
    public async Task Shellcheck_finds_nothing_in_them()
    {
        var (code, said) = await Command.RunAsync("shellcheck", [Machine.Script, Machine.AgentScript, Path.Combine(SampleFiles.Folder("installer"), "build.sh")]);
        code.Should().Be(0, said);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock, "systemd-analyze")]
    public async Task Systemd_understands_the_units()
    {
        using var machine = await Machine.CreateAsync();
        (await machine.InstallAsync(rig.Server.Address, await rig.IssueAsync())).Code.Should().Be(0);
        string units = Path.Combine(machine.Root, "etc/systemd/system");
        var (code, said) = await Command.RunAsync("systemd-analyze", ["verify", "--man=no", Path.Combine(units, "slowdns-agent.service"), Path.Combine(units, "slowdns-agent.timer")]);
        code.Should().Be(0, said);
        said.Should().NotContain("slowdns-agent", "it has nothing to say of them");
    }

    // What 1.0.0 left, of a server that registered without a ratchet.
    private async Task<Installation> FormerAsync(Machine machine)
    {
        var install = await new Installation(rig.Server).UpToAsync(Installation.Confirm);
        string conf = Directory.CreateDirectory(Path.Combine(machine.Root, "etc/slowdns")).FullName, units = Directory.CreateDirectory(Path.Combine(machine.Root, "etc/systemd/system")).FullName;
        Directory.CreateDirectory(Path.GetDirectoryName(machine.Agent)!);
        await File.WriteAllTextAsync(machine.Agent, FormerAgent);
        await File.WriteAllLinesAsync(Path.Combine(conf, "agent.conf"), [$"url={rig.Server.Address}", $"server_id={install.ServerId}", $"hostname={install.Hostname}", $"public_ip={install.PublicIp}"]);
        await File.WriteAllTextAsync(machine.ServerTokenFile, install.ServerToken + "\n");
        await File.WriteAllTextAsync(Path.Combine(units, "slowdns-agent.service"), $"[Service]\nType=oneshot\nExecStart={machine.Agent}\n");
        await File.WriteAllTextAsync(Path.Combine(units, "slowdns-agent.timer"), $"[Timer]\nOnActiveSec=240\n{Interval}\n");
        if (OperatingSystem.IsWindows()) return install;
        foreach (string secret in new[] { machine.ServerTokenFile, Path.Combine(conf, "agent.conf") }) File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return install;
    }

    private static Task<ScriptRun.Ended> UpgradeAsync(Machine machine, params (string Name, string Value)[] settings) =>
        ScriptRun.Start([Machine.Script, "--upgrade"], machine.Environment("", "", settings)).EndAsync();
}
