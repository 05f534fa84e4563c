using TokenServer.Hosting;
using TokenServer.RateLimits;
using TokenServer.Telemetry;

namespace TokenServer.Faces.InTunnel;

/// <summary>The limits that the seed documents: logins by address, everything else by account, by address before one is known. Every answer tells how they stand.</summary>
internal sealed class InTunnelLimits(RateLimitsOptions options, RateWindows windows, BearerAuthentication bearers, HttpsPolicy https)
{
    private static readonly PathString Login = "/api/login";
    private readonly IRateWindow logins = windows.Create("intunnel.login", options.Login), others = windows.Create("intunnel.api", options.Api);

    /// <summary>Runs before everything that could answer, so that errors carry the headers too.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // What is refused anyway, and a browser's preflight, count for nothing.
        bool counts = !https.Refuses(context.Request) && !HttpMethods.IsOptions(context.Request.Method);
        bool isLogin = HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments(Login);
        string key = isLogin || !counts || (await bearers.ReadAsync(context)).Account is not { } account ? ClientAddress.Key(context) : "account " + account.Subject;
        var window = isLogin ? logins : others;
        var lease = await (counts ? window.TakeAsync(key) : window.LookAsync(key));
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers["X-RateLimit-Limit"] = lease.Limit.ToString();
            headers["X-RateLimit-Remaining"] = lease.Remaining.ToString();
            // Rounded up: who comes back at that second is let through.
            headers["X-RateLimit-Reset"] = (lease.Reset + TimeSpan.FromTicks(TimeSpan.TicksPerSecond - 1)).ToUnixTimeSeconds().ToString();
            return Task.CompletedTask;
        });
        if (lease.Allowed || !counts) await next(context);
        else await RetryAfter.Set(context, lease, SuccessAnswers.TooMany()).ExecuteAsync(context);
    }
}
