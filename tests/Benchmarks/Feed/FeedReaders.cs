using System.Net.Sockets;
using System.Text;
using Benchmarks.Servers;

namespace Benchmarks.Feed;

/// <summary>Open streams of the feed, and how many events came on all of them.</summary>
internal sealed class FeedReaders(Uri server) : IDisposable
{
    private const int AtOnce = 100;
    private static readonly byte[] Set = "event: set\n"u8.ToArray(), Current = "event: current\n"u8.ToArray();
    private readonly List<Socket> sockets = [];
    private readonly CancellationTokenSource end = new();
    private long told, current;

    public int Count => sockets.Count;
    public long Told => Interlocked.Read(ref told);

    /// <summary>Opens so many, and returns when each has everything.</summary>
    public async Task OpenAsync(int count)
    {
        byte[] request = Encoding.ASCII.GetBytes($"GET /connect/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{TokenServerProcess.ClientId}:{TokenServerProcess.ClientSecret}"))}\r\n\r\n");
        for (int i = 0; i < count; i += AtOnce)
        {
            for (int j = i; j < Math.Min(count, i + AtOnce); j++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(server.Host, server.Port);
                await socket.SendAsync(request);
                sockets.Add(socket);
                _ = ReadAsync(socket);
            }
            while (Interlocked.Read(ref current) < sockets.Count) await Task.Delay(5);
        }
    }

    public void Dispose()
    {
        end.Cancel();
        foreach (var socket in sockets) socket.Dispose();
        end.Dispose();
    }

    private async Task ReadAsync(Socket socket)
    {
        byte[] buffer = new byte[4096];
        bool isCurrent = false;
        try
        {
            // An event's first lines come in one piece, as they were written.
            while (await socket.ReceiveAsync(buffer, end.Token) is > 0 and var length)
            {
                var text = buffer.AsSpan(0, length);
                if (!isCurrent && text.IndexOf(Current) >= 0)
                {
                    isCurrent = true;
                    Interlocked.Increment(ref current);
                }
                if (isCurrent) Interlocked.Add(ref told, Occurrences(text));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private static int Occurrences(ReadOnlySpan<byte> text)
    {
        int count = 0;
        for (int at; (at = text.IndexOf(Set)) >= 0; text = text[(at + Set.Length)..]) count++;
        return count;
    }
}
