using InstallLifecycle;
using TokenServer.Accounts.Explaining;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Installs;

/// <summary>Hosts the install lifecycle (contract section 5): its ports, its settings, its tokens and its errors.</summary>
internal static class InstallsModule
{
    public static IServiceCollection AddInstalls(this IServiceCollection services)
    {
        services.AddSettings<InstallLifecycleOptions>("InstallLifecycle");
        services.AddSingleton<IHostedSchema, InstallSchema>().AddSingleton<IInstallStorage, InstallStorage>()
            .AddSingleton<IInstallAdministrators, InstallAdministrators>().AddSingleton<IInstallClients, InstallClients>()
            .AddSingleton<IInstallAddress, InstallAddress>().AddSingleton<IInstallReceipts, ReceiptSigner>()
            .AddSingleton<IKeptInMemory, StepsOfOthers>();
        services.AddSingleton<ITokenKind, InstallTokenKind>().AddSingleton<ITokenKind, InstallCodeKind>()
            .AddSingleton<IExplainedKind, ExplainedInstalls>().AddSingleton<EveryKey>();
        foreach (var prefix in InstallLifecycleModule.Prefixes)
            services.AddSingleton(
                new ErrorShape(prefix, (context, fault) => InstallLifecycleModule.WriteErrorAsync(context, PlainErrors.StatusOf(fault))));
        return services.AddInstallLifecycle();
    }
}
