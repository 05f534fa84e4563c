using System.Globalization;
using System.Text;
using Benchmarks.Load;
using Benchmarks.Servers;

namespace Benchmarks.Installs;

/// <summary>Whole installs, with the proof of a host key, and check-ins with a ratchet, on SQLite, limits off.</summary>
internal static class InstallRun
{
    public const string Part = "installs";
    private const int Patience = 60;
    private const double LeastInstalls = 400, LeastCheckins = 5_000;
    private static readonly string[] NoLimits =
    [
        .. new[] { "CodesPerIpPerHour", "CodesPerIpPerDay", "CodesPerSessionPerHour", "CodesPerFingerprintPerHour", "ActivationsPerIpPerDay", "ActivationsPerMachinePerDay" }
            .Select(name => $"--InstallLifecycle:{name}=1000000"),
    ];

    /// <summary>Runs it; the report.</summary>
    public static async Task<string> RunAsync(Options options)
    {
        string folder = Directory.CreateTempSubdirectory("tokenserver-benchmark-").FullName;
        try
        {
            using var server = TokenServerProcess.Start(folder, null, NoLimits);
            var length = TimeSpan.FromSeconds(options.Seconds);
            var installs = new InstallChains(await OpenPagesAsync(server.Address, options.Connections));
            var checkins = new CheckinChains(Register(server, installs, options.Connections));
            return Write(options, Rounds(options, () => server.Measure(options.Connections, length, installs)),
                Rounds(options, () => server.Measure(options.Connections, length, checkins)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // One server a connection: its agent checks in again and again.
    private static (string Token, string Key)[] Register(ServerProcess server, InstallChains installs, int connections)
    {
        var registered = installs.Registered = new (string Token, string Key)[connections];
        for (int i = 0; i < Patience && registered.Any(r => r.Token is null); i++) LoadGenerator.Run(server.Address, connections, TimeSpan.FromSeconds(1), installs);
        installs.Registered = null;
        return registered.All(r => r.Token is not null) ? registered : throw new InvalidDataException("a connection has registered no server");
    }

    private static async Task<string[]> OpenPagesAsync(Uri address, int count)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
        var cookies = new List<string>();
        for (int i = 0; i < count; i++)
        {
            using var page = await http.GetAsync("/slowdns");
            cookies.Add(page.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("slowdns_browser=", StringComparison.Ordinal)).Split(';')[0]);
        }
        return [.. cookies];
    }

    private static List<Measurement> Rounds(Options options, Func<Measurement> measure)
    {
        measure();
        return [.. Enumerable.Range(0, options.Rounds).Select(_ => measure())];
    }

    private static string Write(Options options, List<Measurement> installs, List<Measurement> checkins)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## Installs\n\nSQLite on disk, {options.Connections} connections, limits off, {options.Rounds} rounds of {options.Seconds} s; an install is issue, precheck with a key (ecdsa-sha2-nistp256), activate with its signature, register and confirm: five requests, each with an audit entry and a step for who watches. A check-in has a ratchet and a nonce.\n\n");
        text.Append("| flow | a second | least : greatest | p50 ms a request | p99 ms | CPU µs a request | |\n| --- | ---: | --- | ---: | ---: | ---: | --- |\n");
        Write(text, "installs", installs, InstallChains.Steps, LeastInstalls);
        Write(text, "check-ins", checkins, 1, LeastCheckins);
        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, List<Measurement> rounds, int requests, double least)
    {
        double[] rates = [.. rounds.Select(r => r.PerSecond / requests).Order()];
        double median = rates[rates.Length / 2];
        text.Append(CultureInfo.InvariantCulture, $"| {name} | {median:N0} | {rates[0]:N0} : {rates[^1]:N0} | {Median(rounds, r => r.P50):F2} | {Median(rounds, r => r.P99):F2} | {Median(rounds, r => r.Cpu):F0} | {(median >= least ? "at least" : "**less than**")} {least:N0} |\n");
    }

    private static double Median(List<Measurement> rounds, Func<Measurement, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);
}
