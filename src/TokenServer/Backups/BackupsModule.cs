using TokenServer.Storage;

namespace TokenServer.Backups;

/// <summary>Backup and restore, of a database in a file.</summary>
internal static class BackupsModule
{
    // The database is opened by the first who asks for it, and opening it brings it up to date.
    public static IServiceCollection AddBackups(this IServiceCollection services) => services
        .AddSingleton<Func<Database>>(p => p.GetRequiredService<Database>)
        .AddSingleton<Backup>().AddSingleton<Restore>().AddSingleton<RestoredServer>();
}
