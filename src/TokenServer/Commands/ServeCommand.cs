using System.CommandLine;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
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
    // In the demo: Development, a database of its own, the demo's clients and users. No other setting moves them elsewhere,
    // where their known passwords would open something.
    private static readonly string[] DemoSettings =
        ["--environment=Development", "--TokenServer:DataDirectory=data/demo",
            $"--TokenServer:ImportFile={DemoCommand.File}"];

    public static Command Create()
    {
        var demo = new Option<bool>(
            "--demo") { Description = "run in Development with the clients and users of samples/demo.json, and say what to try" };
        var command = new Command("serve", "Run the server (also without a command)") { demo };
        command.SetAction(
            (parsed, _) => RunAsync([.. CommandLine.Settings, .. parsed.GetValue(demo) ? DemoSettings : []], parsed.GetValue(demo)));
        return command;
    }

    private static async Task<int> RunAsync(string[] settings, bool demo)
    {
        await using var app = ServerHost.BuildParts(settings);
        Production.Check(app.Services);
        await WaitForDatabaseAsync(app.Services);
        app.UseTokenServer();
        await ServerHost.PrepareAsync(app.Services);
        var logger = app.Services.GetRequiredService<ILogger<Database>>();
        if (!app.Services.GetRequiredService<DatabaseProvider>().IsShared && Transfer.WasMade(app.Services.GetRequiredService<Database>()))
            Log.WasTransferred(logger);
        await app.Services.GetRequiredService<TimeOrderedId>().TakeNodeAsync(app.Services.GetRequiredService<Database>());
        await app.Services.GetRequiredService<ImportAtStart>().RunAsync();
        await app.StartAsync();
        // A first start builds EF's model for the schema and the import, and nothing needs it afterwards.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (demo) await SayWhatToTryAsync(app);
        await app.WaitForShutdownAsync();
        return CommandLine.Done;
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

    private static async Task SayWhatToTryAsync(WebApplication app)
    {
        string? issuer = app.Services.GetRequiredService<TokenServerOptions>().Issuer;
        string url = string.IsNullOrEmpty(issuer)
            ? app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() : issuer.TrimEnd('/');
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
        [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer yet: {Problem}")]
        public static partial void Waiting(ILogger logger, string problem);

        [LoggerMessage(Level = LogLevel.Critical, Message =
            "This database was transferred to another, which servers are meant to be on now: what was revoked there since is good here")]
        public static partial void WasTransferred(ILogger logger);
    }
}
