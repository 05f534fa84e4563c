using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Browser.Tests.Support;

/// <summary>A sample under way, as a person would start it: its folder, its command, its variables.</summary>
internal sealed class SampleProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process process;
    private readonly BlockingCollection<string> lines = [];

    private SampleProgram(Process process)
    {
        this.process = process;
        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts a program with <paramref name="settings"/> in its environment.</summary>
    public static SampleProgram Start(string folder, string program, string[] words, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(program, words) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        return new SampleProgram(Process.Start(start)!);
    }

    /// <summary>The folder of one sample in the repository.</summary>
    public static string Folder(string sample)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Auth.sln"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new InvalidOperationException("the tests do not run from inside the repository"), "samples", sample);
    }

    /// <summary>A copy of a Node sample with its packages, which are installed once for each lock file.</summary>
    public static async Task<string> InstalledAsync(string sample)
    {
        string source = Folder(sample);
        byte[] locked = await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"));
        string cache = Path.Combine(Path.GetTempPath(), $"tokenserver-sample-{sample}-{Convert.ToHexString(SHA256.HashData(locked))[..16]}");
        string fresh = Directory.Exists(cache) ? cache : Directory.CreateTempSubdirectory("tokenserver-sample-").FullName;
        foreach (string file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(fresh, Path.GetFileName(file)), overwrite: true);
        if (fresh == cache) return cache;
        await using var npm = Start(fresh, "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        await npm.EndsWellAsync();
        Directory.Move(fresh, cache);
        return cache;
    }

    /// <summary>A port that was free a moment ago, for a program that cannot be told to take any.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Returns the first line that has <paramref name="part"/> in it.</summary>
    public string LineWith(string part)
    {
        using var patience = new CancellationTokenSource(Patience);
        var said = new List<string>();
        try
        {
            foreach (string line in lines.GetConsumingEnumerable(patience.Token))
            {
                if (line.Contains(part, StringComparison.Ordinal)) return line;
                said.Add(line);
            }
        }
        catch (OperationCanceledException)
        {
            // Said below.
        }
        throw new InvalidOperationException($"it never said '{part}', but: {string.Join('\n', said)}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private async Task EndsWellAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        process.ExitCode.Should().Be(0, string.Join('\n', lines));
    }

    private void Hear(object sender, DataReceivedEventArgs heard)
    {
        if (heard.Data is { } line) lines.Add(line);
    }
}
