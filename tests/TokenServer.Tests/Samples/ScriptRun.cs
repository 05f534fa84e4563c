using System.Diagnostics;
using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>A script under way, in a session of its own: it has no terminal, whatever the tests have.</summary>
internal sealed class ScriptRun : IAsyncDisposable
{
    /// <summary>What it needs beside bash.</summary>
    public const string Setsid = "setsid", Curl = "curl", KeyGen = "ssh-keygen", Lock = "flock";

    private static readonly TimeSpan Patience = Eventually.Never;
    private readonly Process process;
    private readonly StringBuilder said = new(), output = new();
    private readonly Task heard;

    private ScriptRun(Process process, bool isAtTerminal)
    {
        this.process = process;
        heard = Task.WhenAll(HearAsync(process.StandardOutput, isAtTerminal ? said : output), HearAsync(process.StandardError, said));
    }

    /// <summary>Its process, which leads a session and a group.</summary>
    public int Id => process.Id;

    /// <summary>What it said so far.</summary>
    public string Said => TextOf(said);

    /// <summary>What is on its standard output so far.</summary>
    public string Output => TextOf(output);

    /// <summary>Starts a script; nothing is on its standard input.</summary>
    /// <param name="words">The script and its arguments.</param>
    /// <param name="settings">Its environment beside the tests' own; <c>SLOWDNS_</c> settings of theirs are none of its business.</param>
    /// <param name="isAtTerminal">Whether it has a terminal, at which the test types; in the end stty(1) says in which state that is.</param>
    public static ScriptRun Start(string[] words, IReadOnlyDictionary<string, string> settings, bool isAtTerminal = false)
    {
        // A shell cannot trap a SIGINT that it was started to ignore, and a job in the background is started so.
        string[] program = isAtTerminal ? ["script", "--quiet", "--return", "--command", $"exec bash -c 'trap : INT; bash {string.Join(' ', words)}; code=$?; stty; exit $code'", "/dev/null"] : ["bash", .. words];
        var start = new ProcessStartInfo(Setsid, ["env", "--default-signal=INT", .. program])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string name in start.Environment.Keys.Where(n => n.StartsWith("SLOWDNS_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (string name in (string[])["NO_PROXY", "no_proxy"]) start.Environment[name] = "127.0.0.1";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var process = Process.Start(start)!;
        if (!isAtTerminal) process.StandardInput.Close();
        return new ScriptRun(process, isAtTerminal);
    }

    /// <summary>Types at its terminal.</summary>
    public async Task TypeAsync(string keys)
    {
        await process.StandardInput.WriteAsync(keys);
        await process.StandardInput.FlushAsync();
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="signal">INT, TERM or HUP.</param>
    /// <param name="toGroup">To its children too, as a terminal does.</param>
    public async Task SignalAsync(string signal, bool toGroup = false)
    {
        var (code, problem) = await Command.SignalAsync(signal, toGroup ? -Id : Id);
        code.Should().Be(0, problem);
    }

    /// <summary>Returns when it has said <paramref name="text"/>.</summary>
    public async Task SaysAsync(string text) =>
        (await Eventually.TrueAsync(() => Task.FromResult(Said.Contains(text, StringComparison.Ordinal)), Patience)).Should().BeTrue("it says {0}, but said {1}", text, Said);

    /// <summary>Waits for it and everything it started to end.</summary>
    public async Task<Ended> EndAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            await process.WaitForExitAsync(patience.Token);
            // Its streams end when nobody is left who could write to them.
            await heard.WaitAsync(patience.Token);
            return new Ended(process.ExitCode, Said, TextOf(output));
        }
        catch (OperationCanceledException e)
        {
            await SignalAsync("KILL", toGroup: true);
            throw new TimeoutException($"it did not end, and said: {Said}", e);
        }
    }

    /// <summary>Ends it where a test failed before it did: told first, so that it may clean up. It never fails, and hides no reason.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (string signal in (string[])["TERM", "KILL"])
        {
            if (process.HasExited) break;
            await Command.SignalAsync(signal, -Id);
            await Eventually.TrueAsync(() => Task.FromResult(process.HasExited), Patience);
        }
        process.Dispose();
    }

    /// <summary>The command lines of all processes of its session.</summary>
    public IReadOnlyList<string> CommandLines() => [.. Processes().Select(p => File.ReadAllText(Path.Combine(p, "cmdline")).Replace('\0', ' '))];

    /// <summary>The environments of what it started, itself left out.</summary>
    public IReadOnlyList<string> EnvironmentsOfPrograms(string program) =>
        [.. Processes().Where(p => File.ReadAllText(Path.Combine(p, "comm")).Trim() == program).Select(p => File.ReadAllText(Path.Combine(p, "environ")))];

    // proc(5): the name in brackets, then state, parent, group, session.
    private IEnumerable<string> Processes() => Directory.GetDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)).Where(d =>
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(d, "stat"));
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3] == Id.ToString();
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    });

    private static async Task HearAsync(StreamReader stream, StringBuilder into)
    {
        char[] some = new char[1024];
        for (int read; (read = await stream.ReadAsync(some)) > 0;)
            lock (into) into.Append(some, 0, read);
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    /// <summary>How it ended.</summary>
    /// <param name="Code">Its exit code.</param>
    /// <param name="Said">Its standard error.</param>
    /// <param name="Output">Its standard output.</param>
    internal sealed record Ended(int Code, string Said, string Output);
}
