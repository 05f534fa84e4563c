using System.Diagnostics;
using System.Text.RegularExpressions;
using TokenServer.Tests.Connect.Device;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Samples;

/// <summary>The command line client of samples/tunnel-cli as it stands, against a server and a browser, with the demo's clients and users.</summary>
public sealed class TunnelCliTests : IAsyncLifetime, IDisposable
{
    // Its waits are a hundredth as long; nothing else of it is changed.
    private const string Impatient = "data:text/javascript,import timers from 'node:timers/promises'; import { syncBuiltinESMExports } from 'node:module'; "
        + "const wait = timers.setTimeout; timers.setTimeout = (ms) => wait(ms / 100); syncBuiltinESMExports();";

    private readonly TemporaryFolder home = new();
    private TestServer server = null!;
    private Browser jane = null!;

    private string Folder => Path.Combine(home.Path, "kept");
    private string[] Kept => Directory.GetFiles(Folder, "*.json");

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync(FaceRequests.NoLimits, await File.ReadAllTextAsync(SampleFiles.Folder("demo.json")));
        jane = new Browser(server);
        await jane.SignInAsync("jane.doe", "demo-password-of-jane");
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
    }

    public void Dispose()
    {
        jane.Dispose();
        home.Dispose();
    }

    [NeedsCommandFact("node")]
    public async Task It_signs_a_machine_in_calls_renews_and_signs_out()
    {
        var (code, said) = await LoginAsync("allow");
        code.Should().Be(0, said);
        said.Should().Contain("signed in as jane.doe").And.Contain($"{server.Address}/connect/verify?user_code=");
        string kept = Kept.Should().ContainSingle().Which;
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(kept).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(Folder).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (await RunAsync("whoami")).Should().Be((0, "jane.doe (Jane Doe)\n"));
        string token = (await RunAsync("token")).Said.Trim();
        await jane.GetAsync("/account/tunnels");
        await jane.PostAsync("/account/tunnels", ("name", "office"));
        (await RunAsync("tunnels")).Said.Should().Contain("office");
        (await jane.GetAsync("/account/sessions")).Body.Should().Contain("on gateway-3");
        // The server finds the token too old before the client does.
        server.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1));
        (await RunAsync("whoami")).Should().Be((0, "jane.doe (Jane Doe)\n"));
        string second = (await RunAsync("token")).Said.Trim();
        second.Should().NotBe(token);
        // The client finds it too old.
        await File.WriteAllTextAsync(kept, Regex.Replace(await File.ReadAllTextAsync(kept), "\"renew_at\":[0-9.]+", "\"renew_at\":0"));
        (await RunAsync("token")).Said.Trim().Should().NotBe(second);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(kept).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await RunAsync("logout")).Should().Be((0, "signed out\n"));
        Kept.Should().BeEmpty();
        (await server.UserInfoAsync(second)).Status.Should().Be(401, "the session is over at the server");
        (await RunAsync("whoami")).Said.Should().Be(Nobody(server.Address));
        (await RunAsync("logout")).Should().Be((1, Nobody(server.Address)), "there was nothing to end");
    }

    [NeedsCommandFact("node")]
    public async Task It_says_what_became_of_it_where_somebody_else_decides()
    {
        var (code, said) = await LoginAsync("deny");
        (code, said.TrimEnd().Split('\n')[^1]).Should().Be((1, "NOT done: the device was denied"));
        Directory.Exists(Folder).Should().BeFalse("there is nothing to keep");
        (await LoginAsync("allow")).Code.Should().Be(0);
        await jane.GetAsync("/account/sessions");
        (await jane.PostAsync("/account/sessions/end-others")).Status.Should().Be(303);
        (await RunAsync("whoami")).Should().Be((1, "NOT done: the sign-in was ended: run tunnel-cli login\n"));
        Kept.Should().BeEmpty();
        (await RunAsync("dance")).Code.Should().Be(2);
    }

    [NeedsCommandFact("node")]
    public async Task Where_nobody_answers_it_says_so_and_keeps_what_it_has()
    {
        (await LoginAsync("allow")).Code.Should().Be(0);
        await server.StopAsync();
        foreach (string command in (string[])["whoami", "logout"])
        {
            var (code, said) = await RunAsync(command);
            code.Should().Be(1);
            said.Should().StartWith($"NOT done: {server.Address} does not answer");
        }
        Kept.Should().ContainSingle("signing out has to be said to the server first");
    }

    [NeedsCommandFact("node")]
    public async Task The_server_of_the_last_login_is_the_one_that_is_meant()
    {
        (await RunAsync("whoami", hasAddress: false)).Should().Be((1, Nobody("http://localhost:5000")));
        (await LoginAsync("allow")).Code.Should().Be(0);
        (await RunAsync("whoami", hasAddress: false)).Should().Be((0, "jane.doe (Jane Doe)\n"));
        (await RunAsync("logout", hasAddress: false)).Should().Be((0, "signed out\n"));
        Kept.Should().BeEmpty();
    }

    private static string Nobody(string address) =>
        $"NOT done: nobody is signed in at {address}: run tunnel-cli login, or name the server that you have signed in at\n";

    [Fact]
    public void The_lock_file_names_no_registry() =>
        File.ReadAllText(Path.Combine(SampleFiles.Folder("tunnel-cli"), "package-lock.json")).Should().NotContain("\"resolved\"").And.Contain("\"integrity\"");

    // The machine shows its code, and a person decides in a browser while it waits.
    private async Task<(int Code, string Said)> LoginAsync(string decision)
    {
        using var process = Start("login");
        var output = process.StandardOutput.ReadToEndAsync();
        string said = "", userCode = "";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said += line + "\n";
            if (userCode.Length > 0 || Regex.Match(line, "enter the code ([A-Z]{4}-[A-Z]{4})") is not { Success: true } match) continue;
            userCode = match.Groups[1].Value;
            (await jane.DecideAsync(userCode, decision)).Status.Should().Be(303);
        }
        await process.WaitForExitAsync();
        return (process.ExitCode, said + await output);
    }

    private async Task<(int Code, string Said)> RunAsync(string command, bool hasAddress = true)
    {
        using var process = Start(command, hasAddress);
        string[] said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }

    private Process Start(string command, bool hasAddress = true)
    {
        var start = new ProcessStartInfo("node", ["--import", Impatient, "tunnel-cli.js", command, .. hasAddress ? [server.Address] : Array.Empty<string>()])
            { WorkingDirectory = SampleFiles.Folder("tunnel-cli"), RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in ((string, string)[])[("TUNNEL_CLI_HOME", Folder), ("TUNNEL_CLI_DEVICE_NAME", "gateway-3"), ("NO_PROXY", "127.0.0.1"), ("no_proxy", "127.0.0.1")])
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
