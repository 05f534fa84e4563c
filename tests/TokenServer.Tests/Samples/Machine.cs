using System.Security.Cryptography;
using System.Text.RegularExpressions;
using InstallLifecycle.Codes.Page;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>A machine to install on: a root folder, an id and an SSH host key of its own.</summary>
internal sealed partial class Machine : IDisposable
{
    private const string Receipt = "600 etc/slowdns/receipt.jwt";

    /// <summary>What an install leaves, with the modes.</summary>
    public static readonly string[] Installed =
    [
        "755 etc/", "755 etc/slowdns/", "600 etc/slowdns/agent.conf", Receipt, "600 etc/slowdns/server-token", "755 etc/systemd/", "755 etc/systemd/system/",
        "644 etc/systemd/system/slowdns-agent.service", "644 etc/systemd/system/slowdns-agent.timer",
        "755 usr/", "755 usr/local/", "755 usr/local/lib/", "755 usr/local/lib/slowdns/", "755 usr/local/lib/slowdns/agent.sh",
        "755 var/", "755 var/lib/", "700 var/lib/slowdns/", "600 var/lib/slowdns/checkin-key",
    ];

    /// <summary>The scripts as the server hands them out.</summary>
    public static readonly string Script = Delivered("install.sh", PageFiles.Installer!), AgentScript = Delivered("agent.sh", PageFiles.Agent!);

    private readonly TemporaryFolder folder = new();

