using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Load;

/// <summary>One kept-alive HTTP/1.1 connection that sends ready-made bytes and reads as little of an answer as it can; a real client would be slower than the server.</summary>
internal sealed class Connection : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[16 * 1024];

    public Connection(Uri server) => socket.Connect(IPAddress.Loopback, server.Port);

    /// <summary>Sends <paramref name="request"/>; the body of its answer, or the head of a redirect, this connection's until the next
    /// call.</summary>
    /// <exception cref="InvalidDataException">The answer is not a 200, 201, 303, or 400, which may be what a flow is about, with a
    /// Content-Length.</exception>
    public ReadOnlySpan<byte> Exchange(ReadOnlySpan<byte> request)
    {
        while (request.Length > 0) request = request[socket.Send(request)..];
        int length = 0, head;
        while ((head = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0) length += Receive(length);
        int body = head + 4, size = ContentLength(buffer.AsSpan(0, head));
        bool isRedirect = buffer.AsSpan().StartsWith("HTTP/1.1 303"u8);
        if (size < 0 || !(isRedirect || buffer.AsSpan().StartsWith("HTTP/1.1 20"u8) || buffer.AsSpan().StartsWith("HTTP/1.1 400"u8)))
            throw new InvalidDataException(Encoding.UTF8.GetString(buffer, 0, length));
        while (length < body + size) length += Receive(length);
        return isRedirect ? buffer.AsSpan(0, head) : buffer.AsSpan(body, size);
    }

    public void Dispose() => socket.Dispose();

    private int Receive(int from)
    {
        int received = socket.Receive(buffer.AsSpan(from));
        return received > 0 ? received : throw new InvalidDataException("the server closed the connection, or its answer is too long");
    }

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length: "u8;
        int at = head.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : -1;
    }
}
