using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace TokenServer.Tests.Support;

/// <summary>The built program as a process of its own: a server that can be killed, and the commands that operators run beside it.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const string AnyPort = "http://127.0.0.1:0";
    private static readonly TimeSpan Patience = Eventually.Never;
    private readonly Process process;
    private readonly StringBuilder errors;
    private readonly List<string> output;

    private ServerProcess(Process process, StringBuilder errors, List<string> output, string folder, string address) =>
        (this.process, this.errors, this.output, Folder, Address, Http) = (process, errors, output, folder, address, new HttpClient { BaseAddress = new Uri(address), Timeout = Eventually.Never });

    /// <summary>The data directory; it stays when the process goes.</summary>
    public string Folder { get; }
    public string Address { get; }
    public HttpClient Http { get; }
    public int Id => process.Id;

    /// <summary>What it wrote to standard error so far.</summary>
    public string Error
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    /// <summary>The lines it wrote to standard output so far.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (output) return [.. output];
        }
    }

    /// <summary>Starts a server on a port of its own and returns when it listens.</summary>
    /// <param name="folder">The data directory.</param>
    /// <param name="settings">More settings, as <c>Section:Name</c> and value; they reach it as environment variables.</param>
    public static Task<ServerProcess> StartAsync(string folder, params (string Name, string? Value)[] settings) => StartAtAsync(AnyPort, folder, settings);

    /// <summary>Starts a server at <paramref name="address"/>, as one that comes back is found where it was.</summary>
    /// <inheritdoc cref="StartAsync(string, ValueTuple{string, string}[])"/>
    public static async Task<ServerProcess> StartAtAsync(string address, string folder, params (string Name, string? Value)[] settings) => await StartAsync(await CreateAsync(folder, ["--urls", address], settings), folder);

    /// <summary>Starts a server to which a file that may not grow is an error, as a full disk is, and not the end.</summary>
    /// <inheritdoc cref="StartAsync(string, ValueTuple{string, string}[])"/>
    public static async Task<ServerProcess> StartUnderFileLimitAsync(string folder, params (string Name, string? Value)[] settings)
    {
        var process = await CreateAsync(folder, ["--urls", AnyPort], settings);
        var arguments = process.StartInfo.ArgumentList;
        foreach (string word in (string[])[process.StartInfo.FileName, """trap '' XFSZ; exec "$0" "$@" """, "-c"]) arguments.Insert(0, word);
        process.StartInfo.FileName = "/bin/sh";
        return await StartAsync(process, folder);
    }

    /// <summary>Starts the demo, with its data in <paramref name="named"/>, a setting of the command's.</summary>
    public static async Task<ServerProcess> StartDemoAsync(string folder, string named) =>
        await StartAsync(await CreateAsync(folder, ["serve", "--demo", "--urls", AnyPort, $"--TokenServer:DataDirectory={named}"], []), folder);

    private static async Task<ServerProcess> StartAsync(Process process, string folder)
    {
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => { lock (errors) errors.AppendLine(line.Data); };
        process.Start();
        process.StandardInput.Close();
        process.BeginErrorReadLine();
        var output = new List<string>();
        using var patience = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            lock (output) output.Add(line);
            if (Listening().Match(line) is not { Success: true } match) continue;
            // What it says from here on is read on, so that it never waits for a reader.
            _ = KeepAsync(process.StandardOutput, output);
            return new ServerProcess(process, errors, output, folder, match.Groups[1].Value);
        }
        await process.WaitForExitAsync(patience.Token);
        throw new InvalidOperationException($"The server did not start ({process.ExitCode}): {errors}");
    }

    /// <summary>Runs the program to its end.</summary>
    /// <param name="folder">The data directory.</param>
    /// <param name="arguments">The command and what follows it.</param>
    /// <param name="input">Standard input; none where null.</param>
    /// <param name="settings">More settings, as <c>Section:Name</c> and value.</param>
    public static async Task<Ended> RunAsync(string folder, string[] arguments, string? input = null, params (string Name, string? Value)[] settings)
    {
        using var process = await CreateAsync(folder, arguments, settings);
        process.Start();
        using var patience = new CancellationTokenSource(Patience);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        return new Ended(process.ExitCode, await output, await error);
    }

    /// <summary>POSTs a form, authenticated by Basic unless <paramref name="client"/> is null.</summary>
    public async Task<Answer> PostAsync(string path, string? client, string secret, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        if (client is not null) request.Headers.Authorization = OAuth.Basic(client, secret);
        using var response = await Http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>Tells it to stop, as an orchestrator does (SIGTERM); it may take its time.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Has it stand still (SIGSTOP), as a machine that is suspended does.</summary>
    public Task SuspendAsync() => SignalAsync("STOP");

    /// <summary>Has it go on (SIGCONT).</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    /// <summary>Ends the process as a power failure would (SIGKILL) and returns when it is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!process.HasExited) await KillAsync();
        process.Dispose();
    }

    private Task<(int Code, string Output)> SignalAsync(string signal) => Command.SignalAsync(signal, Id);

    private static async Task KeepAsync(StreamReader reader, List<string> output)
    {
        while (await reader.ReadLineAsync() is { } line)
            lock (output) output.Add(line);
    }

    private static async Task<Process> CreateAsync(string folder, string[] arguments, (string Name, string? Value)[] settings)
    {
        var start = new ProcessStartInfo(Command.DotNet, [BuiltProgram.Path, .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        };
        // The settings of whoever runs the tests are not the server's.
        foreach (string name in start.Environment.Keys.Where(n => n.Contains("__", StringComparison.Ordinal) || n.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || n.StartsWith("OTEL_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["TokenServer__DataDirectory"] = folder;
        if (await TestDatabases.ConnectionStringAsync(folder) is { } connection) start.Environment["ConnectionStrings__Default"] = connection;
        foreach (var (name, value) in settings) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        await OrdinaryUser.RunAsAsync(start, folder);
        return new Process { StartInfo = start };
    }

    [GeneratedRegex(@"Now listening on: ([^\s""]+)")]
    private static partial Regex Listening();

    /// <summary>How a run of the program ended.</summary>
    internal sealed record Ended(int ExitCode, string Output, string Error);
}
