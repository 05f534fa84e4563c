namespace TokenServer.Tests.Replicas;

/// <summary>Three replicas for all tests that leave them running, and as they were; nothing where PostgreSQL is not there.</summary>
public sealed class SharedReplicas : IAsyncLifetime
{
    private PostgresDatabase? database;

    internal ReplicaProcesses Set { get; private set; } = null!;

    /// <summary>The database, by TCP, for one that a proxy is to stand before.</summary>
    internal string ConnectionOverTcp => database!.Server.ConnectionString(database.Name, overTcp: true);

    public async Task InitializeAsync()
    {
        if (!PostgresServer.IsThere) return;
        database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        Set = await ReplicaProcesses.StartAsync(database.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        if (Set is not null) await Set.DisposeAsync();
        if (database is not null) await database.DisposeAsync();
    }
}

/// <summary>Tests on the same three replicas: one at a time, after the others, for they measure.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ReplicaCollection : ICollectionFixture<SharedReplicas>
{
    public const string Name = "replicas";
}
