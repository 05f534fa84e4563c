using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>CORS for the origins of <c>TokenServer:AllowedOrigins</c>; never for issuing install codes,
/// administration or the pages (contract section 0).</summary>
internal static class AllowedOrigins
{
    private static readonly PathString[] Never = ["/api/v2/slowdns/code", "/slowdns", "/admin", "/account"];

    public static void UseAllowedOrigins(this WebApplication app, TokenServerOptions options)
    {
        if (options.AllowedOrigins.Length == 0) return;
        app.UseWhen(context => !Never.Any(path => context.Request.Path.StartsWithSegments(path)), branch => branch.UseCors(policy =>
            policy.WithOrigins(options.AllowedOrigins).WithMethods("GET", "POST", "DELETE")
                .WithHeaders("Authorization", "Content-Type").SetPreflightMaxAge(TimeSpan.FromHours(1))));
    }
}
