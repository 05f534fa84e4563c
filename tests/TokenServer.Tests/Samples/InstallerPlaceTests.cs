using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The installer where people run it: behind proxies, with addresses and codes as they are copied, on machines that are not quite
/// set up.</summary>
public sealed class InstallerPlaceTests(InstallerRig rig) : IClassFixture<InstallerRig>
{
    // A name that only the proxy knows.
    private const string Beyond = "http://install.example.com";
    private static readonly (string, string) AllowHttp = ("SLOWDNS_ALLOW_HTTP", "1");

    [NeedsCommandTheory(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    [InlineData("http_proxy", "")]
    [InlineData("all_proxy", "user:pass@")]
    [InlineData("ALL_PROXY", "us$er:p`a$$s'w@")]
    [InlineData("http_proxy", "u:%24%25@")]
    public async Task Behind_a_proxy_the_unit_goes_through_it_too(string name, string user)
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync(), way = proxy.Address.Replace("http://", "http://" + user);
        var ended = await machine.InstallAsync(Beyond, code, AllowHttp, (name, way), ("no_proxy", "localhost,.example.org"));
        ended.Code.Should().Be(0, ended.Said);
        rig.HistoryOf(code).Should().Be(CodeHistory.Done);
        machine.Pieces.Should().BeEquivalentTo([.. Machine.Installed, "600 etc/slowdns/environment"]);
        string unit = await File.ReadAllTextAsync(Path.Combine(machine.Root, "etc/systemd/system/slowdns-agent.service")), file = Path.Combine(machine.Root, "etc/slowdns/environment");
        unit.Should().Contain($"EnvironmentFile=-{file}\n").And.NotContain(proxy.Address);
        (await File.ReadAllLinesAsync(file)).Should().Contain($"no_proxy=\"localhost,.example.org\"").And.ContainSingle(line => line.StartsWith(name + "=\"http://", StringComparison.Ordinal));
        int before = proxy.Seen.Count;
        ended = await machine.AgentAsync();
        ended.Code.Should().Be(0, ended.Said);
        proxy.Seen.Skip(before).Should().Equal("/checkin");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_way_that_only_this_shell_knows_fails_before_the_confirm()
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        using var programs = new TemporaryFolder();
        string curl = programs.Write("curl", $"#!/bin/sh\nPATH='{Environment.GetEnvironmentVariable("PATH")}'\nexec curl ${{ONLY_HERE:+--proxy \"$ONLY_HERE\"}} \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(curl, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string code = await rig.IssueAsync();
        var ended = await machine.InstallAsync(Beyond, code, AllowHttp, ("ONLY_HERE", proxy.Address), ("PATH", $"{programs.Path}:{Environment.GetEnvironmentVariable("PATH")}"), ("SLOWDNS_ATTEMPTS", "1"));
        ended.Code.Should().Be(1, ended.Said);
        ended.Said.Should().Contain("the first check-in failed").And.Contain("The code is free again").And.NotContain("==> confirm");
        machine.ShouldBeEmpty(ended.Said);
        rig.HistoryOf(code).Should().Be(new CodeHistory("issued", "released", "revoked"));
    }

    [NeedsCommandTheory(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    [InlineData("127.0.0.1")]
    [InlineData("*")]
    [InlineData("example.org, 127.0.0.1")]
    public async Task Where_no_proxy_is_used_none_is_kept_and_that_of_an_earlier_install_goes(string without)
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        var ended = await machine.InstallAsync(Beyond, await rig.IssueAsync(), AllowHttp, ("http_proxy", proxy.Address));
        ended.Code.Should().Be(0, ended.Said);
        string file = Path.Combine(machine.Root, "etc/slowdns/environment"), kept = await File.ReadAllTextAsync(file);
        // One that fails leaves it.
        ended = await machine.InstallAsync(rig.Server.Address, await rig.IssueAsync(), ("http_proxy", proxy.Address), ("no_proxy", without), ("SLOWDNS_SYSTEMCTL", machine.Systemctl("is-active")));
        ended.Code.Should().Be(1, ended.Said);
        (await File.ReadAllTextAsync(file)).Should().Be(kept);
        ended = await machine.InstallAsync(rig.Server.Address, await rig.IssueAsync(), ("http_proxy", proxy.Address), ("no_proxy", without));
        ended.Code.Should().Be(0, ended.Said);
        (await File.ReadAllTextAsync(file)).Should().BeEmpty();
        using var another = await Machine.CreateAsync();
        ended = await another.InstallAsync(rig.Server.Address, await rig.IssueAsync(), ("http_proxy", proxy.Address), ("no_proxy", without));
        ended.Code.Should().Be(0, ended.Said);
        another.ShouldBeInstalled("no proxy is used");
    }

    [NeedsCommandTheory(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("////")]
    public async Task An_address_may_end_in_slashes(string end)
    {
        using var machine = await Machine.CreateAsync();
        var ended = await machine.InstallAsync(rig.Server.Address + end, await rig.IssueAsync());
        ended.Code.Should().Be(0, ended.Said);
        (await File.ReadAllLinesAsync(Path.Combine(machine.Root, "etc/slowdns/agent.conf"))).Should().Contain($"url={rig.Server.Address}");
    }

    [NeedsCommandTheory(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    [InlineData("\u2010")]
    [InlineData("\u2013")]
    [InlineData("\u2015")]
    [InlineData("\u2212")]
    [InlineData("-\u200B")]
    [InlineData("\u2060-\uFEFF")]
    [InlineData("\u00A0")]
    [InlineData("-\u00AD")]
    [InlineData("-\r")]
    public async Task A_code_is_taken_as_it_is_copied(string dash)
    {
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        var ended = await machine.InstallAsync(rig.Server.Address, $"\uFEFF{code.Replace("-", dash)}\r");
        ended.Code.Should().Be(0, ended.Said);
        rig.HistoryOf(code).Should().Be(CodeHistory.Done);
    }

    [NeedsCommandTheory(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    [InlineData("00000000000000000000000000000000\n", "zeros, which is nobody's")]
    [InlineData(" 00000000000000000000000000000000", "zeros, which is nobody's")]
    [InlineData("uninitialized\n", "does not have the 32 hexadecimal digits")]
    [InlineData("", "does not have the 32 hexadecimal digits")]
    [InlineData(null, "no file that can be read")]
    public async Task A_machine_without_an_id_is_told_what_to_do(string? id, string said)
    {
        await using var proxy = await rig.ProxyAsync();
        using var machine = await Machine.CreateAsync();
        using var folder = new TemporaryFolder();
        string file = id is null ? Path.Combine(folder.Path, "none") : folder.Write("machine-id", id);
        var ended = await machine.InstallAsync(proxy.Address, await rig.IssueAsync(), ("SLOWDNS_MACHINE_ID_FILE", file));
        ended.Code.Should().Be(2, ended.Said);
        ended.Said.Should().Contain("NOT installed: ").And.Contain(file).And.Contain(said).And.Contain("systemd-machine-id-setup").And.Contain("Nothing was sent");
        proxy.Seen.Should().BeEmpty();
    }

    [NeedsCommandTheory(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    [InlineData("--help", 0)]
    [InlineData("-h", 0)]
    [InlineData("--helpme", 2)]
    public async Task It_says_how_it_is_used(string argument, int expected)
    {
        var ended = await ScriptRun.Start([Machine.Script, argument], new Dictionary<string, string>()).EndAsync();
        ended.Code.Should().Be(expected, ended.Said);
        if (expected == 0)
        {
            ended.Output.Should().Contain("SLOWDNS_URL").And.Contain("https_proxy=").And.Contain("Exit:");
            ended.Said.Should().BeEmpty();
        }
        else ended.Said.Should().Contain("--help");
    }
}
