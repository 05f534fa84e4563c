using InstallLifecycle.Codes;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>CORS for the origins of <c>TokenServer:AllowedOrigins</c>; never for issuing install codes, administration or the pages
/// (contract section 0). It stands before all that may refuse, so that a script can read every answer.</summary>
internal static class AllowedOrigins
{
    // What browsers are sent to is for no script to read (RFC 9700 section 2.6).
    private static readonly PathString[] Never =
        ["/api/v2/slowdns/code", "/slowdns", "/admin", "/account", "/connect/authorize", "/connect/verify", "/connect/endsession"];
    private static readonly string[] Exposed =
        ["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "WWW-Authenticate", "DPoP-Nonce"];

    /// <summary>Whether another origin's script may read answers at <paramref name="path"/>.</summary>
    public static bool ApplyTo(PathString path)
    {
        foreach (var never in Never)
            if (path.StartsWithSegments(never)) return false;
        return true;
    }

    public static IServiceCollection AddAllowedOrigins(this IServiceCollection services) =>
        services.AddCors().AddTransient<ICorsService, OriginAnswers>();

    public static void UseAllowedOrigins(this WebApplication app, TokenServerOptions options)
    {
        if (options.AllowedOrigins.Length == 0) return;
        var origins = options.AllowedOrigins.Select(WebOrigin.Canonical).ToHashSet(StringComparer.Ordinal);
        app.UseWhen(context => ApplyTo(context.Request.Path), branch => branch.UseCors(policy =>
            policy.SetIsOriginAllowed(origin => WebOrigin.Canonical(origin) is { } name && origins.Contains(name))
                .WithMethods("GET", "POST", "DELETE").WithHeaders("Authorization", "Content-Type", "DPoP").WithExposedHeaders(Exposed)
                .SetPreflightMaxAge(TimeSpan.FromHours(1))));
    }

    // Every answer says already that it differs by origin, also to who sent none (AnswerHeaders).
    private sealed class OriginAnswers(IOptions<CorsOptions> options, ILoggerFactory loggers) : CorsService(options, loggers)
    {
        public override void ApplyResult(CorsResult result, HttpResponse response)
        {
            result.VaryByOrigin = false;
            base.ApplyResult(result, response);
        }
    }
}
