using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>A stub of a tunnel relay, on UDP as WireGuard is: a peer that opens with a good token is one of the relay's, and what it sends
/// goes to the others, until its token dies. What is dead is looked at in memory at each packet; nobody waits for another's handshake.</summary>
public sealed class Relay(TokenCheck tokens, RelayOptions options, TimeProvider clock, ILogger<Relay> logger) : BackgroundService
{
    /// <summary>What a peer opens with, before its token; the answer is the same word, or <see cref="Closed"/>.</summary>
    public const string Open = "open", Closed = "closed";

    private static readonly byte[] Opening = Encoding.ASCII.GetBytes(Open + " ");
    private readonly ConcurrentDictionary<IPEndPoint, Peer> peers = new();
    private readonly SemaphoreSlim handshakes = new(options.Handshakes);
    private readonly Lock entering = new();
    private readonly TaskCompletionSource<IPEndPoint> bound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where it listens.</summary>
    public Task<IPEndPoint> Address => bound.Task;

    /// <summary>How many peers there are.</summary>
    public int Count => peers.Count;

    public override void Dispose()
    {
        base.Dispose();
        handshakes.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Listen.Length == 0) return;
        using var socket = new UdpClient(IPEndPoint.Parse(options.Listen));
        bound.SetResult((IPEndPoint)socket.Client.LocalEndPoint!);
        try
        {
            while (true)
            {
                try
                {
                    var packet = await socket.ReceiveAsync(stoppingToken);
                    if (!packet.Buffer.AsSpan().StartsWith(Opening)) await DeliverAsync(socket, packet, stoppingToken);
                    else if (packet.Buffer.Length > options.LargestHandshake) await SendAsync(socket, Closed, packet.RemoteEndPoint, stoppingToken);
                    // Where too many are under way it is lost, as packets are; the peer says it again.
                    else if (handshakes.Wait(0, stoppingToken)) _ = OpenAsync(socket, packet, stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // A peer that is gone says so by its system, and whatever a packet does, the others stay.
                    Log.Failed(logger, e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task OpenAsync(UdpClient socket, UdpReceiveResult packet, CancellationToken ct)
    {
        try
        {
            string token = Encoding.ASCII.GetString(packet.Buffer.AsSpan(Opening.Length));
            bool isOpen = await JudgeAsync(token, ct) is { } claims && Enter(packet.RemoteEndPoint, new(token, claims, clock.GetTimestamp()));
            await SendAsync(socket, isOpen ? Open : Closed, packet.RemoteEndPoint, ct);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Log.Failed(logger, e.Message);
        }
        finally
        {
            handshakes.Release();
        }
    }

    private async Task<JsonElement?> JudgeAsync(string token, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.HandshakeTime);
        try
        {
            var (verdict, claims) = await tokens.JudgeAsync(token, patience.Token);
            // A packet has no proof of a key beside it: a real relay's handshake would bring one (IProofCheck).
            return verdict == Verdict.Good && !claims.TryGetProperty("cnf", out _) ? claims : null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    // So many of all, and so many of an address: one that opens again keeps its place.
    private bool Enter(IPEndPoint from, Peer peer)
    {
        lock (entering)
        {
            if (!peers.ContainsKey(from) && IsFull(from.Address))
            {
                foreach (var (at, idle) in peers)
                    if (clock.GetElapsedTime(idle.SeenAt) > options.IdleTime) peers.TryRemove(at, out _);
                if (IsFull(from.Address)) return false;
            }
            peers[from] = peer;
            return true;
        }
    }

    private bool IsFull(IPAddress address) =>
        peers.Count >= options.MostPeers || peers.Keys.Count(p => p.Address.Equals(address)) >= options.PeersPerAddress;

    private async Task DeliverAsync(UdpClient socket, UdpReceiveResult packet, CancellationToken ct)
    {
        if (packet.Buffer.Length > options.LargestPacket || !peers.TryGetValue(packet.RemoteEndPoint, out var peer)) return;
        if (!await IsGoodAsync(socket, packet.RemoteEndPoint, peer, ct)) return;
        peer.SeenAt = clock.GetTimestamp();
        foreach (var (to, other) in peers)
            if (!to.Equals(packet.RemoteEndPoint) && await IsGoodAsync(socket, to, other, ct)) await socket.SendAsync(packet.Buffer, to, ct);
    }

    private async Task<bool> IsGoodAsync(UdpClient socket, IPEndPoint at, Peer peer, CancellationToken ct)
    {
        var verdict = (await tokens.JudgeAsync(peer.Token, peer.Claims, ct)).Verdict;
        if (verdict is Verdict.Good) return true;
        // While nobody can say, nothing passes, and nobody is thrown out either.
        if (verdict != Verdict.Unknown && peers.TryRemove(at, out _)) await SendAsync(socket, Closed, at, ct);
        return false;
    }

    private static async Task SendAsync(UdpClient socket, string word, IPEndPoint to, CancellationToken ct) =>
        await socket.SendAsync(Encoding.ASCII.GetBytes(word), to, ct);

    private sealed class Peer(string token, JsonElement claims, long seenAt)
    {
        public string Token => token;
        public JsonElement Claims => claims;

        /// <summary>When it last sent something, as the clock's timestamp.</summary>
        public long SeenAt { get; set; } = seenAt;
    }

    private static class Log
    {
        private static readonly Action<ILogger, string, Exception?> failed =
            LoggerMessage.Define<string>(LogLevel.Debug, new(1, "Failed"), "A packet could not be delivered: {Problem}");

        public static void Failed(ILogger logger, string problem) => failed(logger, problem, null);
    }
}
