using System.Diagnostics.Metrics;
using TokenServer.Telemetry;

namespace TokenServer.Tests.Support;

/// <summary>Instruments for parts of the core that a test makes by hand.</summary>
internal sealed class NoMeters : IMeterFactory
{
    public static Instruments Instruments() => new(new NoMeters());

    public Meter Create(MeterOptions options) => new(options);

    public void Dispose()
    {
    }
}
