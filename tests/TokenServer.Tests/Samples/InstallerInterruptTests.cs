using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The installer is told to stop, at every stage: it stops at once, gives everything back and the same code leads on.</summary>
public sealed class InstallerInterruptTests(InstallerRig rig) : IClassFixture<InstallerRig>
{
    private static readonly CodeHistory Fresh = CodeHistory.Fresh, Bound = new("prechecked", "", ""), Activated = new("activated", "activated", ""),
        Released = new("issued", "released", ""), Revoked = new("issued", "released", "revoked");

    // Where it is held, and how things stand in the server when it has stopped.
    private static readonly (string Route, Fault Fault, CodeHistory After)[] Stages =
    [
        ("/precheck", Fault.Hold, Fresh), ("/precheck", Fault.HoldAfter, Bound),
        ("/activate", Fault.Hold, Bound), ("/activate", Fault.HoldAfter, Activated),
        ("/slowdns/agent.sh", Fault.Hold, Released),
        ("/register", Fault.Hold, Released), ("/register", Fault.HoldAfter, Revoked),
        ("/checkin", Fault.Hold, Revoked), ("/checkin", Fault.HoldAfter, Revoked),
        ("/confirm", Fault.Hold, Revoked), ("/confirm", Fault.HoldAfter, CodeHistory.Done),
    ];

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public Task SIGINT_at_every_stage() => Task.WhenAll(Stages.Select(s => InterruptAsync("INT", 130, s.Route, s.Fault, s.After)));

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public Task SIGTERM_at_every_stage() => Task.WhenAll(Stages.Select(s => InterruptAsync("TERM", 143, s.Route, s.Fault, s.After)));

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public Task What_a_terminal_sends_to_the_whole_group() => Task.WhenAll(
        InterruptAsync("INT", 130, "/activate", Fault.HoldAfter, Activated, toGroup: true),
        InterruptAsync("INT", 130, "/checkin", Fault.Hold, Revoked, toGroup: true),
        InterruptAsync("INT", 130, "/confirm", Fault.HoldAfter, CodeHistory.Done, toGroup: true),
        InterruptAsync("HUP", 129, "/register", Fault.HoldAfter, Revoked, toGroup: true));

