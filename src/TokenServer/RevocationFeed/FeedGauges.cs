using System.Diagnostics.Metrics;
using TokenServer.Telemetry;

namespace TokenServer.RevocationFeed;

/// <summary>What is looked at when somebody asks: who reads the feed here, and how far behind each is.</summary>
internal sealed class FeedGauges(Instruments instruments, FeedReaders readers, FeedListeners listeners) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        instruments.Meter.CreateObservableGauge("tokenserver.revocation_feed.listeners",
            () => listeners.Count, "{listener}", "Streams and held polls of the feed of revocations.");
        instruments.Meter.CreateObservableGauge("tokenserver.revocation_feed.lag",
            () => readers.Here().Select(Measure).OfType<Measurement<double>>(), "s",
            "Time since a reader of the feed of revocations last had everything, by client and reader.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Both are registered names or checked ones, and so many for a client.
    private Measurement<double>? Measure(FeedReading reading) => readers.LagOf(reading) is { } lag
        ? new Measurement<double>(Math.Max(0, lag.TotalSeconds), new("tokenserver.client_id", reading.ClientId),
            new("tokenserver.reader", reading.Name), new("tokenserver.way", reading.Way)) : null;
}
