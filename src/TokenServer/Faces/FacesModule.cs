using TokenServer.Faces.Account;
using TokenServer.Faces.InTunnel;
using TokenServer.Faces.Pin;
using TokenServer.Faces.VpnEnterprise;

namespace TokenServer.Faces;

/// <summary>The four product faces (contract sections 2 to 4).</summary>
internal static class FacesModule
{
    public static IServiceCollection AddFaces(this IServiceCollection services) => services
        .AddSingleton<BearerAuthentication>().AddSingleton<FaceSignOut>()
        .AddInTunnel().AddVpnEnterprise().AddPin().AddAccountFace();

    public static void MapFaces(this IEndpointRouteBuilder routes)
    {
        routes.MapInTunnel();
        routes.MapVpnEnterprise();
        routes.MapPin();
        routes.MapAccountFace();
    }

    /// <summary>What runs before anything of a face could answer.</summary>
    public static void UseFaceLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<InTunnelLimits>();
        app.Use((context, next) => InTunnelModule.Paths.Any(p => context.Request.Path.StartsWithSegments(p))
            ? limits.InvokeAsync(context, next) : next(context));
    }
}