    // Its own work, which no server can hold up: identity (ssh-keygen), pieces (chmod) and check-in (systemctl).
    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public Task While_a_program_of_this_machine_is_at_work() => Task.WhenAll(
        InterruptProgramAsync("ssh-keygen", "INT", 130, Fresh), InterruptProgramAsync("ssh-keygen", "TERM", 143, Fresh),
        InterruptProgramAsync("chmod", "INT", 130, Released), InterruptProgramAsync("chmod", "TERM", 143, Released),
        InterruptProgramAsync("systemctl", "INT", 130, Revoked), InterruptProgramAsync("systemctl", "TERM", 143, Revoked));

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_second_signal_does_not_cut_the_release_short()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/checkin", Fault.Hold);
        proxy.On("/release", Fault.Hold);
        var run = machine.Start(proxy.Address, code);
        await proxy.HeldAsync("/checkin");
        await run.SignalAsync("INT");
        await proxy.HeldAsync("/release");
        foreach (string signal in (string[])["INT", "TERM", "HUP", "INT"]) await run.SignalAsync(signal, toGroup: true);
        run.CommandLines().Should().Contain(line => line.Contains("curl", StringComparison.Ordinal));
        proxy.Open();
        var ended = await run.EndAsync();
        ended.Code.Should().Be(130, ended.Said);
        machine.ShouldBeEmpty(ended.Said);
        rig.HistoryOf(code).Should().Be(Revoked);
        await LeadsOnAsync(machine, code, "a second signal");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock, "script", "stty")]
    public async Task Ctrl_C_at_a_question()
    {
        string[] questions = ["Let ssh-keygen sign", "Install code", "Host name", "Public IP", "[y/n]"];
        await Task.WhenAll(Enumerable.Range(0, questions.Length).Select(async last =>
        {
            using var machine = await Machine.CreateAsync();
            string code = await rig.IssueAsync();
            var terminal = machine.StartAtTerminal(rig.Server.Address);
            string[] said = ["n\r", $"{code}\r", "ns1.example.com\r", "192.0.2.53\r"];
            for (int i = 0; i < last; i++)
            {
                await terminal.SaysAsync(questions[i]);
                await terminal.TypeAsync(said[i]);
            }
            await terminal.SaysAsync(questions[last]);
            await terminal.TypeAsync("\u0003");
            var ended = await terminal.EndAsync();
            ended.Code.Should().Be(130, "at {0}: {1}", questions[last], ended.Said);
            ended.Said.Should().Contain("NOT installed: interrupted").And.MatchRegex(@"\nspeed \d+ baud", "stty says so").And.NotMatchRegex(@"-echo\b", "what is typed shows again");
            Machine.ShouldTellNoSecret(ended.Said, code);
            machine.ShouldBeEmpty(ended.Said);
            rig.HistoryOf(code).Should().Be(last <= 1 ? Fresh : Bound);
            await LeadsOnAsync(machine, code, questions[last]);
        }));
    }

    private async Task InterruptAsync(string signal, int exit, string route, Fault fault, CodeHistory after, bool toGroup = false)
    {
        string what = $"SIG{signal} while {route} is {fault}";
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On(route, fault);
        // The confirm is asked about once more, for as long as that may take.
        var run = machine.Start(route == "/slowdns/agent.sh" ? machine.Alone : Machine.Script, proxy.Address, code, ("SLOWDNS_TIMEOUT", route == "/confirm" ? "2" : "300"));
        await proxy.HeldAsync(route);
        foreach (string line in run.CommandLines()) Machine.ShouldTellNoSecret(line, code);
        run.EnvironmentsOfPrograms("curl").Should().ContainSingle(what).Which.Should().NotContain(code);
        await run.SignalAsync(signal, toGroup);
        var ended = await run.EndAsync();
        Machine.ShouldTellNoSecret(ended.Said + ended.Output, code);
        rig.HistoryOf(code).Should().Be(after, "{0}: {1}", what, ended.Said);
        if (after == CodeHistory.Done)
        {
            ended.Code.Should().Be(0, "{0}: {1}", what, ended.Said);
            ended.Said.Should().Contain("the confirm had arrived").And.Contain("==> done");
            machine.ShouldBeInstalled(what);
            return;
        }
        ended.Code.Should().Be(exit, "{0}: {1}", what, ended.Said);
        ended.Said.Should().Contain("NOT installed: interrupted", what).And.NotContain("Get a new code", what);
        machine.ShouldBeEmpty(what);
        await LeadsOnAsync(machine, code, what);
    }

    private async Task InterruptProgramAsync(string program, string signal, int exit, CodeHistory after)
    {
        string what = $"SIG{signal} during {program}";
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        var (settings, reached) = machine.Stall(program);
        var run = machine.Start(rig.Server.Address, code, settings);
        (await Eventually.TrueAsync(() => Task.FromResult(File.Exists(reached)), Eventually.Never)).Should().BeTrue("{0}: {1}", what, run.Said);
        await run.SignalAsync(signal);
        // What runs in the foreground is let to its end, and then it stops.
        if (program == "chmod") File.Delete(reached);
        var ended = await run.EndAsync();
        ended.Code.Should().Be(exit, "{0}: {1}", what, ended.Said);
        machine.ShouldBeEmpty(what);
        // It may come a little further before it hears of the signal.
        (rig.HistoryOf(code) with { Servers = "" }).Should().Be(after with { Servers = "" }, what);
        await LeadsOnAsync(machine, code, what);
    }

    // The same code, on the same machine, with the whole server there.
    private async Task LeadsOnAsync(Machine machine, string code, string after)
    {
        var ended = await machine.InstallAsync(rig.Server.Address, code);
        ended.Code.Should().Be(0, "after {0} the same code leads on: {1}", after, ended.Said);
        machine.ShouldBeInstalled(after);
        var history = rig.HistoryOf(code);
        history.Code.Should().Be("confirmed");
        history.Activations.Should().EndWith("confirmed");
        history.Servers.Should().EndWith("online");
    }
}
