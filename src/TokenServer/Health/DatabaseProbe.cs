using InstallLifecycle.Storage;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Health;

/// <summary>Asks the database which migrations it has had, within a bound.</summary>
internal sealed class DatabaseProbe(Database database, DatabaseProvider provider)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Lock starting = new();
    private Task<IReadOnlyCollection<string>>? asking;

    /// <summary>The migrations that have been applied.</summary>
    /// <exception cref="TimeoutException">The database did not answer in time.</exception>
    /// <exception cref="StorageUnavailableException">The database did not answer.</exception>
    public Task<IReadOnlyCollection<string>> AskAsync(CancellationToken ct)
    {
        Task<IReadOnlyCollection<string>> answer;
        // One question at a time: a database that hangs must not take a thread for each probe.
        lock (starting) answer = asking is { IsCompleted: false } ? asking : asking = Task.Run(Read, CancellationToken.None);
        return answer.WaitAsync(Patience, ct);
    }

    private IReadOnlyCollection<string> Read() => database.Read(s =>
    {
        // After a failover to a standby: whoever cannot be written to signs nobody in.
        if (provider.FindReadOnly is { } sql && s.First(sql, _ => "") is not null)
            throw new StorageUnavailableException("the database takes no writes");
        var applied = new HashSet<string>(StringComparer.Ordinal);
        foreach (string history in (string[])[Schema.ServerHistory, InstallLifecycleDbContext.MigrationsHistory])
            applied.UnionWith(s.All($"""SELECT "MigrationId" FROM "{history}" """, r => r.GetString(0)));
        return applied;
    });
}
