using Benchmarks;
using Benchmarks.Bare;
using Benchmarks.Feed;
using Benchmarks.Growth;
using Benchmarks.Installs;
using Benchmarks.Replicas;
using Benchmarks.Stock;

#if DEBUG
await Console.Error.WriteLineAsync("figures of a Debug build say nothing: " + Options.Usage);
return 2;
#else
if (args is [BareServer.Verb, var folder])
{
    await BareServer.RunAsync(folder);
    return 0;
}
if (args is [StockServer.Verb, var database])
{
    await StockServer.RunAsync(database);
    return 0;
}
string part = args is [var first, ..] && !first.StartsWith('-') ? first : "";
if (Options.Parse(part.Length > 0 ? args[1..] : args) is not { } options || part is not ("" or GrowthRun.Part or ReplicaRun.Part or InstallRun.Part or FeedRun.Part))
{
    await Console.Error.WriteLineAsync(Options.Usage);
    return 2;
}
string report = part switch
{
    GrowthRun.Part => await GrowthRun.RunAsync(options),
    FeedRun.Part => await FeedRun.RunAsync(options),
    InstallRun.Part => await InstallRun.RunAsync(options),
    ReplicaRun.Part => await ReplicaRun.RunAsync(options),
    _ => BenchmarkRun.Run(options),
};
await Console.Out.WriteLineAsync(report);
if (options.Out is not null) await File.WriteAllTextAsync(options.Out, report);
return 0;
#endif
