using System.Data.Common;
using InstallLifecycle.Storage;
using Microsoft.EntityFrameworkCore;

namespace InstallLifecycle.Tests.Support;

/// <summary>One database of the lifecycle's tables, on the system that this run is for.</summary>
internal abstract class TestProvider : IDisposable
{
    /// <summary>The database at <paramref name="path"/>, migrated; a new one where there is none.</summary>
    public static TestProvider Of(string path) => TestDatabases.ArePostgres ? new PostgresProvider(path) : new SqliteProvider(path);

    /// <summary>A new open connection.</summary>
    public abstract DbConnection Open();

    /// <summary>A context's options on an open connection.</summary>
    public abstract DbContextOptions<InstallLifecycleDbContext> Options(DbConnection connection);

    /// <summary>Begins a transaction that waits for the other writers, so that it sees what they did.</summary>
    public abstract DbTransaction Begin(DbConnection connection);

    /// <summary>Gives up durability.</summary>
    public virtual void Quicken(DbConnection connection)
    {
    }

    public abstract void Dispose();
}
