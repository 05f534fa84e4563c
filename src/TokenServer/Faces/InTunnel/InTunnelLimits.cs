using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Faces.InTunnel;

/// <summary>The limits that the seed documents: logins by address, everything else by account, by address before one is known.
/// Every answer tells how they stand.</summary>
internal sealed class InTunnelLimits(RateLimitsOptions options, RateWindows windows,
    BearerAuthentication bearers, HttpsPolicy https, TimeProvider clock)
{
    private static readonly PathString Login = "/api/login";
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);
    private readonly IRateWindow logins = windows.Create("intunnel.login", options.Login),
        others = windows.Create("intunnel.api", options.Api);

    /// <summary>The shape of what no endpoint wrote. Where nothing was counted, since the database is away,
    /// nothing remains until it is asked again.</summary>
    public static Task WriteErrorAsync(HttpContext context, Fault fault)
    {
        context.RequestServices.GetRequiredService<InTunnelLimits>().TellNothing(context);
        return SuccessAnswers.WriteAsync(context, fault);
    }

    /// <summary>Runs before everything that could answer, so that errors carry the headers too.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // What is refused anyway, and a browser's preflight, count for nothing.
        bool counts = !https.Refuses(context.Request) && !HttpMethods.IsOptions(context.Request.Method);
        bool isLogin = IsLogin(context);
        string key = isLogin || !counts || await bearers.FindAccountAsync(context) is not { } account
            ? ClientAddress.Key(context) : "account " + account.Subject;
        var window = isLogin ? logins : others;
        var lease = await (counts ? window.TakeAsync(key) : window.LookAsync(key));
        context.Response.OnStarting(() =>
        {
            Tell(context, lease);
            return Task.CompletedTask;
        });
        if (lease.Allowed || !counts) await next(context);
        else await RetryAfter.Set(context, lease, SuccessAnswers.TooMany()).ExecuteAsync(context);
    }

    private void TellNothing(HttpContext context) =>
        Tell(context, new RateLease(Allowed: false, (IsLogin(context) ? options.Login : options.Api).Permits,
            0, AskAgain, clock.GetUtcNow() + AskAgain));

    private static bool IsLogin(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments(Login);

    private static void Tell(HttpContext context, RateLease lease)
    {
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = lease.Limit.ToString();
        headers["X-RateLimit-Remaining"] = lease.Remaining.ToString();
        // Rounded up: who comes back at that second is let through.
        headers["X-RateLimit-Reset"] = (lease.Reset + TimeSpan.FromTicks(TimeSpan.TicksPerSecond - 1)).ToUnixTimeSeconds().ToString();
    }
}
