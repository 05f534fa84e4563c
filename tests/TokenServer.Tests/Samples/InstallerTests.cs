using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using InstallLifecycle;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The installer against the real server: good installs, failures that are made good, codes that are not.</summary>
public sealed partial class InstallerTests(InstallerRig rig) : IClassFixture<InstallerRig>
{
    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_good_install()
    {
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        var ended = await machine.InstallAsync(rig.Server.Address, code, ("SLOWDNS_SYSTEMCTL", machine.Systemctl()));
        ended.Code.Should().Be(0, ended.Said);
        Stages(ended.Said).Should().Equal("identity", "code", "precheck", "details", "activate", "pieces", "register", "check-in", "confirm", "done");
        ended.Said.Should().Contain($"the code {code[..11]}...{code[^6..]} is good for this machine").And.Contain($"ns1.example.com is installed as {rig.HistoryOf(code).ServerId}");
        Machine.ShouldTellNoSecret(ended.Said + ended.Output, code);
        machine.ShouldBeInstalled(ended.Said);
        rig.HistoryOf(code).Should().Be(CodeHistory.Done);
        machine.SystemctlCalls.Should().Equal("daemon-reload", "enable --now slowdns-agent.timer", "is-active --quiet slowdns-agent.timer");
        (await File.ReadAllLinesAsync(Path.Combine(machine.Root, "etc/slowdns/agent.conf"))).Should()
            .Equal($"url={rig.Server.Address}", $"server_id={rig.HistoryOf(code).ServerId}", "hostname=ns1.example.com", "public_ip=192.0.2.53",
                $"machine_id_file={machine.MachineIdFile}", $"host_key={machine.HostKey}.pub");
        (await machine.AgentAsync()).Code.Should().Be(0);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task The_command_that_the_page_shows_installs_with_the_code_that_it_issues()
    {
        using var machine = await Machine.CreateAsync();
        using var browser = new HttpClient { BaseAddress = new Uri(rig.Server.Address) };
        string page = WebUtility.HtmlDecode(await browser.GetStringAsync("/slowdns")), command = PageCommand().Match(page).Value;
        using var answer = await browser.PostAsync("/api/v2/slowdns/code/issue", null);
        using var issued = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        string code = issued.RootElement.GetProperty("data").GetProperty("install_code").GetString()!;
        command.Should().Be($"cd \"$(mktemp -d)\" && curl -fsS {rig.Server.Address}/slowdns/install.sh -o install.sh && sudo SLOWDNS_URL={rig.Server.Address} bash install.sh");
        var ended = await machine.DoAsync(command, code);
        ended.Code.Should().Be(0, ended.Said);
        machine.ShouldBeInstalled(ended.Said);
        rig.HistoryOf(code).Should().Be(CodeHistory.Done);
        (await machine.AgentAsync()).Code.Should().Be(0);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_failure_before_the_confirm_gives_the_code_back_for_another_try()
    {
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        var failed = await machine.InstallAsync(rig.Server.Address, code, ("SLOWDNS_SYSTEMCTL", machine.Systemctl("is-active")));
        failed.Code.Should().Be(1, failed.Said);
        failed.Said.Should().Contain("NOT installed: the timer did not start").And.Contain("==> release").And.Contain("The code is free again");
        Machine.ShouldTellNoSecret(failed.Said, code);
        machine.ShouldBeEmpty(failed.Said);
        machine.SystemctlCalls[^2..].Should().Equal("disable --now slowdns-agent.timer", "daemon-reload");
        rig.HistoryOf(code).Should().Be(new CodeHistory("issued", "released", "revoked"));

        var retried = await machine.InstallAsync(rig.Server.Address, code, ("SLOWDNS_SYSTEMCTL", machine.Systemctl()));
        retried.Code.Should().Be(0, retried.Said);
        machine.ShouldBeInstalled(retried.Said);
        rig.HistoryOf(code).Should().Be(new CodeHistory("confirmed", "released confirmed", "revoked online"));
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_released_code_may_go_to_another_machine()
    {
        await using var proxy = await rig.ProxyAsync();
        using var first = await Machine.CreateAsync();
        using var second = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/checkin", Fault.Status(429));
        (await first.InstallAsync(proxy.Address, code)).Code.Should().Be(1);
        var ended = await second.InstallAsync(rig.Server.Address, code);
        ended.Code.Should().Be(0, ended.Said);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_code_of_another_machine_is_refused()
    {
        await using var proxy = await rig.ProxyAsync();
        using var first = await Machine.CreateAsync();
        using var second = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/register", Fault.Hold);
        var under = first.Start(proxy.Address, code);
        await proxy.HeldAsync("/register");
        await RefusedAsync("409 machine_mismatch", second, rig.Server, code);
        // From the first one, but not as the same server.
        using var root = new TemporaryFolder();
        await RefusedAsync("409 install_code_used", first, rig.Server, code, ("SLOWDNS_HOSTNAME", "ns2.example.com"), ("SLOWDNS_ROOT", root.Path));
        proxy.Open();
        var ended = await under.EndAsync();
        ended.Code.Should().Be(0, ended.Said);
        rig.HistoryOf(code).Should().Be(CodeHistory.Done);
        await RefusedAsync("409 machine_mismatch", second, rig.Server, code);
        await RefusedAsync("409 install_code_used", first, rig.Server, code);
        first.ShouldBeInstalled("a second install that was refused leaves the first one alone");
        (await first.AgentAsync()).Code.Should().Be(0);
        second.ShouldBeEmpty("it was refused");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_code_that_is_unknown_expired_or_revoked_is_refused()
    {
        await using var server = await TestServer.StartAsync(InstallerRig.NoLimits);
        using var machine = await Machine.CreateAsync();
        await RefusedAsync("404 install_code_invalid", machine, server, "IPT-SD-000000-000000-000000");
        await RefusedAsync("404 install_code_invalid", machine, server, "not a code");
        string expired = await InstallerRig.IssueAsync(server), revoked = await InstallerRig.IssueAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        await server.Get<Lifecycle>().RevokeCodeAsync(2, new Caller("", "", "", "test"), isDryRun: false);
        await RefusedAsync("410 install_code_revoked", machine, server, revoked);
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        await RefusedAsync("410 install_code_expired", machine, server, expired);
        machine.ShouldBeEmpty("it was refused");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task An_activation_that_ends_under_the_installers_hands_needs_a_new_code()
    {
        await using var server = await TestServer.StartAsync(InstallerRig.NoLimits);
        await using var proxy = await FaultyProxy.StartAsync(server.Address);
        using var machine = await Machine.CreateAsync();
        string late = await InstallerRig.IssueAsync(server);
        await EndsAsync(late, () =>
        {
            server.Clock.Advance(TimeSpan.FromMinutes(11));
            return Task.CompletedTask;
        }, "confirm", "/confirm");
        InstallerRig.HistoryOf(server, late).Should().Be(new CodeHistory("expired", "released", "revoked"));
        string revoked = await InstallerRig.IssueAsync(server);
        await EndsAsync(revoked, () => server.Get<Lifecycle>().RevokeCodeAsync(2, new Caller("", "", "", "test"), isDryRun: false), "registration", "/register");
        InstallerRig.HistoryOf(server, revoked).Should().Be(new CodeHistory("revoked", "revoked", ""));

        async Task EndsAsync(string code, Func<Task> end, string step, string route)
        {
            proxy.On(route, Fault.Hold);
            var run = machine.Start(proxy.Address, code);
            await proxy.HeldAsync(route);
            await end();
            proxy.Open();
            var ended = await run.EndAsync();
            ended.Code.Should().Be(1, ended.Said);
            ended.Said.Should().Contain($"NOT installed: the {step} failed").And.Contain("Get a new code").And.NotContain("could not be delivered");
            machine.ShouldBeEmpty(ended.Said);
        }
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task The_servers_own_limit_is_said_and_costs_nothing_but_time()
    {
        await using var server = await TestServer.StartAsync([.. InstallerRig.NoLimits, "--InstallLifecycle:ActivationsPerMachinePerDay=1"]);
        await using var proxy = await FaultyProxy.StartAsync(server.Address);
        using var machine = await Machine.CreateAsync();
        string code = await InstallerRig.IssueAsync(server);
        proxy.On("/register", Fault.Status(429));
        (await machine.InstallAsync(proxy.Address, code)).Code.Should().Be(1);
        var ended = await machine.InstallAsync(proxy.Address, code);
        ended.Code.Should().Be(1, ended.Said);
        ended.Said.Should().Contain("NOT installed: the activation failed: too many requests (429). Try again in 86400 s, at").And.Contain("The same code can be tried again");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_failed_install_over_an_earlier_one_leaves_that_as_it_was()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string first = await rig.IssueAsync(), second = await rig.IssueAsync();
        (await machine.InstallAsync(rig.Server.Address, first)).Code.Should().Be(0);
        string token = await File.ReadAllTextAsync(machine.ServerTokenFile);
        proxy.On("/confirm", Fault.Status(429));
        var failed = await machine.InstallAsync(proxy.Address, second, ("SLOWDNS_HOSTNAME", "ns2.example.com"), ("SLOWDNS_SYSTEMCTL", machine.Systemctl()));
        failed.Code.Should().Be(1, failed.Said);
        machine.ShouldBeInstalled(failed.Said);
        (await File.ReadAllTextAsync(machine.ServerTokenFile)).Should().Be(token);
        machine.SystemctlCalls[^2..].Should().Equal("daemon-reload", "restart slowdns-agent.timer");
        (await machine.AgentAsync()).Code.Should().Be(0);
        proxy.Open();
        (await machine.InstallAsync(proxy.Address, second, ("SLOWDNS_HOSTNAME", "ns2.example.com"))).Code.Should().Be(0);
        (await File.ReadAllTextAsync(machine.ServerTokenFile)).Should().NotBe(token);
        (await machine.AgentAsync()).Code.Should().Be(0);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Only_one_installer_works_at_a_time()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        proxy.On("/precheck", Fault.Hold);
        var first = machine.Start(proxy.Address, code);
        await proxy.HeldAsync("/precheck");
        var second = await machine.InstallAsync(rig.Server.Address, code);
        second.Code.Should().Be(1, second.Said);
        second.Said.Should().Contain("another installer is at work here").And.Contain("Nothing was sent");
        proxy.Open();
        (await first.EndAsync()).Code.Should().Be(0);
        rig.HistoryOf(code).Should().Be(CodeHistory.Done);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Wrong_settings_are_named_before_anything_is_sent()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        (string Name, string Value, string Said)[] wrong =
        [
            ("SLOWDNS_URL", "http://id.example.com", "http:// would send the code and the tokens in the clear"), ("SLOWDNS_URL", "ftp://id.example.com", "SLOWDNS_URL"),
            ("SLOWDNS_URL", "", "there is no terminal"), ("SLOWDNS_INSTALL_CODE", "", "there is no terminal"), ("SLOWDNS_INSTALL_CODE", "a\"b", "SLOWDNS_INSTALL_CODE"),
            ("SLOWDNS_HOSTNAME", "localhost", "SLOWDNS_HOSTNAME"), ("SLOWDNS_PUBLIC_IP", "here", "SLOWDNS_PUBLIC_IP"), ("SLOWDNS_REF", "-x", "SLOWDNS_REF"),
            ("SLOWDNS_ROOT", machine.Root + "/none", "SLOWDNS_ROOT"), ("SLOWDNS_TIMEOUT", "0", "SLOWDNS_TIMEOUT"), ("SLOWDNS_ATTEMPTS", "many", "SLOWDNS_ATTEMPTS"),
            ("SLOWDNS_MACHINE_ID_FILE", machine.Root + "/none", "the machine id is in"), ("SLOWDNS_MACHINE_ID_FILE", Machine.Script, "32 hexadecimal digits"),
            ("SLOWDNS_SSH_HOST_KEY", machine.Root + "/none", "public key"), ("SLOWDNS_HOST_KEY_PROOF", "maybe", "SLOWDNS_HOST_KEY_PROOF is yes or no"),
        ];
        string code = await rig.IssueAsync();
        await Task.WhenAll(wrong.Select(async w =>
        {
            // On a machine of its own, since they run at once.
            using var other = await Machine.CreateAsync();
            var ended = await other.InstallAsync(proxy.Address, code, (w.Name, w.Value));
            ended.Code.Should().Be(2, "{0}={1}: {2}", w.Name, w.Value, ended.Said);
            ended.Said.Should().Contain("NOT ").And.Contain(w.Said).And.Contain("Nothing was sent and nothing changed.");
            other.ShouldBeEmpty(ended.Said);
        }));
        var told = await ScriptRun.Start([Machine.Script, code], machine.Environment(proxy.Address, "")).EndAsync();
        told.Code.Should().Be(2);
        told.Said.Should().Contain("where ps does not show them").And.NotContain(code);
        proxy.Seen.Should().BeEmpty();
        rig.HistoryOf(code).Should().Be(CodeHistory.Fresh);
    }

    private static IEnumerable<string> Stages(string said) => said.Split('\n').Where(l => l.StartsWith("==> ", StringComparison.Ordinal)).Select(l => l[4..].Trim());

    private static async Task RefusedAsync(string with, Machine machine, TestServer server, string code, params (string Name, string Value)[] settings)
    {
        var ended = await machine.InstallAsync(server.Address, code, settings);
        ended.Code.Should().Be(1, ended.Said);
        ended.Said.Should().Contain($"({with}: ").And.Contain($"Get a new code at {server.Address}/slowdns").And.NotContain("==> pieces");
        Machine.ShouldTellNoSecret(ended.Said, code);
    }

    [GeneratedRegex("cd [^<]*install\\.sh(?=<)")]
    private static partial Regex PageCommand();
}
