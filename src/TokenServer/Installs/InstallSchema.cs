using InstallLifecycle.Storage;
using TokenServer.Storage;

namespace TokenServer.Installs;

/// <summary>The lifecycle's tables in the server's database.</summary>
internal sealed class InstallSchema : IHostedSchema
{
    public void Upgrade(Statements writer) => Schema.Upgrade<InstallLifecycleDbContext>(writer, options => new(options), InstallLifecycleDbContext.MigrationsHistory);
}
