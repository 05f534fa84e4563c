using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The installer proves the machine's SSH host key (contract section 5b), where it may and can, and says why not where it does not.</summary>
public sealed class InstallerProofTests(InstallerRig rig) : IClassFixture<InstallerRig>
{
    [NeedsCommandTheory(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    [InlineData("-t", "ed25519")]
    [InlineData("-t", "ecdsa", "-b", "256")]
    [InlineData("-t", "ecdsa", "-b", "384")]
    [InlineData("-t", "rsa", "-b", "2048")]
    public async Task A_host_key_is_proven(params string[] kind)
    {
        using var machine = await Machine.CreateAsync();
        string key = await machine.KeyAsync(["-N", "", .. kind]);
        await InstalledAsync(machine, rig.Server, isProven: true, "the server has seen this machine prove its key", ["--prove"], ("SLOWDNS_SSH_HOST_KEY", key));
        Directory.GetFiles(machine.Root, "*", SearchOption.AllDirectories).Should().NotContain(f => File.ReadAllText(f).Contains("PRIVATE KEY"), "the key is not copied");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_key_that_cannot_sign_ends_an_install_that_was_to_prove_it_before_anything_is_sent()
    {
        using var machine = await Machine.CreateAsync();
        string locked = await machine.KeyAsync("-N", "a passphrase", "-t", "ed25519"), big = await machine.KeyAsync("-N", "", "-t", "ecdsa", "-b", "521");
        string authority = await machine.KeyAsync("-N", "", "-t", "ed25519"), alone = machine.Write("alone.pub", await File.ReadAllTextAsync(authority));
        string other = machine.Write("other.pub", await File.ReadAllTextAsync(authority));
        File.Copy(machine.HostKey, other[..^4]);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(other[..^4], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await Command.RunAsync(ScriptRun.KeyGen, ["-q", "-s", authority[..^4], "-I", "id", "-h", machine.HostKey + ".pub"])).Code.Should().Be(0);
        (string Key, string Said)[] cases =
        [
            (locked, "it has a passphrase, and a host key must do without one"), (SecurityKey(machine), "of a security token (sk-)"), (machine.HostKey + "-cert.pub", "is a certificate"),
            (big, "is of a kind (ecdsa-sha2-nistp521)"), (alone, "is not beside it"), (other, "is not the key of"),
        ];
        string code = await rig.IssueAsync();
        foreach (var (key, said) in cases) await StoppedAsync(machine, code, said, ["--prove"], ("SLOWDNS_SSH_HOST_KEY", key));
        await StoppedAsync(machine, code, cases[0].Said, [], ("SLOWDNS_SSH_HOST_KEY", cases[0].Key), ("SLOWDNS_HOST_KEY_PROOF", "yes"));
        await StoppedAsync(machine, code, cases[1].Said, ["--dry-run", "--prove"], ("SLOWDNS_SSH_HOST_KEY", cases[1].Key));
        // Where nobody has asked for the proof, it is told and the install goes on.
        foreach (var (key, said) in cases[1..4]) await InstalledAsync(machine, rig.Server, isProven: false, said, [], ("SLOWDNS_SSH_HOST_KEY", key));
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Without_ssh_keygen_the_fingerprint_is_the_same_and_there_is_no_proof()
    {
        using var machine = await Machine.CreateAsync();
        string receipt = await InstalledAsync(machine, rig.Server, isProven: true, "prove", ["--prove"]), programs = Directory.CreateDirectory(machine.Write("programs", "") + ".d").FullName;
        foreach (string program in new[] { "/usr/bin", "/bin" }.SelectMany(Directory.GetFiles).DistinctBy(Path.GetFileName).Where(p => Path.GetFileName(p) != ScriptRun.KeyGen))
            File.CreateSymbolicLink(Path.Combine(programs, Path.GetFileName(program)), program);
        string without = await InstalledAsync(machine, rig.Server, isProven: false, "ssh-keygen is missing", [], ("PATH", programs));
        await StoppedAsync(machine, await rig.IssueAsync(), "ssh-keygen is missing", ["--prove"], ("PATH", programs));
        Fingerprint(without).Should().Be(Fingerprint(receipt));
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task Nobody_reads_the_key_where_nobody_has_allowed_it()
    {
        using var machine = await Machine.CreateAsync();
        // Whoever reads it would fail.
        await File.WriteAllTextAsync(machine.HostKey, "broken");
        await InstalledAsync(machine, rig.Server, isProven: false, "nobody was there to allow", []);
        await InstalledAsync(machine, rig.Server, isProven: false, "is good for this machine", ["--no-proof"]);
        await StoppedAsync(machine, await rig.IssueAsync(), "cannot be used", ["--prove"]);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_server_that_insists_gets_its_proof_or_the_reason_why_not()
    {
        await using var server = await TestServer.StartAsync([.. InstallerRig.NoLimits, "--InstallLifecycle:HostKeyProof=required"]);
        using var machine = await Machine.CreateAsync();
        string code = await InstallerRig.IssueAsync(server);
        var refused = await machine.InstallAsync(server.Address, code);
        refused.Code.Should().Be(1, refused.Said);
        refused.Said.Should().Contain("the server asks every machine to prove its SSH host key, and here nobody was there to allow").And.Contain("--prove allows it");
        machine.ShouldBeEmpty(refused.Said);
        InstallerRig.HistoryOf(server, code).Should().Be(CodeHistory.Fresh);
        await InstalledAsync(machine, server, isProven: true, "prove", ["--prove"]);
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_server_that_takes_no_proof_gets_none()
    {
        await using var server = await TestServer.StartAsync([.. InstallerRig.NoLimits, "--InstallLifecycle:HostKeyProof=off"]);
        using var machine = await Machine.CreateAsync();
        var ended = await RunAsync(machine, server, await InstallerRig.IssueAsync(server), ["--prove"]);
        ended.Code.Should().NotBe(0);
        ended.Said.Should().Contain("the server takes no proof by a host key, so nothing was installed");
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock, "script", "stty")]
    public async Task At_a_terminal_it_asks_before_it_reads_the_key_and_shows_how_far_it_is()
    {
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        var terminal = machine.StartAtTerminal(rig.Server.Address);
        foreach (var (question, said) in new[] { ("[Y/n]", "\r"), ("Install code", $"{code}\r"), ("Host name", "ns1.example.com\r"), ("Public IP", "192.0.2.53\r"), ("[y/n]", "y\r") })
        {
            await terminal.SaysAsync(question);
            await terminal.TypeAsync(said);
        }
        var ended = await terminal.EndAsync();
        ended.Code.Should().Be(0, ended.Said);
        ended.Said.Should().Contain("The key is not copied").And.Contain("==> precheck\u001b[0m (3 of 9)").And.Contain("the server has seen this machine prove its key");
        Machine.ShouldTellNoSecret(ended.Said, code);
        IsProven(await File.ReadAllTextAsync(machine.ReceiptFile)).Should().BeTrue();
    }

    [NeedsCommandFact(ScriptRun.Setsid, ScriptRun.Curl, ScriptRun.KeyGen, ScriptRun.Lock)]
    public async Task A_dry_run_changes_nothing_and_the_same_code_leads_on()
    {
        using var machine = await Machine.CreateAsync();
        string code = await rig.IssueAsync();
        var tried = await RunAsync(machine, rig.Server, code, ["--dry-run"], ("SLOWDNS_SYSTEMCTL", machine.Systemctl()));
        tried.Code.Should().Be(0, tried.Said);
        tried.Said.Should().Contain("it would write").And.Contain("This was a dry run: nothing has changed on this machine").And.NotContain("==> details");
        tried.Said.Should().Contain($"it would prove the key {machine.HostKey}, if that is allowed (--prove)");
        machine.ShouldBeEmpty(tried.Said);
        machine.SystemctlCalls.Should().BeEmpty();
        rig.HistoryOf(code).Should().Be(new CodeHistory("prechecked", "", ""));
        var refused = await RunAsync(machine, rig.Server, "IPT-SD-000000-000000-000000", ["--dry-run"]);
        refused.Code.Should().Be(1);
        refused.Said.Should().Contain("404 install_code_invalid");
        (await RunAsync(machine, rig.Server, code, ["--dry-run", "--prove"])).Said.Should().Contain($"it would prove the key {machine.HostKey}\n");
        (await machine.InstallAsync(rig.Server.Address, code)).Code.Should().Be(0);
        machine.ShouldBeInstalled("the dry run was none");
    }

    private async Task<string> InstalledAsync(Machine machine, TestServer server, bool isProven, string said, string[] arguments, params (string Name, string Value)[] settings)
    {
        string code = await InstallerRig.IssueAsync(server);
        var ended = await RunAsync(machine, server, code, arguments, settings);
        ended.Code.Should().Be(0, ended.Said);
        ended.Said.Should().Contain(said);
        Machine.ShouldTellNoSecret(ended.Said, code);
        machine.ShouldBeInstalled(ended.Said);
        string receipt = await File.ReadAllTextAsync(machine.ReceiptFile);
        IsProven(receipt).Should().Be(isProven, ended.Said);
        return receipt;
    }

    private async Task StoppedAsync(Machine machine, string code, string said, string[] arguments, params (string Name, string Value)[] settings)
    {
        var ended = await RunAsync(machine, rig.Server, code, arguments, settings);
        ended.Code.Should().Be(2, ended.Said);
        ended.Said.Should().Contain("NOT installed: ").And.Contain(said).And.Contain("run this again with --no-proof").And.Contain("Nothing was sent and nothing changed.").And.NotContain("==> code");
        rig.HistoryOf(code).Should().Be(CodeHistory.Fresh);
    }

    private static Task<ScriptRun.Ended> RunAsync(Machine machine, TestServer server, string code, string[] arguments, params (string Name, string Value)[] settings) =>
        ScriptRun.Start([Machine.Script, .. arguments], machine.Environment(server.Address, code, settings)).EndAsync();

    private static bool IsProven(string receipt) => Claims(receipt).GetProperty("host_key_proven").GetBoolean();

    private static string? Fingerprint(string receipt) => Claims(receipt).GetProperty("machine").GetProperty("ssh_fingerprint").GetString();

    private static System.Text.Json.JsonElement Claims(string receipt) =>
        System.Text.Json.JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(receipt.Trim().Split('.')[1])).RootElement;

    // No token is needed for its public half (PROTOCOL.u2f).
    private static string SecurityKey(Machine machine)
    {
        const string Kind = "sk-ssh-ed25519@openssh.com";
        using var blob = new MemoryStream();
        foreach (byte[] part in new[] { System.Text.Encoding.ASCII.GetBytes(Kind), new byte[32], System.Text.Encoding.ASCII.GetBytes("ssh:") })
        {
            blob.Write([0, 0, 0, (byte)part.Length]);
            blob.Write(part);
        }
        return machine.Write("sk.pub", $"{Kind} {Convert.ToBase64String(blob.ToArray())}\n");
    }
}
