using Microsoft.AspNetCore.Authentication;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage.Rows;

namespace TokenServer.Hosting;

/// <summary>OpenIddict's managers over our stores, all of them singletons (docs/decisions/0020).</summary>
internal static class OpenIddictModule
{
    public static IServiceCollection AddOpenIddictStores(this IServiceCollection services)
    {
        services.AddOpenIddict().AddCore(core => core
            .SetDefaultApplicationEntity<ApplicationRow>().SetDefaultAuthorizationEntity<AuthorizationRow>()
            .SetDefaultScopeEntity<ScopeRow>().SetDefaultTokenEntity<TokenRow>()
            .ReplaceApplicationManager<ApplicationRow, ClientManager>()
            .ReplaceApplicationStore<ApplicationRow, ClientStore>(ServiceLifetime.Singleton)
            .ReplaceAuthorizationStore<AuthorizationRow, SessionStore>(ServiceLifetime.Singleton)
            .ReplaceScopeStore<ScopeRow, ScopeStore>(ServiceLifetime.Singleton)
            .ReplaceTokenStore<TokenRow, TokenStore>(ServiceLifetime.Singleton)
            // The stores answer from memory, and compare to the letter.
            .DisableEntityCaching().DisableAdditionalFiltering());
        return services;
    }

    /// <summary>Makes singletons of what OpenIddict registered for each request: it keeps nothing of one, where its stores do
    /// not.</summary>
    public static IServiceCollection MakeOpenIddictSingletons(this IServiceCollection services)
    {
        for (int i = 0; i < services.Count; i++)
        {
            if (services[i] is { Lifetime: ServiceLifetime.Scoped } scoped && IsOpenIddicts(scoped.ServiceType))
                services[i] = AsSingleton(scoped);
        }
        return services;
    }

    // Its authentication handler has a request of its own.
    private static bool IsOpenIddicts(Type type) =>
        !typeof(IAuthenticationHandler).IsAssignableFrom(type)
        && type.Assembly.GetName().Name!.StartsWith("OpenIddict", StringComparison.Ordinal);

    private static ServiceDescriptor AsSingleton(ServiceDescriptor scoped) => scoped.ImplementationFactory is { } factory
        ? ServiceDescriptor.Singleton(scoped.ServiceType, factory)
        : ServiceDescriptor.Singleton(scoped.ServiceType, scoped.ImplementationType!);
}
