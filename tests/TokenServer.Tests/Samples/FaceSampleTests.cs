using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The samples of the product faces run as they stand, against the program with the demo's users.</summary>
public sealed class FaceSampleTests : IDisposable
{
    private const string JohnsPassword = "demo-password-of-john", JohnsAuthenticator = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    private readonly TemporaryFolder folder = new();

    // Nothing on the way to this machine itself.
    private static readonly (string Name, string Value)[] NoProxy = [("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")];

    [NeedsCommandFact("bash", "curl", "jq")]
    public async Task The_InTunnel_sample_finds_everything_as_promised()
    {
        await using var server = await SampleFiles.StartServerAsync(folder.Path);
        string said = await SucceedsAsync("bash", "intunnel", "intunnel.sh", server);
        said.Should().Contain("the session has ended").And.NotContain("second factor").And.NotContain("waiting");
    }

    [NeedsCommandFact("bash", "curl", "jq")]
    public async Task The_InTunnel_sample_shows_a_second_factor_and_no_secret_on_a_command_line()
    {
        string programs = Directory.CreateDirectory(Path.Combine(folder.Path, "programs")).FullName, seen = Path.Combine(folder.Path, "seen");
        foreach (string program in (string[])["curl", "jq", "awk", "tr", "date", "sleep", "mktemp", "rm"]) Watch(programs, program);
        string path = Environment.GetEnvironmentVariable("PATH")!;
        await using var server = await SampleFiles.StartServerAsync(folder.Path);
        string code = JohnsCode();
        string said = await SucceedsAsync("bash", "intunnel", "intunnel.sh", server, ("INTUNNEL_EMAIL", "john.roe@example.com"), ("INTUNNEL_PASSWORD", JohnsPassword), ("INTUNNEL_CODE", code),
            ("PATH", programs + Path.PathSeparator + path), ("REAL_PATH", path), ("SEEN", seen));
        said.Should().Contain("the second factor is due").And.Contain("the session has ended");
        const string Secrets = @"eyJ[\w-]{10}|(tt|temp)_[\w-]{20}";
        string lines = await File.ReadAllTextAsync(seen);
        lines.Should().Contain("/api/verify-2fa").And.NotContain(JohnsPassword).And.NotContain(code).And.NotMatchRegex(Secrets);
        said.Should().NotContain(JohnsPassword).And.NotMatchRegex(Secrets);
    }

    [NeedsCommandFact("bash", "curl", "jq")]
    public async Task The_InTunnel_sample_asks_for_the_code_it_needs()
    {
        await using var server = await SampleFiles.StartServerAsync(folder.Path);
        (await FailsAsync("bash", "intunnel", "intunnel.sh", server.Address, ("INTUNNEL_EMAIL", "john.roe@example.com"), ("INTUNNEL_PASSWORD", JohnsPassword))).Should().Contain("INTUNNEL_CODE");
        (await FailsAsync("bash", "intunnel", "intunnel.sh", server.Address, ("INTUNNEL_PASSWORD", "another"))).Should().Contain("Invalid email or password");
    }

    [NeedsCommandFact("bash", "curl", "jq")]
    public async Task The_InTunnel_sample_waits_as_long_as_the_server_says()
    {
        const string Waits = @"(?s)waiting.*ok  signed in.*waiting.*ok  the session has ended";
        string said = "";
        // A window that is over before the sample comes lets it through; where the machine is that slow, a longer one holds it up.
        foreach (int seconds in (int[])[1, 15, 60])
        {
            await using var server = await SampleFiles.StartServerAsync(folder.Path,
                "--RateLimits:Login:Permits=1", $"--RateLimits:Login:Window={TimeSpan.FromSeconds(4 * seconds)}", "--RateLimits:Api:Permits=2", $"--RateLimits:Api:Window={TimeSpan.FromSeconds(seconds)}");
            using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
            using var first = await http.PostAsync("/api/login", null);
            said = await SucceedsAsync("bash", "intunnel", "intunnel.sh", server);
            if (Regex.IsMatch(said, Waits)) break;
        }
        said.Should().MatchRegex(Waits);
    }

