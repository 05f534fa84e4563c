using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Faces.Pin;

/// <summary>The PIN face (contract section 4, seed 003).</summary>
internal static class PinModule
{
    public static IServiceCollection AddPin(this IServiceCollection services) => services
        .AddSingleton(new ErrorShape("/api/auth", PlainAnswers.WriteAsync))
        .AddSingleton(new ErrorShape("/api/status", PlainAnswers.WriteAsync)).AddSingleton<PinLimit>();

    public static void MapPin(this IEndpointRouteBuilder routes) => PinEndpoints.Map(routes);
}

/// <summary>Attempts by address in any span of the window.</summary>
internal sealed class PinLimit(RateLimitsOptions options, RateWindows windows)
{
    private readonly IRateWindow window = windows.Create("pin", options.Pin);

    public ValueTask<RateLease> TakeAsync(HttpContext context) => window.TakeAsync(ClientAddress.Key(context));
}
