namespace TokenServer.Tests.Support;

/// <summary>Servers on one database and one data directory, with one clock, as replicas behind a load balancer are.</summary>
internal sealed class ReplicaSet : IAsyncDisposable
{
    private readonly PostgresDatabase database;
    private readonly TestServer[] servers;

    private ReplicaSet(PostgresDatabase database, TestServer[] servers) => (this.database, this.servers) = (database, servers);

    public TestServer this[int index] => servers[index];
    public IReadOnlyList<TestServer> All => servers;
    public ManualClock Clock => servers[0].Clock;

    /// <summary>Starts the first, and then the others at the same moment.</summary>
    public static async Task<ReplicaSet> StartAsync(int count, params string[] settings)
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        string[] all = [$"--ConnectionStrings:Default={database.ConnectionString};Maximum Pool Size=10", .. settings];
        var first = await TestServer.StartAsync(all, TestImport.Json, schedules: true, isPatient: true);
        // A data directory with nothing in it would be given the template of all tests.
        await File.WriteAllTextAsync(Path.Combine(first.Folder, "replicas"), "");
        var others = await Task.WhenAll(Enumerable.Range(1, count - 1).Select(_ => TestServer.StartAsync(all, folder: first.Folder, clock: first.Clock, schedules: true, isPatient: true)));
        return new ReplicaSet(database, [first, .. others]);
    }

    /// <summary>Cuts every connection to the database; new ones may be made.</summary>
    public Task CutAsync() => database.Server.CutAsync(database.Name);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers.Reverse()) await server.DisposeAsync();
        await database.DisposeAsync();
    }
}
