using Benchmarks;
using Benchmarks.Bare;

#if DEBUG
await Console.Error.WriteLineAsync("figures of a Debug build say nothing: " + Options.Usage);
return 2;
#else
if (args is [BareServer.Verb, var folder])
{
    await BareServer.RunAsync(folder);
    return 0;
}
if (Options.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(Options.Usage);
    return 2;
}
var report = BenchmarkRun.Run(options);
await Console.Out.WriteLineAsync(report);
if (options.Out is not null) await File.WriteAllTextAsync(options.Out, report);
return 0;
#endif
