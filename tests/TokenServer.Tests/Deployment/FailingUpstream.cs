using System.Net;
using System.Net.Sockets;

namespace TokenServer.Tests.Deployment;

/// <summary>A replica that takes each request and closes the connection without an answer.</summary>
internal sealed class FailingUpstream : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private int requests;

    public FailingUpstream()
    {
        listener.Start();
        _ = TakeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many it was sent.</summary>
    public int Requests => Volatile.Read(ref requests);

    public void Dispose() => listener.Dispose();

    private async Task TakeAsync()
    {
        byte[] some = new byte[16 * 1024];
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                if (await client.GetStream().ReadAsync(some) > 0) Interlocked.Increment(ref requests);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }
}
