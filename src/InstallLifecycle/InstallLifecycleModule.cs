using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace InstallLifecycle;

/// <summary>What a host adds to carry the install lifecycle (contract section 5): its services and its routes.</summary>
public static class InstallLifecycleModule
{
    /// <summary>Adds the services of the lifecycle. There are none yet.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddInstallLifecycle(this IServiceCollection services) => services;

    /// <summary>Maps the routes of the lifecycle. There are none yet.</summary>
    /// <param name="routes">The host's routes.</param>
    public static IEndpointRouteBuilder MapInstallLifecycle(this IEndpointRouteBuilder routes) => routes;
}
