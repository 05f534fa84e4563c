using System.Diagnostics.Metrics;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.BackChannel;

/// <summary>What is looked at when somebody asks: how many logout tokens wait, and for how long.</summary>
internal sealed class LogoutGauges(Instruments instruments, LogoutList list) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        instruments.Meter.CreateObservableGauge("tokenserver.logout.waiting",
            () => Measure(f => f.Waiting), "{delivery}", "Clients that are still to be told of a session's end.");
        instruments.Meter.CreateObservableGauge("tokenserver.logout.age",
            () => Measure(f => f.Oldest.TotalSeconds), "s", "How long the oldest of them has been waiting.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Nothing is told while the database is away; that is told elsewhere.
    private Measurement<T>[] Measure<T>(Func<LogoutFigures, T> of) where T : struct
    {
        try
        {
            return [new(of(list.Count()))];
        }
        catch (StorageUnavailableException)
        {
            return [];
        }
    }
}
