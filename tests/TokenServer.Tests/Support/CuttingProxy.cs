using System.Net;
using System.Net.Sockets;

namespace TokenServer.Tests.Support;

/// <summary>A way to a server on which an answer can be lost: the request comes through whole, the server acts, and the connection is cut in the middle of the answer's first line.</summary>
internal sealed class CuttingProxy : IDisposable
{
    // Without a byte of an answer the framework sends a request that has no body again by itself.
    private const int Lead = 5;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Uri server;
    private volatile bool cuts;

    public CuttingProxy(string address)
    {
        server = new Uri(address);
        listener.Start();
        _ = AcceptAsync();
        Http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseCookies = false }) { BaseAddress = new Uri($"http://{listener.LocalEndpoint}") };
    }

    /// <summary>A client that goes this way.</summary>
    public HttpClient Http { get; }

    /// <summary>Runs <paramref name="request"/>, whose answer is lost.</summary>
    public async Task LoseAsync(Func<Task> request)
    {
        cuts = true;
        await request.Should().ThrowAsync<HttpRequestException>("its answer is lost");
        cuts = false;
    }

    public void Dispose()
    {
        Http.Dispose();
        listener.Dispose();
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

    private async Task PassAsync(TcpClient client)
    {
        using var outer = client;
        using var inner = new TcpClient();
        await inner.ConnectAsync(server.Host, server.Port);
        var sending = CopyAsync(outer.GetStream(), inner.GetStream());
        byte[] answer = new byte[16 * 1024];
        try
        {
            // What the server answers it answers after the commit: its first byte says that it has acted.
            while (await inner.GetStream().ReadAsync(answer) is > 0 and var length)
            {
                await outer.GetStream().WriteAsync(answer.AsMemory(0, cuts ? Lead : length));
                if (cuts) break;
            }
        }
        catch (IOException)
        {
            // One side has gone.
        }
        outer.Close();
        inner.Close();
        await sending;
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The other direction has closed both.
        }
    }
}
