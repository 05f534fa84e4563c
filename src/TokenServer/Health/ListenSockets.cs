using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace TokenServer.Health;

/// <summary>The sockets that the server listens on, so that closing them loses nothing: what waits in a socket's queue when it is closed is
/// reset, after its sender believed to be connected and has sent a request. So new connections are turned away first, and what waits is
/// taken.</summary>
internal sealed class ListenSockets : IDisposable
{
    // <linux/filter.h>, <asm-generic/socket.h>: the byte with a TCP segment's flags; SYN, which opens a connection, is dropped,
    // everything else passes.
    private const int SocketLevel = 1, AttachFilter = 26, FilterSize = 16, PointerAt = 8;
    private static readonly ulong[] DropOpening =
        [Instruction(0x30, 13), Instruction(0x45, 0x02, ifNot: 1), Instruction(0x06, 0), Instruction(0x06, uint.MaxValue)];
    private readonly ConcurrentBag<Socket> sockets = [];

    /// <summary>Binds one, for Kestrel.</summary>
    public Socket Bind(EndPoint endPoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        sockets.Add(socket);
        return socket;
    }

    /// <summary>Takes no new connections: whoever tries gets no answer, tries again after a second as TCP has it, and then is refused by
    /// the closed socket, or taken by the next process. On Linux; elsewhere nothing happens.</summary>
    /// <returns>Whether there was a socket to do it to.</returns>
    public bool TurnAway()
    {
        var listening = OperatingSystem.IsLinux()
            ? sockets.Where(s => s.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6).ToList() : [];
        var instructions = GCHandle.Alloc(DropOpening, GCHandleType.Pinned);
        try
        {
            Span<byte> filter = stackalloc byte[FilterSize];
            filter.Clear();
            MemoryMarshal.Write(filter, (ushort)DropOpening.Length);
            MemoryMarshal.Write(filter[PointerAt..], instructions.AddrOfPinnedObject());
            foreach (var socket in listening) socket.SetRawSocketOption(SocketLevel, AttachFilter, filter);
        }
        finally
        {
            instructions.Free();
        }
        return listening.Count > 0;
    }

    // struct sock_filter: 16 bits of code, 8 each of how far to go on if so and if not, 32 of the operand.
    private static ulong Instruction(ushort code, uint operand, byte ifSo = 0, byte ifNot = 0) =>
        code | (ulong)ifSo << 16 | (ulong)ifNot << 24 | (ulong)operand << 32;

    public void Dispose()
    {
        foreach (var socket in sockets) socket.Dispose();
    }
}
