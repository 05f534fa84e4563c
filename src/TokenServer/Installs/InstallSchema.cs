using InstallLifecycle.Storage;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Installs;

/// <summary>The lifecycle's tables in the server's database.</summary>
internal sealed class InstallSchema : IHostedSchema
{
    public void Upgrade(Statements writer, DatabaseProvider provider) => Schema.Upgrade<InstallLifecycleDbContext>(writer, provider, options => new(options), InstallLifecycleDbContext.MigrationsHistory);
}
