namespace TokenServer.Telemetry;

/// <summary>What the server lets be seen of itself: instruments and spans,
/// exported where the standard variables say so (docs/decisions/0015).</summary>
internal static class TelemetryModule
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services) => services
        .AddMetrics().AddSingleton<Instruments>().AddHostedService<OtlpExport>();
}
