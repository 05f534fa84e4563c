using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace TokenServer.Health;

/// <summary>The sockets that the server listens on, so that closing them loses nothing: what waits in a socket's queue when it is closed is
/// reset, after its sender believed to be connected and has sent a request. So new connections are turned away first, and what waits is
/// taken.</summary>
internal sealed class ListenSockets : IDisposable
{
    // <linux/in.h>, <linux/in6.h>, RFC 5082: packets of a lower TTL are dropped. It takes no privilege; senders begin with 64 or 128.
    private const int Ip = 0, MinTtl = 21, Ip6 = 41, MinHopCount = 73, Highest = 255;
    private readonly ConcurrentBag<Socket> sockets = [];
    private volatile bool turnsAway;

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
    /// <exception cref="SocketException">The system does not know how; it goes on taking connections.</exception>
    public bool TurnAway()
    {
        var listening = OperatingSystem.IsLinux() ? sockets.Where(IsInternet).ToList() : [];
        turnsAway = listening.Count > 0;
        foreach (var socket in listening) Demand(socket, Highest);
        return turnsAway;
    }

    /// <summary>Lets a connection go on that was on its way in when others were turned away: its socket takes after the one that
    /// listens.</summary>
    public void LetIn(ConnectionContext connection)
    {
        if (turnsAway && connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && IsInternet(socket)) Demand(socket, 0);
    }

    private static bool IsInternet(Socket socket) => socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;

    private static void Demand(Socket socket, int least)
    {
        socket.SetRawSocketOption(Ip, MinTtl, BitConverter.GetBytes(least));
        if (socket.AddressFamily == AddressFamily.InterNetworkV6) socket.SetRawSocketOption(Ip6, MinHopCount, BitConverter.GetBytes(least));
    }

    public void Dispose()
    {
        foreach (var socket in sockets) socket.Dispose();
    }
}
