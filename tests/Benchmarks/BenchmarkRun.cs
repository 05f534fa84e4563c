using Benchmarks.Bare;
using Benchmarks.Flows;
using Benchmarks.Raw;
using Benchmarks.Servers;
using Benchmarks.Stock;

namespace Benchmarks;

/// <summary>One run of everything: the starts, the flows by turns, the sign-ins beside introspection, the memory at the end.</summary>
internal static class BenchmarkRun
{
    private const int Starts = 3;

    /// <summary>Runs it in a temporary folder (TMPDIR says on which disk), which is gone afterwards; the report.</summary>
    public static string Run(Options options)
    {
        string folder = Directory.CreateTempSubdirectory("tokenserver-benchmark-").FullName;
        try
        {
            // The first start makes the database; the disk is warm after it.
            TokenServerProcess.Start(folder).Dispose();
            var starts = Enumerable.Range(0, Starts).Select(_ => StartOnce(folder)).Order().ToArray();
            using var server = TokenServerProcess.Start(folder);
            using var bare = new ServerProcess("Benchmarks.dll", "/", BareServer.Verb, folder);
            using var stock = StockServer.Start(folder);
            return Measure(options, server, new(bare, stock), starts[Starts / 2]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TimeSpan StartOnce(string folder)
    {
        using var server = TokenServerProcess.Start(folder);
        return server.TimeToFirstAnswer;
    }

    private static string Measure(Options options, ServerProcess server, Peers peers, TimeSpan start)
    {
        var length = TimeSpan.FromSeconds(options.Seconds);
        var flows = new FlowSet(server, peers, options.Connections);
        var results = new List<FlowResult>();
        foreach (var flow in flows.All(options.Flow))
        {
            Console.Error.WriteLine(flow.Name);
            results.Add(flow.Run(options.Rounds, length));
        }
        if (options.Flow is not null) return new Report(options, results, null).ToString();
        Console.Error.WriteLine("introspection while sign-ins are saturated");
        var one = flows.WhileSignInsAreSaturated(1, length);
        var many = flows.WhileSignInsAreSaturated(options.Connections, length);
        return new Report(options, results, new Limits(start, server.ResidentMemory, one.Introspection, many.Introspection,
            many.SignIns, RawRates.Signatures(length), RawRates.IdentityModelTokens(length))).ToString();
    }
}

/// <summary>What is measured once and has a limit.</summary>
/// <param name="Start">From the start of the process to the first answer, with a warm disk.</param>
/// <param name="Memory">Resident bytes at the end.</param>
/// <param name="OneIntrospecting">Introspection on one connection while sign-ins are saturated.</param>
/// <param name="ManyIntrospecting">The same on as many connections as the flows have.</param>
/// <param name="SignInsMeanwhile">Sign-ins a second during the latter.</param>
/// <param name="Signatures">ES256 signatures alone.</param>
/// <param name="IdentityModelTokens">Access tokens that IdentityModel makes whole.</param>
internal sealed record Limits(TimeSpan Start, long Memory, Measurement OneIntrospecting, Measurement ManyIntrospecting, double SignInsMeanwhile,
    Measurement Signatures, Measurement IdentityModelTokens);
