using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TokenServer.Foundation;

namespace TokenServer.Telemetry;

/// <summary>Sends metrics and traces by OTLP while <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; the standard variables rule.
/// Else nothing is loaded and nobody listens.</summary>
internal sealed partial class OtlpExport(IConfiguration configuration, ILogger<OtlpExport> logger) : IHostedService
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private static readonly string[] FrameworkMeters =
        ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];
    private IDisposable? sdk;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (configuration[Endpoint] is not { } collector || string.IsNullOrWhiteSpace(collector)) return Task.CompletedTask;
        // The package would send to its default address instead, and tell nobody.
        if (!Uri.TryCreate(collector, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new SettingException(Endpoint, "it must be an http or https address");
        if (configuration[Protocol] is { Length: > 0 } protocol && protocol is not ("grpc" or "http/protobuf"))
            throw new SettingException(Protocol, "it must be grpc or http/protobuf");
        StartSdk();
        return Task.CompletedTask;
    }

    // What is left is sent first, which a collector that does not answer makes take its time.
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (sdk is null) return;
        try
        {
            await Task.Run(sdk.Dispose, CancellationToken.None).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Log.CutOff(logger);
        }
    }

    // A method of its own that names none of their types outside, so that the packages are loaded only where it is called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StartSdk() => sdk = OpenTelemetrySdk.Create(builder =>
    {
        builder.Services.AddSingleton(configuration);
        builder
            // The variables come last, so that they outweigh what the program says of itself.
            .ConfigureResource(resource => resource.Clear().AddService("token-server", serviceVersion: Spans.Version)
                .AddTelemetrySdk().AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics.AddMeter(Instruments.MeterName).AddMeter(FrameworkMeters))
            .WithTracing(tracing => tracing.AddSource(Spans.SourceName, "Microsoft.AspNetCore"))
            .UseOtlpExporter();
    });

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The last metrics and traces were not sent: the collector takes too long")]
        public static partial void CutOff(ILogger logger);
    }
}
