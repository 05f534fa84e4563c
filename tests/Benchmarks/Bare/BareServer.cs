using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Bare;

/// <summary>The floor that the real server stands on: Kestrel with one handler, and neither routing nor logging.</summary>
internal static class BareServer
{
    public const string Verb = "--bare";

    /// <summary>Runs until the process is ended; <paramref name="folder"/> is for its database.</summary>
    public static async Task RunAsync(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        using var tokens = new DurableTokens(Path.Combine(folder, "bare.db"));
        app.Run(new BareEndpoints(tokens).HandleAsync);
        await app.StartAsync();
        await Console.Out.WriteLineAsync("Now listening on: " + app.Urls.First());
        await app.WaitForShutdownAsync();
    }
}
