using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TokenServer.Tests.Replicas;

/// <summary>A way to the database that can stop passing bytes, while all connections stay: what a network does that loses packets. What was sent meanwhile comes through afterwards.</summary>
internal sealed class BlackHole : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> connections = [];
    private readonly int port;
    private volatile TaskCompletionSource passes = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="port">The database's, on this machine.</param>
    public BlackHole(int port)
    {
        this.port = port;
        passes.SetResult();
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>From here on no byte passes.</summary>
    public void Close() => passes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Everything passes again.</summary>
    public void Open() => passes.TrySetResult();

    public void Dispose()
    {
        listener.Dispose();
        Open();
        foreach (var connection in connections) connection.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    private async Task PassAsync(TcpClient outer)
    {
        var inner = new TcpClient();
        connections.Add(outer);
        connections.Add(inner);
        try
        {
            await passes.Task;
            await inner.ConnectAsync(IPAddress.Loopback, port);
            await Task.WhenAny(CopyAsync(outer, inner), CopyAsync(inner, outer));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side has gone; so does the other.
        }
        outer.Dispose();
        inner.Dispose();
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try
        {
            byte[] buffer = new byte[64 * 1024];
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var length)
            {
                await passes.Task;
                await to.GetStream().WriteAsync(buffer.AsMemory(0, length));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The other direction has closed both.
        }
    }
}