    [NeedsCommandFact("node")]
    public async Task The_VPN_Enterprise_sample_finds_everything_as_promised()
    {
        await using var server = await SampleFiles.StartServerAsync(folder.Path);
        (await SucceedsAsync("node", "vpn-enterprise", "vpn-enterprise.mjs", server)).Should().Contain("ok  logout");
        (await SucceedsAsync("node", "vpn-enterprise", "vpn-enterprise.mjs", server, ("VPN_EMAIL", "john.roe@example.com"), ("VPN_PASSWORD", JohnsPassword), ("VPN_CODE", JohnsCode())))
            .Should().Contain("John Roe").And.Contain("ok  logout");
        (await FailsAsync("node", "vpn-enterprise", "vpn-enterprise.mjs", server.Address, ("VPN_PASSWORD", "another"))).Should().Contain("Invalid email or password");
    }

    [NeedsPythonFact]
    public async Task The_PIN_sample_finds_everything_as_promised()
    {
        (await ServerProcess.RunAsync(folder.Path, ["pin", "set", "--create"], "2468\n")).ExitCode.Should().Be(0);
        await using var server = await SampleFiles.StartServerAsync(folder.Path);
        (await SucceedsAsync(Python.Program, "pin", "pin.py", server)).Should().Contain("the server is ok").And.Contain("the PIN is wrong");
        (await FailsAsync(Python.Program, "pin", "pin.py", server.Address, ("PIN", "1357"))).Should().Contain("the PIN is wrong");
    }

    [NeedsPythonFact]
    public async Task The_PIN_sample_explains_a_server_without_a_PIN_and_one_that_was_asked_too_often()
    {
        await using var server = await SampleFiles.StartServerAsync(folder.Path, "--RateLimits:Pin:Permits=1");
        (await FailsAsync(Python.Program, "pin", "pin.py", server.Address)).Should().Contain("No such file or directory").And.Contain("TokenServer pin set");
        (await FailsAsync(Python.Program, "pin", "pin.py", server.Address)).Should().MatchRegex("too many attempts from this address, try again in [1-9][0-9]? s");
    }

    [NeedsPythonFact]
    public async Task The_account_sample_finds_everything_as_promised_and_leaves_it_as_it_was()
    {
        await using var server = await SampleFiles.StartServerAsync(folder.Path);
        foreach (int _ in Enumerable.Range(1, 2))
            (await SucceedsAsync(Python.Program, "account", "account.py", server)).Should().Contain("changed it back").And.Contain("Successfully logged out");
        (await FailsAsync(Python.Program, "account", "account.py", server.Address, ("ACCOUNT_PASSWORD", "another"))).Should().Contain("Invalid credentials");
    }

    [NeedsCommandFact("bash", "curl", "jq", "node")]
    public async Task The_samples_say_where_nobody_answers()
    {
        // Bound and not listening: nobody else gets this port either.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string nobody = $"http://{deaf.LocalEndPoint}";
        (await FailsAsync("bash", "intunnel", "intunnel.sh", nobody)).Should().Contain(nobody);
        (await FailsAsync("node", "vpn-enterprise", "vpn-enterprise.mjs", nobody)).Should().Contain($"{deaf.LocalEndPoint}");
        foreach (string sample in Python.Exists ? ["pin", "account"] : Array.Empty<string>()) (await FailsAsync(Python.Program, sample, sample + ".py", nobody)).Should().Contain(nobody);
    }

    public void Dispose() => folder.Dispose();

    // That of the next time step: it is good already, and for a minute at least, while this one may have a moment left.
    private static string JohnsCode() => Authenticator.Code(JohnsAuthenticator, TimeProvider.System.GetUtcNow(), steps: 1);

    private static async Task<string> SucceedsAsync(string program, string sample, string file, CrashableServer server, params (string Name, string Value)[] environment)
    {
        var (code, said) = await Command.RunAsync(program, [file, server.Address], SampleFiles.Folder(sample), [.. NoProxy, .. environment]);
        code.Should().Be(0, said);
        return said;
    }

    // It ends with a code other than 0 and says why in one line.
    private static async Task<string> FailsAsync(string program, string sample, string file, string address, params (string Name, string Value)[] environment)
    {
        var (code, said) = await Command.RunAsync(program, [file, address], SampleFiles.Folder(sample), [.. NoProxy, .. environment]);
        code.Should().Be(1, said);
        return said.Split('\n').Should().ContainSingle(line => line.StartsWith("NOT ", StringComparison.Ordinal)).Which;
    }

    // A program that writes its arguments down and then does what it always does.
    private static void Watch(string programs, string program)
    {
        string file = Path.Combine(programs, program);
        File.WriteAllText(file, $"#!/bin/sh\nprintf '%s\\n' \"$*\" >>\"$SEEN\"\nPATH=$REAL_PATH\nexec {program} \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
