using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Faces.VpnEnterprise;

/// <summary>The VPN Enterprise face (contract section 3, seed 001): the same routes at /auth and /v1/auth.</summary>
internal static class VpnEnterpriseModule
{
    private static readonly string[] Prefixes = ["/auth", "/v1/auth"];

    public static IServiceCollection AddVpnEnterprise(this IServiceCollection services)
    {
        foreach (string prefix in Prefixes) services.AddSingleton(new ErrorShape(prefix, SuccessAnswers.WriteAsync));
        return services.AddSingleton<VpnEnterpriseLimit>();
    }

    public static void MapVpnEnterprise(this IEndpointRouteBuilder routes)
    {
        foreach (string prefix in Prefixes) SessionEndpoints.Map(routes.MapGroup(prefix));
    }
}

/// <summary>One bucket for both prefixes (contract section 0).</summary>
internal sealed class VpnEnterpriseLimit(RateLimitsOptions options, RateWindows windows)
{
    private readonly IRateWindow window = windows.Create("vpn_enterprise", options.Password);

    public ValueTask<RateLease> TakeAsync(HttpContext context) => window.TakeAsync(ClientAddress.Key(context));
}
