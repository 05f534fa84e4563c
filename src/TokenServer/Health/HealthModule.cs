using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenServer.Foundation;

namespace TokenServer.Health;

/// <summary>What an orchestrator asks: <c>/health/live</c>, whether the process answers, and <c>/health/ready</c>,
/// whether to send it requests.</summary>
internal static class HealthModule
{
    private static readonly TimeSpan Last = TimeSpan.FromSeconds(2);
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<DatabaseCheck>("database").AddCheck<SchemaCheck>("schema").AddCheck<SigningKeyCheck>("signing_key")
            // A server that stops does as it was told: no error in its log at each probe.
            .AddCheck<Draining>("draining", HealthStatus.Degraded);
        services.AddSingleton<DatabaseProbe>().AddSingleton<DatabaseCheck>().AddSingleton<SchemaCheck>().AddSingleton<SigningKeyCheck>();
        services.AddHostedService<Gauges>()
            .AddSingleton<ListenSockets>().AddSingleton<OpenConnections>()
            .AddSingleton<Draining>().AddHostedService(p => p.GetRequiredService<Draining>());
        services.AddOptions<SocketTransportOptions>()
            .Configure<ListenSockets>((transport, sockets) => transport.CreateBoundListenSocket = sockets.Bind);
        services.AddOptions<KestrelServerOptions>().Configure<OpenConnections>(
            (kestrel, connections) => kestrel.ConfigureEndpointDefaults(listen => listen.Use(connections.Watch)));
        // A little earlier than the end, so that what was cut off can still be put in order.
        services.AddOptions<HostOptions>().Configure<TokenServerOptions>(
            (host, options) => host.ShutdownTimeout = options.DrainDelay + options.ShutdownTimeout - LastOf(options.ShutdownTimeout));
        return services;
    }

    /// <summary>Has a server that was told to stop give up its connections, each with the next answer:
    /// a request on one that is closed under it would be lost.</summary>
    public static void UseDraining(this WebApplication app)
    {
        var draining = app.Services.GetRequiredService<Draining>();
        app.Use((context, next) =>
        {
            if (draining.HasBegun && HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.OnStarting(static state =>
            {
                ((HttpContext)state).Response.Headers.Connection = "close";
                return Task.CompletedTask;
            }, context);
            return next(context);
        });
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(HttpsPolicy.Live, Methods, (RequestDelegate)(context => AnswerAsync(context, "live", null))).DisableHttpMetrics();
        routes.MapMethods(HttpsPolicy.Ready, Methods, (RequestDelegate)ReadyAsync).DisableHttpMetrics();
    }

    private static TimeSpan LastOf(TimeSpan timeout) => timeout / 4 < Last ? timeout / 4 : Last;

    private static async Task ReadyAsync(HttpContext context)
    {
        var report = await context.RequestServices.GetRequiredService<HealthCheckService>().CheckHealthAsync(context.RequestAborted);
        await (report.Status == HealthStatus.Healthy ? AnswerAsync(context, "ready", null) : AnswerAsync(context, "unavailable", report));
    }

    private static Task AnswerAsync(HttpContext context, string status, HealthReport? report) =>
        Json.WriteAsync(context, report is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            (status, report), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteString("status"u8, answer.status);
            if (answer.report is { } report)
            {
                json.WriteStartObject("checks"u8);
                foreach (var (name, entry) in report.Entries)
                    json.WriteString(name, entry.Status == HealthStatus.Healthy ? "ok" : entry.Description ?? "failed");
                json.WriteEndObject();
            }
            json.WriteEndObject();
        });
}
