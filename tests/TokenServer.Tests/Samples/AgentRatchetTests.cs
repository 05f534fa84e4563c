using InstallLifecycle;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The agent's check-in key (contract section 5b): a copy of its folder gives itself away, and nothing else does.</summary>
public sealed class AgentRatchetTests(InstallerRig rig) : IClassFixture<InstallerRig>
{
    private const int Stopped = 5;
    private static readonly int Step = Scale.Of(1, otherwise: 4);

    // Kills the agent before its command number KILL_AT within a check-in, however deep that is called.
    private const string Killer = """
        set -o functrace
        commands=0
        trap 'if [[ " ${FUNCNAME[*]} " == *" checkin "* ]] && ((++commands == KILL_AT)); then kill -KILL $$; fi' DEBUG

        """;

    [NeedsCommandTheory(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_that_check_in_by_turns_both_stop_at_the_third_at_the_latest_and_rekey_brings_the_right_one_back(bool copyIsFirst)
    {
        using var right = await InstallAsync();
        (await right.AgentAsync()).Code.Should().Be(0);
        using var copy = await right.CloneAsync();
        Machine[] turns = copyIsFirst ? [copy, right] : [right, copy];
        var codes = new List<int>();
        for (int i = 0; i < 3; i++) codes.Add((await turns[i % 2].AgentAsync()).Code);
        codes.Should().Contain(Stopped);
        foreach (var machine in turns)
        {
            var ended = await machine.AgentAsync();
            ended.Code.Should().Be(Stopped, ended.Said);
            File.ReadAllText(Path.Combine(machine.Root, "var/lib/slowdns/stopped")).Should().Be("clone_suspected\n");
            machine.SystemctlCalls.Should().Equal("disable --now slowdns-agent.timer");
            // Nobody is in before an administrator has said so.
            (await machine.AgentAsync("rekey")).Said.Should().Contain("no administrator has let this server in anew");
        }

        await rig.Server.Get<Lifecycle>().ResolveCloneAsync(ServerOf(right), new Caller("", "", "", "test"), isRekey: true);
        // What was copied with the folder is not enough: this machine's own id and host key are asked for.
        UseOwnIdentity(copy);
        var refused = await copy.AgentAsync("rekey");
        refused.Code.Should().Be(1, refused.Said);
        refused.Said.Should().Contain("this is not the machine of the install");
        var rekeyed = await right.AgentAsync("rekey");
        rekeyed.Code.Should().Be(0, rekeyed.Said);
        rekeyed.Said.Should().Contain("goes on with new keys");
        right.SystemctlCalls[^1].Should().Be("enable --now slowdns-agent.timer");
        for (int i = 0; i < 2; i++) (await right.AgentAsync()).Code.Should().Be(0);
        (await copy.AgentAsync()).Code.Should().Be(Stopped);
        File.Delete(Path.Combine(copy.Root, "var/lib/slowdns/stopped"));
        (await copy.AgentAsync()).Code.Should().Be(4, "its token is dead");
        (await right.AgentAsync()).Code.Should().Be(0, "and the right one is not disturbed");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task The_alarm_is_a_line_in_the_journal_that_says_what_to_do()
    {
        using var machine = await InstallAsync();
        using var copy = await machine.CloneAsync();
        (await machine.AgentAsync()).Code.Should().Be(0);
        var alarm = await copy.AgentAsync("checkin", ("JOURNAL_STREAM", "8:1"));
        alarm.Code.Should().Be(Stopped, alarm.Said);
        // <2>: critical, as sd-daemon(3) has it.
        alarm.Said.Should().StartWith("<2>slowdns-agent: STOPPED: somebody else checks in with a copy of this server's keys (clone_suspected)").And.Contain("agent.sh rekey");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Killed_before_any_of_its_commands_it_raises_no_alarm()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await InstallAsync(proxy.Address);
        string killer = machine.Write("killer.sh", Killer);
        int killed = 0;
        for (int at = 1; ; at += Step)
        {
            // Every third of them has its answer lost besides.
            if (killed % 3 == 2) proxy.On("/checkin", Fault.CutAfter, times: 1);
            var ended = await machine.AgentAsync("checkin", ("BASH_ENV", killer), ("KILL_AT", at.ToString()));
            if (ended.Code == 0) break;
            ended.Code.Should().Be(137, "at command {0}: {1}", at, ended.Said);
            killed++;
            // A run that comes to its end between two that do not is what a timer would do.
            if (killed % 4 == 0) await ShouldCheckInAsync(machine, $"it was killed before command {at}");
        }
        killed.Should().BeGreaterThan(60 / Step, "it was killed between asking and writing, too");
        await ShouldCheckInAsync(machine, "all that");
        Directory.GetFiles(Path.GetDirectoryName(machine.KeyFile)!).Should().Equal(machine.KeyFile);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Answers_that_are_lost_and_runs_at_the_same_time_raise_no_alarm()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await InstallAsync(proxy.Address);
        foreach (var fault in (Fault[])[Fault.CutAfter, Fault.CutInside, Fault.Status(503, "0")])
        {
            proxy.On("/checkin", fault);
            for (int i = 0; i < 2; i++) (await machine.AgentAsync("checkin", ("SLOWDNS_ATTEMPTS", "2"))).Code.Should().Be(1);
            proxy.Open();
            await ShouldCheckInAsync(machine, fault.Name);
        }
        var ended = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => machine.AgentAsync()));
        ended.Select(e => e.Code).Should().OnlyContain(code => code == 0);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_killed_agents_request_is_waited_for_before_the_next_one_is_sent()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await InstallAsync(proxy.Address);
        proxy.On("/checkin", Fault.Hold, times: 1);
        var first = machine.StartAgent("checkin", ("SLOWDNS_TIMEOUT", "60"));
        await proxy.HeldAsync("/checkin");
        await first.SignalAsync("KILL");
        int seen = proxy.Seen.Count;
        var second = machine.StartAgent("checkin");
        (await Eventually.TrueAsync(() => Task.FromResult(second.CommandLines().Any(l => l.StartsWith("flock", StringComparison.Ordinal))), TimeSpan.FromSeconds(60))).Should().BeTrue();
        proxy.Seen.Should().HaveCount(seen, "what the first one sent may still arrive, with a key that would be older by then");
        proxy.Open();
        (await first.EndAsync()).Code.Should().Be(137);
        (await second.EndAsync()).Code.Should().Be(0);
        await ShouldCheckInAsync(machine, "the late one");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Neither_key_nor_token_is_on_a_command_line_or_said()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await InstallAsync(proxy.Address);
        string[] secrets = [.. (await File.ReadAllTextAsync(machine.KeyFile)).Split(), (await File.ReadAllTextAsync(machine.ServerTokenFile)).Trim()];
        proxy.On("/checkin", Fault.Hold);
        var run = machine.StartAgent("checkin");
        await proxy.HeldAsync("/checkin");
        string seen = string.Join('\n', run.CommandLines());
        proxy.Open();
        seen += (await run.EndAsync()).Said;
        foreach (string secret in secrets.Where(s => s.Length > 0)) seen.Should().NotContain(secret);
    }

    private async Task<Machine> InstallAsync(string? address = null)
    {
        var machine = await Machine.CreateAsync();
        var ended = await machine.InstallAsync(address ?? rig.Server.Address, await rig.IssueAsync());
        ended.Code.Should().Be(0, ended.Said);
        return machine;
    }

    private static async Task ShouldCheckInAsync(Machine machine, string after)
    {
        var ended = await machine.AgentAsync();
        ended.Code.Should().Be(0, "after {0}: {1}", after, ended.Said);
    }

    private static string ServerOf(Machine machine) => File.ReadLines(Path.Combine(machine.Root, "etc/slowdns/agent.conf")).Single(l => l.StartsWith("server_id=", StringComparison.Ordinal))[10..];

    // As it is on another computer, where the same paths lead to other files.
    private static void UseOwnIdentity(Machine copy)
    {
        string conf = Path.Combine(copy.Root, "etc/slowdns/agent.conf");
        File.WriteAllLines(conf, [.. File.ReadAllLines(conf).Where(l => !l.StartsWith("machine_id_file=", StringComparison.Ordinal) && !l.StartsWith("host_key=", StringComparison.Ordinal)),
            $"machine_id_file={copy.MachineIdFile}", $"host_key={copy.HostKey}.pub"]);
    }
}
