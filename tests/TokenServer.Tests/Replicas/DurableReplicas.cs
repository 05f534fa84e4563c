using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>Three replicas on a PostgreSQL server of their own that commits to the disk, for tests that kill either.</summary>
public sealed class DurableReplicas : IAsyncLifetime
{
    internal ReplicaProcesses Set { get; private set; } = null!;
    internal PostgresServer Server { get; private set; } = null!;
    internal PostgresDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (!PostgresServer.IsThere) return;
        Server = await PostgresServer.StartAsync(durable: true);
        Database = await Server.CreateDatabaseAsync();
        // What is under way must outlive a start on a busy machine.
        Set = await ReplicaProcesses.StartAsync(Database.ConnectionString, ("TokenServer:Lifetimes:RefreshTokenReuseLeeway", "01:00:00"), ("InstallLifecycle:CodeLifetime", "01:00:00"),
            ("InstallLifecycle:PrecheckLifetime", "01:00:00"), ("InstallLifecycle:InstallTokenLifetime", "01:00:00"));
    }

    /// <summary>Returns when each has its database back.</summary>
    internal static async Task ReadyAsync(HttpClient[] replicas)
    {
        foreach (var replica in replicas)
            (await Eventually.TrueAsync(async () => (await replica.CallAsync("GET", "/health/ready")).Status == 200, Eventually.Never)).Should().BeTrue("it needs no restart");
    }

    public async Task DisposeAsync()
    {
        if (Set is not null) await Set.DisposeAsync();
        if (Server is not null) await Server.DisposeAsync();
    }
}

/// <summary>Tests that kill and start them again: one at a time, beside tests of other collections, since most of their time is waiting.</summary>
[CollectionDefinition(Name)]
public sealed class DurableReplicaCollection : ICollectionFixture<DurableReplicas>
{
    public const string Name = "durable replicas";
}
