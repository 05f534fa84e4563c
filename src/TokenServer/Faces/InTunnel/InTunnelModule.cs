using TokenServer.Foundation;

namespace TokenServer.Faces.InTunnel;

/// <summary>The InTunnel face (contract section 2, seed 000).</summary>
internal static class InTunnelModule
{
    public static readonly PathString[] Paths = ["/api/login", "/api/verify-2fa", "/api/logout", "/api/tunnels"];

    public static IServiceCollection AddInTunnel(this IServiceCollection services)
    {
        foreach (var path in Paths) services.AddSingleton(new ErrorShape(path, InTunnelLimits.WriteErrorAsync));
        return services.AddSingleton<InTunnelLimits>();
    }

    public static void MapInTunnel(this IEndpointRouteBuilder routes)
    {
        SessionEndpoints.Map(routes);
        TunnelEndpoints.Map(routes);
    }
}
