using InstallLifecycle.Storage;
using Microsoft.EntityFrameworkCore.Metadata;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Installs;

/// <summary>The lifecycle's tables in the server's database.</summary>
internal sealed class InstallSchema : IHostedSchema
{
    public void Upgrade(Statements writer, DatabaseProvider provider) =>
        Schema.Upgrade<InstallLifecycleDbContext>(writer, provider, options => new(options), InstallLifecycleDbContext.MigrationsHistory);

    public IEnumerable<ITable> Tables(Statements statements)
    {
        using var context =
            statements.Context<InstallLifecycleDbContext>(options => new(options), InstallLifecycleDbContext.MigrationsHistory);
        return context.Model.GetRelationalModel().Tables;
    }
}
