using System.Diagnostics.Metrics;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Health;

/// <summary>What is looked at when somebody asks: how long the queues are, and how fresh what is kept in memory is.</summary>
internal sealed class Gauges(Instruments instruments, PasswordHashing hashing, Database database, ChangeFeed feed, ClockWatch clocks)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = instruments.Meter;
        meter.CreateObservableGauge("tokenserver.password_hashing.queue.length",
            () => hashing.Waiting, "{password}", "Passwords and secrets that wait to be hashed.");
        meter.CreateObservableCounter("tokenserver.password_hashing.refusals", () => hashing.Refused,
            "{password}", "Passwords and secrets turned away because too many were waiting (503).");
        meter.CreateObservableGauge("tokenserver.write_queue.length",
            () => database.WaitingWrites, "{operation}", "Operations that wait for the writer.");
        meter.CreateObservableGauge("tokenserver.change_feed.lag", () => feed.Lag.TotalSeconds,
            "s", "Time since other processes' changes were last read in full.");
        meter.CreateObservableGauge("tokenserver.clock.offset", () => clocks.Ahead is { } ahead
            ? new Measurement<double>[] { new(ahead.TotalSeconds) } : [], "s", "How far this machine's clock is ahead of the database's.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
