using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Hosting;
using TokenServer.Import;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Transfers;

namespace TokenServer.Commands;

/// <summary><c>TokenServer serve</c>: runs the server until it is told to stop.</summary>
internal static partial class ServeCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "serve";

    // In the demo: Development, a database of its own, the demo's clients and users.
    private const string DemoDirectory = "--TokenServer:DataDirectory=data/demo", DemoFile = "demo.json";
    private static readonly string[] DemoSettings =
        ["--environment=Development", $"--TokenServer:ImportFile={DemoCommand.File}"];

    public static Command Create()
    {
        var demo = new Option<bool>(
            "--demo") { Description = "run in Development with the clients and users of samples/demo.json, and say what to try" };
        var command = new Command(Name, "Run the server (also without a command)") { demo };
        command.SetAction(
            (parsed, _) => parsed.GetValue(demo) ? RunAsync([DemoDirectory, .. CommandLine.Settings, .. DemoSettings], demo: true)
                : RunAsync([.. CommandLine.Settings], demo: false));
        return command;
    }

    private static async Task<int> RunAsync(string[] settings, bool demo)
    {
        var app = ServerHost.BuildParts(settings);
        try
        {
            await StartAsync(app, demo);
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop before it had begun.
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        await Stop.WhenToldAsync(app);
        return CommandLine.Done;
    }

    private static async Task StartAsync(WebApplication app, bool demo)
    {
        Production.Check(app.Services);
        app.Services.GetRequiredService<DataDirectory>().Create();
        await WaitForDatabaseAsync(app.Services);
        app.UseTokenServer();
        await ServerHost.PrepareAsync(app.Services);
        if (demo) RefuseOthersUsers(app.Services);
        var logger = app.Services.GetRequiredService<ILogger<Database>>();
        if (!app.Environment.IsDevelopment() && IsDemo(app.Services)) Log.IsDemo(logger);
        if (!app.Services.GetRequiredService<DatabaseProvider>().IsShared && Transfer.WasMade(app.Services.GetRequiredService<Database>()))
            Log.WasTransferred(logger);
        await app.Services.GetRequiredService<TimeOrderedId>().TakeNodeAsync(app.Services.GetRequiredService<Database>());
        await app.Services.GetRequiredService<ImportAtStart>().RunAsync();
        await ListenAsync(app);
        app.Services.GetRequiredService<HttpsAdvice>().Started(AddressesOf(app));
        // A first start builds EF's model for the schema and the import, and nothing needs it afterwards.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (demo) await SayWhatToTryAsync(app);
    }

    private static async Task ListenAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception e) when (e is FormatException or ArgumentOutOfRangeException)
        {
            throw new SettingException("urls", $"{e.Message}; an address has a scheme, as http://127.0.0.1:5000", e);
        }
        catch (SocketException e)
        {
            throw new IOException($"The server cannot listen at {app.Configuration["urls"] ?? "its addresses"}: {e.Message}", e);
        }
    }

    // Replicas and the database server are started in whatever order.
    private static async Task WaitForDatabaseAsync(IServiceProvider services)
    {
        var provider = services.GetRequiredService<DatabaseProvider>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            try
            {
                provider.Open().Dispose();
                return;
            }
            catch (DbException e) when (provider.IsShared && provider.IsAway(e))
            {
                Log.Waiting(services.GetRequiredService<ILogger<Database>>(), e.GetBaseException().Message);
            }
            catch (DbException e)
            {
                throw provider.Explain(e);
            }
        }
        while (await timer.WaitForNextTickAsync());
    }

    private static ICollection<string> AddressesOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    // Passwords that everybody knows must open nothing but the demo.
    private static void RefuseOthersUsers(IServiceProvider services)
    {
        const string Registered = $"""
            SELECT 1 FROM "AspNetUsers" UNION ALL SELECT 1 FROM "OpenIddictApplications" WHERE {ClientColumns.IsRegistered} LIMIT 1
            """;
        if (IsDemo(services) || services.GetRequiredService<Database>().Read(s => s.First(Registered, _ => "")) is null) return;
        throw new SettingException("TokenServer:DataDirectory", $"the database {services.GetRequiredService<DatabaseProvider>().Name} has "
            + "users or clients that are not the demo's; --demo would add some whose passwords everybody knows");
    }

    private static bool IsDemo(IServiceProvider services) => services.GetRequiredService<Database>().Read(s =>
        s.First("""SELECT 1 FROM "Imports" WHERE "Source" LIKE @p0""", _ => "", "%/samples/" + DemoFile)) is not null;

    private static async Task SayWhatToTryAsync(WebApplication app)
    {
        string? issuer = app.Services.GetRequiredService<TokenServerOptions>().Issuer;
        string url = string.IsNullOrEmpty(issuer) ? AddressesOf(app).First() : issuer.TrimEnd('/');
        string text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "samples", "demo.txt"));
        await Console.Out.WriteLineAsync(text.Replace("{url}", url, StringComparison.Ordinal)
            .Replace("{program}", Program(), StringComparison.Ordinal)
            .Replace("{code}", await DemoCommand.CodeAsync(), StringComparison.Ordinal));
    }

    // Started by `dotnet TokenServer.dll`, the process is another's.
    private static string Program() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == nameof(TokenServer)
        ? Environment.ProcessPath! : $"dotnet {Path.Combine(AppContext.BaseDirectory, nameof(TokenServer))}.dll";

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message =
            "This database had the demo imported: passwords and second factors that everybody knows may open it")]
        public static partial void IsDemo(ILogger logger);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer yet: {Problem}")]
        public static partial void Waiting(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Critical, Message =
            "This database was transferred to another, which servers are meant to be on now: what was revoked there since is good here")]
        public static partial void WasTransferred(ILogger logger);
    }
}
