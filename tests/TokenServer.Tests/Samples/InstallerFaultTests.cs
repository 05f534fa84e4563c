using System.Text.RegularExpressions;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>Requests and answers get lost between the installer and the server: nobody is stranded.</summary>
public sealed partial class InstallerFaultTests(InstallerRig rig) : IClassFixture<InstallerRig>
{
    private static readonly string[] Steps = ["/precheck", "/activate", "/register", "/checkin", "/confirm"];
    private static readonly Fault[] Passing = [Fault.Status(500), Fault.Status(503, "0"), Fault.CutBefore, Fault.CutAfter, Fault.CutInside];

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public Task What_goes_wrong_once_is_repeated_and_leads_on() => AtOnceAsync(
        // At each step alone, and at all of them in one install.
        Passing.SelectMany(fault => Steps.Select<string, Func<Task>>(step => () => InstalledAsync(fault, step)).Append(() => InstalledAsync(fault, Steps))));

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public Task A_server_that_is_silent_once_is_asked_again() => AtOnceAsync(
        Steps.SelectMany(step => new[] { Fault.Hold, Fault.HoldAfter }.Select<Fault, Func<Task>>(fault => () => InstalledAsync(fault, step))));

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task What_goes_wrong_for_good_ends_in_a_release_and_the_same_code_leads_on()
    {
        CodeHistory fresh = CodeHistory.Fresh, bound = new("prechecked", "", ""), activated = new("activated", "activated", ""), released = new("issued", "released", ""), revoked = new("issued", "released", "revoked");
        Fault[] unheard = [Fault.Status(500), Fault.Status(429, "120"), Fault.CutBefore, Fault.Hold], heard = [Fault.CutAfter, Fault.CutInside, Fault.HoldAfter];
        (string Step, Fault[] Faults, CodeHistory After)[] cases =
        [
            ("/precheck", unheard, fresh), ("/precheck", heard, bound), ("/activate", unheard, bound), ("/activate", heard, activated),
            ("/register", unheard, released), ("/register", heard, revoked), ("/checkin", [.. unheard, .. heard], revoked), ("/confirm", unheard, revoked),
        ];
        await AtOnceAsync(cases.SelectMany(c => c.Faults.Select<Fault, Func<Task>>(fault => () => ReleasedAsync(c.Step, fault, c.After))));
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public Task A_confirm_that_arrived_counts_though_no_answer_ever_came_back() => Task.WhenAll(new[] { Fault.CutAfter, Fault.CutInside }.Select(async fault =>
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/confirm", fault);
        var ended = await machine.InstallAsync(proxy.Address, code, Impatient);
        ended.Code.Should().Be(0, "{0}: {1}", fault, ended.Said);
        ended.Said.Should().Contain("the confirm had arrived").And.Contain("==> done");
        machine.ShouldBeInstalled(ended.Said);
        rig.HistoryOf(code).Should().Be(CodeHistory.Done);
    }));

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_release_that_cannot_be_delivered_is_told_with_what_to_do_by_hand()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/checkin", Fault.Status(429));
        proxy.On("/release", Fault.Status(500));
        var ended = await machine.InstallAsync(proxy.Address, code, Impatient);
        ended.Code.Should().Be(3, ended.Said);
        Machine.ShouldTellNoSecret(ended.Said, code);
        machine.ShouldBeEmpty(ended.Said);
        rig.HistoryOf(code).Should().Be(new CodeHistory("activated", "activated", "registered"));
        // The second thing it says: the same again leads on, with the same activation.
        proxy.Open();
        proxy.On("/confirm", Fault.Status(429));
        proxy.On("/release", Fault.CutBefore);
        ended = await machine.InstallAsync(proxy.Address, code, Impatient);
        ended.Code.Should().Be(3, ended.Said);
        rig.HistoryOf(code).Should().Be(new CodeHistory("activated", "activated", "online"));
        // The first thing it says.
        proxy.Open();
        (await ByHandAsync(ended.Said)).Should().Contain("\"install_code_restored\":true");
        rig.HistoryOf(code).Should().Be(new CodeHistory("issued", "released", "revoked"));
        await LeadsOnAsync(machine, code, "the release by hand");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_release_whose_answer_was_lost_has_set_the_code_free_all_the_same()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/register", Fault.Status(429));
        proxy.On("/release", Fault.CutAfter, times: 1);
        var ended = await machine.InstallAsync(proxy.Address, code, Impatient);
        ended.Code.Should().Be(1, ended.Said);
        ended.Said.Should().Contain("run this again with the same code").And.NotContain("could not be delivered");
        machine.ShouldBeEmpty(ended.Said);
        rig.HistoryOf(code).Should().Be(new CodeHistory("issued", "released", ""));
        proxy.On("/release", Fault.CutAfter);
        ended = await machine.InstallAsync(proxy.Address, code, Impatient);
        ended.Code.Should().Be(3, ended.Said);
        machine.ShouldBeEmpty(ended.Said);
        rig.HistoryOf(code).Should().Be(new CodeHistory("issued", "released released", ""));
        await LeadsOnAsync(machine, code, "a release that arrived");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Where_nobody_can_say_whether_the_confirm_arrived_the_pieces_stay()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/confirm", Fault.CutAfter);
        proxy.On("/release", Fault.CutBefore);
        var ended = await machine.InstallAsync(proxy.Address, code, Impatient);
        ended.Code.Should().Be(3, ended.Said);
        ended.Said.Should().Contain("The confirm may have arrived, so the pieces are left in place");
        machine.ShouldBeInstalled(ended.Said, hasReceipt: false);
        proxy.Open();
        (await ByHandAsync(ended.Said)).Should().Contain("activation_confirmed");
        rig.HistoryOf(code).Should().Be(CodeHistory.Done);
        (await machine.AgentAsync()).Code.Should().Be(0);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_429_is_not_repeated_and_says_when_to_come_back()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/precheck", Fault.Status(429, "120"));
        var ended = await machine.InstallAsync(proxy.Address, code);
        ended.Code.Should().Be(1);
        ended.Said.Should().MatchRegex(@"NOT installed: the precheck failed: too many requests \(429\)\. Try again in 120 s, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d").And.Contain("The same code can be tried again");
        proxy.Seen.Should().ContainSingle();
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task What_is_no_install_server_is_told_from_one()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        await SaysAsync(Fault.Status(404, body: "<html>Not Found</html>"), "Is SLOWDNS_URL right?");
        await SaysAsync(Fault.Status(302), "Is SLOWDNS_URL right?");
        await SaysAsync(Fault.Status(200, body: "<html>Welcome to the hotel</html>"), "NOT installed: the server's answer has no proper precheck_token");
        await SaysAsync(Fault.Status(400, body: """{"error":{"code":"invalid_request","message":"\u001b[31mred"}}"""), "The server does not accept one of the values.");
        proxy.On("/precheck", Fault.CutBefore);
        var silent = await machine.InstallAsync(proxy.Address, code, Impatient);
        silent.Said.Should().Contain("the server does not answer. Is it reachable from here?").And.Contain("again in 0 s (1 of 2)");
        rig.HistoryOf(code).Should().Be(CodeHistory.Fresh);