    private Machine()
    {
        Root = Directory.CreateDirectory(Path.Combine(folder.Path, "root")).FullName;
        Temporary = Directory.CreateDirectory(Path.Combine(folder.Path, "tmp")).FullName;
        // It fetches its agent.
        Alone = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, "alone")).FullName, "install.sh");
        File.Copy(Script, Alone);
    }

    public string Root { get; }
    public string Temporary { get; }
    public string Alone { get; }
    public string Agent => Path.Combine(Root, "usr/local/lib/slowdns/agent.sh");
    public string ReceiptFile => Path.Combine(Root, "etc/slowdns/receipt.jwt");
    public string KeyFile => Path.Combine(Root, "var/lib/slowdns/checkin-key");
    public string MachineIdFile => Path.Combine(folder.Path, "machine-id");
    public string HostKey => Path.Combine(folder.Path, "key");
    public string ServerTokenFile => Path.Combine(Root, "etc/slowdns/server-token");

    /// <summary>What systemctl was asked to do, a line each.</summary>
    public string[] SystemctlCalls => File.Exists(Path.Combine(folder.Path, "systemctl.log")) ? File.ReadAllLines(Path.Combine(folder.Path, "systemctl.log")) : [];

    /// <summary>The files and folders below the root, with their modes.</summary>
    public IReadOnlyList<string> Pieces => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Describe)];

    public static async Task<Machine> CreateAsync()
    {
        var machine = new Machine();
        machine.folder.Write("machine-id", RandomNumberGenerator.GetHexString(32, lowercase: true) + "\n");
        var (code, said) = await Command.RunAsync(ScriptRun.KeyGen, ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", Path.Combine(machine.folder.Path, "key")]);
        code.Should().Be(0, said);
        return machine;
    }

    /// <summary>Starts the installer.</summary>
    /// <param name="address">The server's.</param>
    /// <param name="code">The install code.</param>
    /// <param name="settings">Environment variables instead of the usual ones, or more of them.</param>
    public ScriptRun Start(string address, string code, params (string Name, string Value)[] settings) => Start(Script, address, code, settings);

    /// <summary>As above, with a script that is somewhere else.</summary>
    public ScriptRun Start(string script, string address, string code, params (string Name, string Value)[] settings) => ScriptRun.Start([script], Environment(address, code, script == Alone ? [("SLOWDNS_AGENT_FILE", ""), .. settings] : settings));

    /// <summary>Makes another SSH host key; its public file.</summary>
    public async Task<string> KeyAsync(params string[] options)
    {
        string path = Path.Combine(folder.Path, "key-" + RandomNumberGenerator.GetHexString(8));
        var (code, said) = await Command.RunAsync(ScriptRun.KeyGen, ["-q", "-C", "", "-f", path, .. options]);
        code.Should().Be(0, said);
        return path + ".pub";
    }

    /// <summary>Puts a file beside the machine.</summary>
    public string Write(string name, string text) => folder.Write(name, text);

    /// <summary>A copy of the root, as who clones a disk or a folder has it: with another machine's id and host key if it is not this one's.</summary>
    public async Task<Machine> CloneAsync()
    {
        var clone = await CreateAsync();
        var (code, said) = await Command.RunAsync("cp", ["-a", Root + "/.", clone.Root]);
        code.Should().Be(0, said);
        return clone;
    }

    /// <summary>Installs, to the end.</summary>
    public Task<ScriptRun.Ended> InstallAsync(string address, string code, params (string Name, string Value)[] settings) => Start(address, code, settings).EndAsync();

    /// <summary>Does what a line for a shell says, in a folder where nothing else is; whoever that is has all rights.</summary>
    public Task<ScriptRun.Ended> DoAsync(string line, string code)
    {
        string here = Directory.CreateDirectory(Path.Combine(folder.Path, "here")).FullName;
        Executable("sudo", "#!/bin/sh\nexec env \"$@\"\n");
        return ScriptRun.Start(["-c", $"cd '{here}' && {line}"], Environment("", code, ("SLOWDNS_AGENT_FILE", ""), ("TMPDIR", here), ("PATH", folder.Path + Path.PathSeparator + System.Environment.GetEnvironmentVariable("PATH")))).EndAsync();
    }

    /// <summary>Starts the agent that is installed.</summary>
    public ScriptRun StartAgent(string command, params (string Name, string Value)[] settings) =>
        ScriptRun.Start([Agent, command], new Dictionary<string, string>(settings.Select(s => KeyValuePair.Create(s.Name, s.Value)))
        {
            ["TMPDIR"] = Temporary, ["SLOWDNS_PAUSE"] = "0", ["SLOWDNS_SYSTEMCTL"] = Systemctl(),
        });

    /// <summary>Runs the agent that is installed, to the end.</summary>
    public Task<ScriptRun.Ended> AgentAsync(string command = "checkin", params (string Name, string Value)[] settings) => StartAgent(command, settings).EndAsync();

    /// <summary>A program that takes systemd's place, writes down what it was asked and fails where it is asked for <paramref name="failing"/>.</summary>
    public string Systemctl(string failing = "nothing") =>
        Executable("systemctl-" + failing, $"#!/bin/sh\necho \"$*\" >>'{folder.Path}/systemctl.log'\ncase \"$*\" in *{failing}*) exit 1 ;; esac\n");

    /// <summary>A program of this machine that, the first time, does nothing until it is killed or the file that says it was reached is deleted.</summary>
    public ((string Name, string Value)[] Settings, string Reached) Stall(string program)
    {
        string programs = Directory.CreateDirectory(Path.Combine(folder.Path, "programs")).FullName, reached = Path.Combine(folder.Path, "reached"), path = System.Environment.GetEnvironmentVariable("PATH")!;
        string wrapper = Executable(Path.Combine("programs", program), $$"""
            #!/bin/sh
            PATH='{{path}}'
            if mkdir '{{folder.Path}}/stalled' 2>/dev/null; then
              : >'{{reached}}'
              while [ -e '{{reached}}' ]; do sleep 0.02; done
            fi
            exec {{(program == "systemctl" ? "true" : program)}} "$@"

            """);
        return ([("PATH", programs + Path.PathSeparator + path), .. program == "systemctl" ? [("SLOWDNS_SYSTEMCTL", wrapper)] : Array.Empty<(string, string)>()], reached);
    }

    /// <summary>Starts the installer at a terminal, where it asks for everything but the server's address.</summary>
    public ScriptRun StartAtTerminal(string address, params string[] arguments) =>
        ScriptRun.Start([Script, .. arguments], Environment(address, "", ("SLOWDNS_HOSTNAME", ""), ("SLOWDNS_PUBLIC_IP", "")), isAtTerminal: true);

    /// <summary>All the environment variables of an install.</summary>
    public Dictionary<string, string> Environment(string address, string code, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["SLOWDNS_URL"] = address, ["SLOWDNS_INSTALL_CODE"] = code, ["SLOWDNS_HOSTNAME"] = "ns1.example.com", ["SLOWDNS_PUBLIC_IP"] = "192.0.2.53", ["SLOWDNS_ROOT"] = Root,
            ["SLOWDNS_MACHINE_ID_FILE"] = Path.Combine(folder.Path, "machine-id"), ["SLOWDNS_SSH_HOST_KEY"] = Path.Combine(folder.Path, "key.pub"), ["TMPDIR"] = Temporary, ["SLOWDNS_PAUSE"] = "0",
            ["SLOWDNS_AGENT_FILE"] = AgentScript,
        };
        foreach (var (name, value) in settings) all[name] = value;
        return all;
    }

    /// <summary>Nothing secret is in what was said.</summary>
    public static void ShouldTellNoSecret(string said, string code) => said.Should().NotContain(code).And.NotMatchRegex(Secrets().ToString());

    /// <summary>There is no trace of an install.</summary>
    public void ShouldBeEmpty(string because)
    {
        Pieces.Should().BeEmpty(because);
        Directory.EnumerateFileSystemEntries(Temporary).Should().BeEmpty(because);
    }

    /// <summary>There is all of an install, and nothing else.</summary>
    public void ShouldBeInstalled(string because, bool hasReceipt = true)
    {
        Pieces.Should().Equal(hasReceipt ? Installed : Installed.Where(p => p != Receipt), because);
        Directory.EnumerateFileSystemEntries(Temporary).Should().BeEmpty(because);
    }

    public void Dispose() => folder.Dispose();

    private string Executable(string name, string text)
    {
        string path = folder.Write(name, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private string Describe(string path)
    {
        string mode = OperatingSystem.IsWindows() ? "?" : Convert.ToString((int)File.GetUnixFileMode(path), 8);
        return $"{mode} {Path.GetRelativePath(Root, path)}{(Directory.Exists(path) ? "/" : "")}";
    }

    private static string Delivered(string name, EmbeddedFile script)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "delivered-" + name), written = $"{path}.{System.Environment.ProcessId}";
        File.WriteAllBytes(written, script.Content.Span);
        File.Move(written, path, overwrite: true);
        return path;
    }

    // Precheck, install and server tokens.
    [GeneratedRegex(@"eyJ[\w-]{10}|st_[\w-]{20}")]
    private static partial Regex Secrets();
}
