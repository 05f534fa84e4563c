using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenServer.Foundation;
using TokenServer.Hosting;
using TokenServer.Import;
using TokenServer.Protection;
using TokenServer.Scheduling;
using TokenServer.Storage;

namespace TokenServer.Tests.Support;

/// <summary>The real server on a real socket, in this process: a port of its own, a database of its own (<see cref="TestDatabases"/>), a clock that the test moves.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly bool ownsFolder;
    private bool stopped;

    private TestServer(WebApplication app, ManualClock clock, CapturedLog log, string folder, bool ownsFolder, bool isPatient)
    {
        (this.app, Clock, Log, Folder, this.ownsFolder) = (app, clock, log, folder, ownsFolder);
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        HttpMessageHandler way = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        Http = new HttpClient(isPatient ? new Patient(way) : way) { BaseAddress = new Uri(Address), Timeout = Eventually.Never };
    }

    public string Address { get; }
    public HttpClient Http { get; }
    public ManualClock Clock { get; }
    public CapturedLog Log { get; }

    /// <summary>The data directory; a second server on the same one finds what the first left.</summary>
    public string Folder { get; }

    /// <summary>Starts a server with the clients and users of <paramref name="import"/> (<see cref="TestImport.Json"/> unless given).</summary>
    /// <param name="settings">Settings as <c>--Section:Name=value</c>.</param>
    /// <param name="import">An import file's text.</param>
    /// <param name="folder">A data directory to go on with: as it is, unless it is empty or <paramref name="import"/> is given.</param>
    /// <param name="clock">A clock to share.</param>
    /// <param name="hashesInEarnest">Whether passwords and secrets cost what they do in a server, for tests about that; else next to nothing.</param>
    /// <param name="schedules">Whether the scheduler runs; by the clock that stands still nothing falls due.</param>
    /// <param name="isPatient">Whether its client waits where the server is busy.</param>
    public static async Task<TestServer> StartAsync(string[]? settings = null, string? import = null, string? folder = null, ManualClock? clock = null,
        bool hashesInEarnest = false, bool schedules = false, bool isPatient = false, Action<IServiceCollection>? configure = null)
    {
        string data = folder ?? (import is null ? await TestTemplate.CopyAsync() : Directory.CreateTempSubdirectory("tokenserver-test-").FullName);
        if (folder is not null && import is null && !Directory.EnumerateFileSystemEntries(folder).Any()) await TestTemplate.CopyAsync(folder);
        clock ??= new ManualClock();
        var log = new CapturedLog();
        string[] database = await TestDatabases.ConnectionStringAsync(data) is { } connection ? [$"--ConnectionStrings:Default={connection}"] : [];
        var app = ServerHost.Build(["--urls=http://127.0.0.1:0", $"--TokenServer:DataDirectory={data}", "--environment=Development", .. database, .. settings ?? []], builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
            if (!hashesInEarnest) builder.Services.AddSingleton(_ => new PasswordHashing(rounds: 1));
            if (!schedules) builder.Services.Remove(builder.Services.First(s => s.ImplementationType == typeof(HostedScheduler)));
            configure?.Invoke(builder.Services);
            builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        });
        await ServerHost.PrepareAsync(app.Services);
        if (import is not null) await app.Services.GetRequiredService<Importer>().ApplyAsync(ImportDocument.Parse(System.Text.Encoding.UTF8.GetBytes(import)), "test");
        await app.StartAsync();
        return new TestServer(app, clock, log, data, ownsFolder: folder is null, isPatient);
    }

    /// <summary>A part of the core, for what no route shows yet.</summary>
    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>The kinds of the audit entries so far, in their order.</summary>
    public IReadOnlyList<string> AuditedEvents() => Get<Database>().Read(s => s.All("""SELECT "Event" FROM "Audit" ORDER BY "Id" """, r => r.GetString(0)));

    /// <summary>Stops the server and closes its database; the folder stays until it is disposed of.</summary>
    public async Task StopAsync()
    {
        if (stopped) return;
        stopped = true;
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (!ownsFolder) return;
        await TestDatabases.DropAsync(Folder);
        Directory.Delete(Folder, recursive: true);
    }
}
