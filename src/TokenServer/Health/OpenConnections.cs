using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace TokenServer.Health;

/// <summary>The open connections. Kestrel's heartbeat, by which a client is given up that keeps the server waiting for a body, ends when
/// the server is told to stop; this one goes on for what is in flight.</summary>
internal sealed partial class OpenConnections(ListenSockets sockets, ILogger<OpenConnections> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Heartbeat, bool> open = new();

    /// <summary>Keeps each connection in sight until it ends.</summary>
    public ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        sockets.LetIn(connection);
        var heartbeat = new Heartbeat(connection.Features.Get<IConnectionHeartbeatFeature>());
        connection.Features.Set<IConnectionHeartbeatFeature>(heartbeat);
        open.TryAdd(heartbeat, true);
        try
        {
            await next(connection);
        }
        finally
        {
            open.TryRemove(heartbeat, out _);
        }
    };

    /// <summary>Has every connection look once a second at how long its client lets it wait, until <paramref name="ct"/>.</summary>
    public async Task BeatAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
                foreach (var (heartbeat, _) in open) heartbeat.Beat();
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
        catch (Exception e)
        {
            Log.Stopped(logger, e);
        }
    }

    /// <summary>What a connection does at each beat, Kestrel's or ours.</summary>
    private sealed class Heartbeat(IConnectionHeartbeatFeature? own) : IConnectionHeartbeatFeature
    {
        private readonly ConcurrentQueue<(Action<object> Act, object State)> acts = new();

        public void OnHeartbeat(Action<object> action, object state)
        {
            acts.Enqueue((action, state));
            own?.OnHeartbeat(action, state);
        }

        public void Beat()
        {
            foreach (var (act, state) in acts) act(state);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Clients that let the server wait are not given up before the end of the stop")]
        public static partial void Stopped(ILogger logger, Exception exception);
    }
}
