using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenServer.Foundation;

namespace TokenServer.Health;

/// <summary>Told to stop (SIGTERM), the server says that it is not ready, goes on serving for <c>TokenServer:DrainDelay</c>, so that who
/// sends requests can learn of it and each connection ends with an answer, then takes no new connections, and closes its listeners when
/// those that it took had time to send what they have; what is in flight by then is answered.</summary>
internal sealed partial class Draining(TokenServerOptions options, ListenSockets sockets, OpenConnections connections,
    IHostApplicationLifetime lifetime, ILogger<Draining> logger) : IHostedLifecycleService, IHealthCheck, IDisposable
{
    private static readonly TimeSpan LastRequests = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource stopped = new();
    private volatile bool hasBegun;

    /// <summary>Whether the server was told to stop.</summary>
    public bool HasBegun => hasBegun;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        hasBegun = true;
        _ = connections.BeatAsync(stopped.Token);
        if (options.DrainDelay == TimeSpan.Zero) return;
        await Task.Delay(options.DrainDelay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (TurnAway()) await Task.Delay(LastRequests, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(hasBegun || lifetime.ApplicationStopping.IsCancellationRequested
            ? new HealthCheckResult(context.Registration.FailureStatus, "stopping") : HealthCheckResult.Healthy());

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => stopped.CancelAsync();
    public void Dispose() => stopped.Cancel();

    private bool TurnAway()
    {
        try
        {
            return sockets.TurnAway();
        }
        catch (SocketException e)
        {
            Log.NotTurnedAway(logger, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning,
            Message = "New connections cannot be turned away before the listener closes; what waits in its queue then is lost: {Problem}")]
        public static partial void NotTurnedAway(ILogger logger, string problem);
    }
}
