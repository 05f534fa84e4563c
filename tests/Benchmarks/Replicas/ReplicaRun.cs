using System.Globalization;
using System.Text;
using Benchmarks.Growth;
using Benchmarks.Load;
using Benchmarks.Servers;
using Npgsql;
using Postgres;

namespace Benchmarks.Replicas;

/// <summary>What one, two and three replicas on one PostgreSQL do of what writes, against the commits that this PostgreSQL does for a bare client in the same round.</summary>
internal static class ReplicaRun
{
    public const string Part = "replicas";
    private const int Most = 3, Sessions = 10_000, BareConnections = 8;
    private const string TokenPath = "/connect/token", Form = "grant_type=client_credentials&scope=api", AccessToken = "\"access_token\":\"";

    /// <summary>Runs it; the report.</summary>
    public static async Task<string> RunAsync(Options options)
    {
        string root = Directory.CreateTempSubdirectory("tokenserver-benchmark-").FullName;
        var servers = new List<ServerProcess>();
        await using var postgres = await PostgresServer.StartAsync(durable: true);
        try
        {
            string database = (await postgres.CreateDatabaseAsync()).ConnectionString;
            TokenServerProcess.Start(Folder(root, 0), database).Dispose();
            string[] tokens;
            await using (var connection = new NpgsqlConnection(database + ";Pooling=false"))
            {
                await connection.OpenAsync();
                tokens = StoredSessions.Fill(connection, Sessions, Most * options.Connections);
            }
            for (int i = 0; i < Most; i++) servers.Add(TokenServerProcess.Start(Folder(root, i), database));
            return Report(options, Measure(options, servers, tokens, database));
        }
        finally
        {
            servers.ForEach(s => s.Dispose());
            Directory.Delete(root, recursive: true);
        }
    }

    private static string Folder(string root, int replica) => Directory.CreateDirectory(Path.Combine(root, replica.ToString(CultureInfo.InvariantCulture))).FullName;

    // Rounds of: commits on one and on eight connections, then each flow on one, two, three replicas.
    private static List<Dictionary<string, double[]>> Measure(Options options, List<ServerProcess> servers, string[] tokens, string database)
    {
        var length = TimeSpan.FromSeconds(options.Seconds);
        var chains = servers.Select((_, i) => new RefreshChains(TokenPath, tokens[(i * options.Connections)..((i + 1) * options.Connections)])).ToArray();
        var rounds = new List<Dictionary<string, double[]>>();
        for (int round = 0; round <= options.Rounds; round++)
        {
            Console.Error.WriteLine($"round {round}");
            var measured = new Dictionary<string, double[]> { ["bare"] = [CommitRate.Measure(database, 1, length), CommitRate.Measure(database, BareConnections, length)] };
            var counts = round % 2 == 0 ? Enumerable.Range(1, Most) : Enumerable.Range(1, Most).Reverse();
            foreach (int replicas in counts)
            {
                Add("refresh", replicas, Together(servers, options, replicas, length, (i, _) => chains[i]));
                Add("revocation", replicas, Together(servers, options, replicas, length, Revocations));
                Add("opaque token", replicas, Together(servers, options, replicas, length, (_, _) => new RequestCycle([FormRequest.Create(TokenPath, Form, TokenServerProcess.OpaqueClientId)], AccessToken)));
            }
            // The first is for warming up.
            if (round > 0) rounds.Add(measured);

            void Add(string flow, int replicas, double rate) => (measured.TryGetValue(flow, out double[]? rates) ? rates : measured[flow] = new double[Most])[replicas - 1] = rate;
        }
        return rounds;
    }

    private static RequestsOnce Revocations(int replica, (ServerProcess Server, int Connections, TimeSpan Length) of)
    {
        var issued = new TokenCollector(FormRequest.Create(TokenPath, Form), "access_token", of.Connections);
        LoadGenerator.Run(of.Server.Address, of.Connections, of.Length, issued);
        return new([.. issued.Tokens.Select(token => FormRequest.Create("/connect/revoke", "token=" + token))]);
    }

    // The same number of connections in all, whatever the number of replicas.
    private static double Together(List<ServerProcess> servers, Options options, int replicas, TimeSpan length, Func<int, (ServerProcess, int, TimeSpan), IRequestSource> source)
    {
        int each = options.Connections / replicas;
        var sources = Enumerable.Range(0, replicas).Select(i => source(i, (servers[i], each, length))).ToArray();
        var runs = sources.Select((s, i) => Task.Factory.StartNew(() => LoadGenerator.Run(servers[i].Address, each, length, s), TaskCreationOptions.LongRunning)).ToArray();
        return runs.Sum(r => r.Result.Latencies.Length) / runs.Max(r => r.Result.Elapsed.TotalSeconds);
    }

    private static string Report(Options options, List<Dictionary<string, double[]>> rounds)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## Replicas on one PostgreSQL\n\nRequests a second of what writes, with {options.Connections} connections in all, as a multiple of the commits of one small row that the same PostgreSQL did on {BareConnections} connections in the same round: {Median(r => r["bare"][1]):F0} a second (on one connection {Median(r => r["bare"][0]):F0}). {options.Rounds} rounds of {options.Seconds} s; medians, in parentheses requests a second. Servers, database and clients share {Environment.ProcessorCount} cores, so that more replicas have no more of them.\n\n| flow | 1 replica | 2 replicas | 3 replicas |\n| --- | --- | --- | --- |\n");
        foreach (string flow in rounds[0].Keys.Where(k => k != "bare"))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {flow} |");
            for (int i = 0; i < Most; i++) text.Append(CultureInfo.InvariantCulture, $" {Median(r => r[flow][i] / r["bare"][1]):F2} ({Median(r => r[flow][i]):F0}) |");
            text.Append('\n');
        }
        return text.ToString();

        double Median(Func<Dictionary<string, double[]>, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);
    }
}
