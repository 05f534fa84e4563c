using System.Data.Common;
using System.Globalization;
using System.Text;
using Benchmarks.Servers;
using Microsoft.Data.Sqlite;
using Npgsql;
using Postgres;

namespace Benchmarks.Growth;

/// <summary>What each flow costs with a thousand to a million stored sessions, on both databases: one server for each number, by turns.</summary>
internal static class GrowthRun
{
    public const string Part = "growth";
    private const double MostGrowth = 1.3;
    private static readonly int[] Sizes = [1_000, 10_000, 100_000, 1_000_000];

    /// <summary>Runs it; the report.</summary>
    public static async Task<string> RunAsync(Options options)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## What a request costs with a thousand to a million stored sessions\n\nProcessor time a request, of the server and the database's own processes together, {options.Rounds} rounds of {options.Seconds} s, {options.Connections} connections, the sizes by turns; an account has {StoredSessions.OfAccount} sessions. The ratios to a thousand sessions are medians of the rounds, of processor time and, in parentheses, of the median latency; they should be at most {MostGrowth}.\n");
        await using var postgres = await PostgresServer.StartAsync(durable: true);
        var costs = PostgresCosts.Of(postgres);
        await WriteAsync(text, "SQLite", options, (_, folder) => new SqliteConnection($"Data Source={Path.Combine(folder, "tokenserver.db")};Pooling=False"), _ => Task.FromResult<string?>(null), () => TimeSpan.Zero);
        await WriteAsync(text, "PostgreSQL", options, (database, _) => new NpgsqlConnection(database + ";Pooling=false"), async _ => (await postgres.CreateDatabaseAsync()).ConnectionString, () => costs.Cpu);
        return text.ToString();
    }

    private static async Task WriteAsync(StringBuilder text, string name, Options options, Func<string?, string, DbConnection> connect, Func<int, Task<string?>> create, Func<TimeSpan> cpu)
    {
        string root = Directory.CreateTempSubdirectory("tokenserver-benchmark-").FullName;
        var servers = new List<ServerProcess>();
        try
        {
            var flows = new List<GrowthFlows>();
            foreach (int size in Sizes)
            {
                await Console.Error.WriteLineAsync($"{name}: {size} sessions");
                string folder = Directory.CreateDirectory(Path.Combine(root, size.ToString(CultureInfo.InvariantCulture))).FullName;
                string? database = await create(size);
                TokenServerProcess.Start(folder, database).Dispose();
                string[] tokens;
                await using (var connection = connect(database, folder))
                {
                    await connection.OpenAsync();
                    tokens = StoredSessions.Fill(connection, size, GrowthFlows.Known);
                }
                servers.Add(TokenServerProcess.Start(folder, database));
                flows.Add(new(servers[^1], tokens, size / StoredSessions.OfAccount, options.Connections, cpu));
            }
            WriteTable(text, name, options, flows);
        }
        finally
        {
            servers.ForEach(s => s.Dispose());
            Directory.Delete(root, recursive: true);
        }
    }

    private static void WriteTable(StringBuilder text, string name, Options options, List<GrowthFlows> flows)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n| {name}: flow | CPU µs/request at {Sizes[0]:N0} | p50 ms at {Sizes[0]:N0} |{string.Concat(Sizes[1..].Select(s => $" {s.ToString("N0", CultureInfo.InvariantCulture)} : 1,000 |"))} |\n| --- | ---: | ---: |{string.Concat(Sizes[1..].Select(_ => " --- |"))} --- |\n");
        foreach (string flow in flows[0].All.Keys)
        {
            Console.Error.WriteLine(flow);
            var rounds = Rounds(options, [.. flows.Select(f => f.All[flow])]);
            var grown = Enumerable.Range(1, Sizes.Length - 1).Select(i => (Cpu: Median(rounds, r => r[i].Cpu / r[0].Cpu), Latency: Median(rounds, r => r[i].P50 / r[0].P50))).ToList();
            text.Append(CultureInfo.InvariantCulture, $"| {flow} | {Median(rounds, r => r[0].Cpu):F0} | {Median(rounds, r => r[0].P50):F2} |");
            foreach (var (cpu, latency) in grown) text.Append(CultureInfo.InvariantCulture, $" {cpu:F2} ({latency:F2}) |");
            text.Append(grown.All(g => g.Cpu <= MostGrowth) ? " met |\n" : " **missed** |\n");
        }
    }

    private static List<Measurement[]> Rounds(Options options, Func<TimeSpan, Measurement>[] sizes)
    {
        var length = TimeSpan.FromSeconds(options.Seconds);
        var rounds = new List<Measurement[]>();
        foreach (var size in sizes) size(length);
        for (int round = 0; round < options.Rounds; round++)
        {
            var measured = new Measurement[sizes.Length];
            // Forwards and backwards, so that a machine that slows down slows all of them.
            for (int turn = 0; turn < sizes.Length; turn++)
            {
                int size = round % 2 == 0 ? turn : sizes.Length - 1 - turn;
                measured[size] = sizes[size](length);
            }
            rounds.Add(measured);
        }
        return rounds;
    }

    private static double Median(List<Measurement[]> rounds, Func<Measurement[], double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);
}
