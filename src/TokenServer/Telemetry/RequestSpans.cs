using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace TokenServer.Telemetry;

/// <summary>Names the framework's span of a request by its route, not by its address,
/// which may hold anything (OpenTelemetry's semantic conventions for HTTP).</summary>
internal static class RequestSpans
{
    private static readonly FrozenSet<string> Methods =
        new[] { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" }.ToFrozenSet(StringComparer.Ordinal);

    public static void UseRequestSpans(this WebApplication app) => app.Use((context, next) =>
        Spans.AreSeen && context.Features.Get<IHttpActivityFeature>()?.Activity is { } span
            ? NameAsync(context, next, span) : next(context));

    private static async Task NameAsync(HttpContext context, RequestDelegate next, Activity span)
    {
        await next(context);
        string method = Methods.Contains(context.Request.Method) ? context.Request.Method : "_OTHER";
        string? route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag("http.request.method", method).SetTag("http.route", route)
            .SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError) span.SetStatus(ActivityStatusCode.Error);
    }
}
