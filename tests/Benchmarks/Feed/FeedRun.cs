using System.Diagnostics;
using System.Globalization;
using System.Text;
using Benchmarks.Load;
using Benchmarks.Servers;

namespace Benchmarks.Feed;

/// <summary>What readers of the feed of revocations cost: while nothing happens, with each revocation, and whoever introspects and refreshes
/// beside them. On SQLite; the readers' streams are on this machine too, and what they cost here is not counted.</summary>
internal static class FeedRun
{
    public const string Part = "feed";
    private const int Revocations = 100, LiveTokens = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly int[] Readers = [0, 50, 1000, 10_000];

    /// <summary>Runs it; the report.</summary>
    public static async Task<string> RunAsync(Options options)
    {
        string folder = Directory.CreateTempSubdirectory("tokenserver-benchmark-").FullName;
        try
        {
            using var server = TokenServerProcess.Start(folder, null, "--RevocationFeed:Listeners=20000", "--RevocationFeed:ListenersPerClient=20000");
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"## Readers of the feed of revocations\n\nSQLite on disk, a beat a second for each reader, {Revocations} revocations one after the other, {options.Connections} connections that introspect and refresh, {options.Rounds} rounds of {options.Seconds} s.\n\n");
            text.Append("| readers | CPU idle, % of a core | resident MB | CPU µs a revocation and reader | last reader told after ms, p50 (worst) | introspections a second | CPU µs | refreshes a second | CPU µs |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
            byte[][] introspections = [.. Collect(server, "access_token", LiveTokens, "grant_type=client_credentials&scope=api").Select(t => FormRequest.Create("/connect/introspect", "token=" + t))];
            var seeds = Collect(server, "refresh_token", options.Connections, $"grant_type=password&username={TokenServerProcess.UserName}&password={TokenServerProcess.Password}&scope=api+offline_access");
            var (asking, refreshing) = (new RequestCycle(introspections, "\"active\":true"), new RefreshChains("/connect/token", seeds));
            foreach (int count in Readers) text.Append(await MeasureAsync(server, options, count, asking, refreshing));
            return text.ToString();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> MeasureAsync(ServerProcess server, Options options, int count, IRequestSource asking, IRequestSource refreshing)
    {
        using var readers = new FeedReaders(server.Address);
        await readers.OpenAsync(count);
        var length = TimeSpan.FromSeconds(options.Seconds);
        await Task.Delay(length);
        var before = server.ProcessorTime;
        await Task.Delay(length);
        double idle = (server.ProcessorTime - before) / length;
        var (each, median, worst) = count == 0 ? default : await RevokeAsync(server, readers, idle);
        List<Measurement> Rounds(IRequestSource requests) => [.. Enumerable.Range(0, options.Rounds + 1).Select(_ => server.Measure(options.Connections, length, requests)).Skip(1)];
        var (introspected, refreshed) = (Rounds(asking), Rounds(refreshing));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {count:N0} | {100 * idle:F1} | {server.ResidentMemory / 1e6:F0} | {each:F1} | {median:F0} ({worst:F0}) | {Median(introspected, m => m.PerSecond):N0} | {Median(introspected, m => m.Cpu):F0} | {Median(refreshed, m => m.PerSecond):N0} | {Median(refreshed, m => m.Cpu):F0} |\n");
    }

    private static async Task<(double Each, double Median, double Worst)> RevokeAsync(ServerProcess server, FeedReaders readers, double idle)
    {
        var (times, cpu, watch) = (new List<double>(), server.ProcessorTime, Stopwatch.StartNew());
        foreach (string token in Collect(server, "access_token", Revocations, "grant_type=client_credentials&scope=api"))
        {
            long told = readers.Told;
            server.Ask(FormRequest.Create("/connect/revoke", "token=" + token));
            long answered = Stopwatch.GetTimestamp();
            while (readers.Told < told + readers.Count && Stopwatch.GetElapsedTime(answered) < Patience) await Task.Delay(1);
            times.Add(Stopwatch.GetElapsedTime(answered).TotalMilliseconds);
        }
        double used = (server.ProcessorTime - cpu).TotalMicroseconds - idle * watch.Elapsed.TotalMicroseconds;
        times.Sort();
        return (used / Revocations / readers.Count, times[times.Count / 2], times[^1]);
    }

    private static string[] Collect(ServerProcess server, string member, int count, string form) =>
        [.. Enumerable.Range(0, count).Select(_ => Encoding.ASCII.GetString(AnswerText.Member(server.Ask(FormRequest.Create("/connect/token", form)), AnswerText.Name(member))))];

    private static double Median(List<Measurement> rounds, Func<Measurement, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);
}
