using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using TokenServer.Foundation;
using TokenServer.Storage.Providers;

namespace TokenServer.Protection;

/// <summary>Where the Data Protection keys are kept: in files beside a database that is one, guarded by their folder;
/// in a database that replicas share, sealed where there is a <see cref="MasterKey"/>.</summary>
internal static partial class ProtectionModule
{
    public static IServiceCollection AddProtection(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName(nameof(TokenServer));
        services.AddSingleton<MasterKey>().AddSingleton<StoredProtectionKeys>();
        return services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(p => new ConfigureOptions<KeyManagementOptions>(keys =>
        {
            var provider = p.GetRequiredService<DatabaseProvider>();
            keys.XmlRepository = provider.IsShared ? p.GetRequiredService<StoredProtectionKeys>()
                : Files(p.GetRequiredService<DataDirectory>().Resolve("keys"), p.GetRequiredService<ILoggerFactory>());
            // They are sealed as a whole, or guarded by their folder; else the framework warns of each.
            keys.XmlEncryptor = new NullXmlEncryptor();
        }));
    }

    // The framework would make the folder as the umask says.
    private static FileSystemXmlRepository Files(string folder, ILoggerFactory logs)
    {
        DataDirectory.CreatePrivate(folder);
        return new(new DirectoryInfo(folder), logs);
    }

    /// <summary>Makes the first key, once, however many replicas start at the same moment;
    /// says so where a shared one is stored in the clear.</summary>
    public static void EnsureProtectionKey(this IServiceProvider services)
    {
        // A key that makes no sense stops the start, also where there is nothing to seal.
        var master = services.GetRequiredService<MasterKey>();
        var provider = services.GetRequiredService<DatabaseProvider>();
        if (!provider.IsShared) return;
        using var alone = provider.TryLock("data protection", wait: true);
        // What is wrong with the stored ones, the framework would wrap in an exception of its own.
        services.GetRequiredService<StoredProtectionKeys>().GetAllElements();
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("Start").Protect([]);
        if (!master.IsSet) Log.InTheClear(services.GetRequiredService<ILogger<MasterKey>>());
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message =
            "The keys that seal private keys and second factors lie in the database beside them: who reads it reads all. "
            + "Set TokenServer:MasterKey or TokenServer:MasterKeyFile (openssl rand -base64 32), the same for all replicas")]
        public static partial void InTheClear(ILogger logger);
    }
}
