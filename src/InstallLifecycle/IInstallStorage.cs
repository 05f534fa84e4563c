using InstallLifecycle.Storage;

namespace InstallLifecycle;

/// <summary>Port: where the lifecycle keeps things. The host decides the provider, applies the migrations and runs the writes.</summary>
public interface IInstallStorage
{
    /// <summary>Runs <paramref name="work"/> in one transaction and completes after its commit is on disk.</summary>
    /// <param name="work">It may be run twice, the first time undone (a conflict with another transaction),
    /// so it changes nothing but the database.</param>
    Task<T> WriteAsync<T>(Func<InstallLifecycleDbContext, IInstallEvents, T> work);

    /// <summary>Reads what is committed.</summary>
    T Read<T>(Func<InstallLifecycleDbContext, T> query);
}
