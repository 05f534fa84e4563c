using System.Diagnostics;

namespace TokenServer.Tests.Support;

/// <summary>The program itself, as a process of its own on a port of its own, which a test may kill without warning.</summary>
internal sealed class CrashableServer : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private readonly Process process;
    private readonly HttpClient http;
    private bool isDisposed;

    private CrashableServer(Process process, string address)
    {
        (this.process, Address) = (process, address);
        http = new HttpClient(new Patient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })) { BaseAddress = new Uri(address), Timeout = Eventually.Never };
    }

    public string Address { get; }

    /// <summary>Starts the program on <paramref name="folder"/> and waits until it listens.</summary>
    /// <param name="folder">The data directory.</param>
    /// <param name="settings">Settings as <c>--Section:Name=value</c>.</param>
    public static async Task<CrashableServer> StartAsync(string folder, params string[] settings)
    {
        string[] database = await TestDatabases.ConnectionStringAsync(folder) is { } connection ? [$"--ConnectionStrings:Default={connection}"] : [];
        var start = new ProcessStartInfo(Command.DotNet,
            [BuiltProgram.Path, "serve", "--urls=http://127.0.0.1:0", "--environment=Development", $"--TokenServer:DataDirectory={folder}", .. database, .. settings])
        { RedirectStandardOutput = true };
        await OrdinaryUser.RunAsAsync(start, folder);
        var process = Process.Start(start)!;
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (line.Split(Listening) is not [_, var address]) continue;
            // Whatever else it says must not fill the pipe.
            _ = process.StandardOutput.ReadToEndAsync();
            return new CrashableServer(process, address);
        }
        await process.WaitForExitAsync();
        throw new InvalidOperationException($"the server did not start (code {process.ExitCode}): {string.Join('\n', said)}");
    }

    /// <summary>POSTs a form, authenticated by Basic with the test secret.</summary>
    /// <exception cref="HttpRequestException">The server is gone; whether it did what was asked is not known.</exception>
    public async Task<Answer> PostAsync(string path, string client, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        request.Headers.Authorization = OAuth.Basic(client, TestImport.Secret);
        using var response = await http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>Ends the program without warning: SIGKILL, no last words.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        await KillAsync();
        process.Dispose();
        http.Dispose();
    }
}