        async Task SaysAsync(Fault fault, string said)
        {
            proxy.On("/precheck", fault);
            var ended = await machine.InstallAsync(proxy.Address, code);
            ended.Code.Should().Be(1, ended.Said);
            ended.Said.Should().Contain(said).And.NotContain("\u001b");
            machine.ShouldBeEmpty(ended.Said);
        }
    }

    private static (string, string)[] Impatient => [("SLOWDNS_ATTEMPTS", "2"), ("SLOWDNS_TIMEOUT", "2")];

    // No more than that, since the time limits of some are short.
    private static Task AtOnceAsync(IEnumerable<Func<Task>> cases) =>
        Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (@case, _) => await @case());

    private async Task InstalledAsync(Fault fault, params string[] steps)
    {
        string what = $"{string.Join(' ', steps)} once {fault}";
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        foreach (string step in steps) proxy.On(step, fault, times: 1);
        var ended = await machine.InstallAsync(proxy.Address, code, ("SLOWDNS_TIMEOUT", fault.Kind is FaultKind.Hold or FaultKind.HoldAfter ? "2" : "60"));
        ended.Code.Should().Be(0, "{0}: {1}", what, ended.Said);
        ended.Said.Should().NotContain("==> release", what);
        Machine.ShouldTellNoSecret(ended.Said, code);
        machine.ShouldBeInstalled(what);
        rig.HistoryOf(code).Should().Be(CodeHistory.Done, what);
        (await machine.AgentAsync()).Code.Should().Be(0, "{0}: its token is the one that counts", what);
    }

    private async Task ReleasedAsync(string step, Fault fault, CodeHistory after)
    {
        string what = $"{step} always {fault}";
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On(step, fault);
        var ended = await machine.InstallAsync(proxy.Address, code, ("SLOWDNS_ATTEMPTS", "2"), ("SLOWDNS_TIMEOUT", fault.Kind is FaultKind.Hold or FaultKind.HoldAfter ? "2" : "60"));
        ended.Code.Should().Be(1, "{0}: {1}", what, ended.Said);
        ended.Said.Should().Contain("NOT installed: the ", what).And.NotContain("Get a new code", what).And.ContainAny("free again", "leads on", "can be tried again");
        Machine.ShouldTellNoSecret(ended.Said, code);
        machine.ShouldBeEmpty(what);
        rig.HistoryOf(code).Should().Be(after, "{0}: {1}", what, ended.Said);
        await LeadsOnAsync(machine, code, what);
    }

    private async Task LeadsOnAsync(Machine machine, string code, string after)
    {
        var ended = await machine.InstallAsync(rig.Server.Address, code);
        ended.Code.Should().Be(0, "after {0} the same code leads on: {1}", after, ended.Said);
        machine.ShouldBeInstalled(after);
        rig.HistoryOf(code).Code.Should().Be("confirmed", after);
    }

    // Does what the installer says can be done by hand.
    private static async Task<string> ByHandAsync(string said)
    {
        var (code, answer) = await Command.RunAsync("bash", ["-c", ByHand().Match(said).Groups[1].Value], null, ("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1"));
        code.Should().Be(0, said);
        return answer;
    }

    [GeneratedRegex("^ +(curl .*)$", RegexOptions.Multiline)]
    private static partial Regex ByHand();
}
