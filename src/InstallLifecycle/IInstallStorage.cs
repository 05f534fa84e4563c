using InstallLifecycle.Storage;

namespace InstallLifecycle;

/// <summary>Port: where the lifecycle keeps things. The host decides the provider, applies the migrations and runs the writes.</summary>
public interface IInstallStorage
{
    /// <summary>Runs <paramref name="work"/> in one transaction and completes after its commit is on disk.</summary>
    /// <param name="work">It may be run twice, the first time undone (a conflict with another transaction),
    /// so it changes nothing but the database.</param>
    Task<T> WriteAsync<T>(Func<IInstallStatements, IInstallEvents, T> work);

    /// <summary>Runs one statement that changes one row at most, under conditions of its own, and completes after its commit is on
    /// disk. It may run beside others.</summary>
    /// <param name="sql">The statement, as <see cref="IInstallStatements"/> has it.</param>
    /// <param name="values">Its values.</param>
    /// <returns>How many rows it changed.</returns>
    Task<int> ChangeAsync(string sql, params object?[] values);

    /// <summary>What prepared queries find in what is committed.</summary>
    T Find<T>(Func<IInstallStatements, T> query);

    /// <summary>Reads what is committed, for administrators: with queries that nobody waits for.</summary>
    T Read<T>(Func<InstallLifecycleDbContext, T> query);
}
