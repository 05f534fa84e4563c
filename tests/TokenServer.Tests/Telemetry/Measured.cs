using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Telemetry;

/// <summary>What one server measured since this began to listen; other servers of the process have meters of their own.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> all = new();

    public Measured(TestServer server)
    {
        var scope = server.Get<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter is { Name: "TokenServer" } && instrument.Meter.Scope == scope) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
        listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Add(i, value, tags));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
        listener.Start();
    }

    /// <summary>Every attribute that any measurement had, as <c>name=value</c>.</summary>
    public IEnumerable<string> Tags => all.SelectMany(m => m.Tags.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct();

    /// <summary>What an instrument measured, each with its attributes as <c>value value</c> in the order of their names.</summary>
    public IReadOnlyList<string> Of(string name) => [.. all.Where(m => m.Name == "tokenserver." + name).Select(m => string.Join(' ', m.Tags.Split(' ').Select(t => t[(t.IndexOf('=', StringComparison.Ordinal) + 1)..])))];

    public IReadOnlyList<double> Values(string name) => [.. all.Where(m => m.Name == "tokenserver." + name).Select(m => m.Value)];

    /// <summary>Asks the gauges.</summary>
    public void Look() => listener.RecordObservableInstruments();

    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        all.Enqueue((instrument.Name, value, string.Join(' ', tags.ToArray().OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}"))));
}
