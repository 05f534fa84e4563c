using InstallLifecycle;
using InstallLifecycle.Storage;
using Microsoft.EntityFrameworkCore.Metadata;
using TokenServer.Storage;

namespace TokenServer.Installs;

/// <summary>The lifecycle's tables, in the server's own database and through its one writer.</summary>
internal sealed class InstallStorage(Database database) : IInstallStorage
{
    private readonly Lazy<IModel> model = new(() => database.Read(s =>
    {
        using var db = Open(s);
        return db.Model;
    }), LazyThreadSafetyMode.PublicationOnly);

    public Task<T> WriteAsync<T>(Func<InstallLifecycleDbContext, IInstallEvents, T> work)
    {
        // The first use of EF takes a third of a second, in which the writer would serve nobody.
        _ = model.Value;
        return database.WriteAsync(s =>
        {
            using var db = Open(s);
            return work(db, new AuditedInstallEvents(s));
        });
    }

    public T Read<T>(Func<InstallLifecycleDbContext, T> query) => database.Read(s =>
    {
        using var db = Open(s);
        return query(db);
    });

    private static InstallLifecycleDbContext Open(Statements s) => s.Context<InstallLifecycleDbContext>(options => new(options), InstallLifecycleDbContext.MigrationsHistory);
}
