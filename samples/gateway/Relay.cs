using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace TokenServer.Sample.Gateway;

/// <summary>A stub of a tunnel relay, on UDP as WireGuard is: a peer that opens with a good token is one of the relay's, and what it sends
/// goes to the others, until its token dies. What is dead is looked at in memory at each packet.</summary>
public sealed class Relay(TokenCheck tokens, RelayOptions options, ILogger<Relay> logger) : BackgroundService
{
    /// <summary>What a peer opens with, before its token; the answer is the same word, or <see cref="Closed"/>.</summary>
    public const string Open = "open", Closed = "closed";

    private const int MostPeers = 10_000;
    private readonly ConcurrentDictionary<EndPoint, Peer> peers = new();
    private readonly TaskCompletionSource<IPEndPoint> bound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where it listens.</summary>
    public Task<IPEndPoint> Address => bound.Task;

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
                    await TakeAsync(socket, packet, stoppingToken);
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

    private async Task TakeAsync(UdpClient socket, UdpReceiveResult packet, CancellationToken ct)
    {
        var from = packet.RemoteEndPoint;
        string begin = Open + " ";
        if (packet.Buffer.AsSpan().StartsWith(Encoding.ASCII.GetBytes(begin)))
        {
            string token = Encoding.ASCII.GetString(packet.Buffer.AsSpan(begin.Length));
            var opened = await tokens.JudgeAsync(token, ct);
            // A packet has no proof of a key beside it: a real relay's handshake would bring one (IProofCheck).
            bool isGood = opened.Verdict == Verdict.Good && !opened.Claims.TryGetProperty("cnf", out _) && peers.Count < MostPeers;
            if (isGood) peers[from] = new(token, opened.Claims);
            await SendAsync(socket, isGood ? Open : Closed, from, ct);
            return;
        }
        if (!peers.TryGetValue(from, out var peer)) return;
        if (!await IsGoodAsync(socket, from, peer, ct)) return;
        foreach (var (to, other) in peers)
            if (!to.Equals(from) && await IsGoodAsync(socket, to, other, ct)) await socket.SendAsync(packet.Buffer, (IPEndPoint)to, ct);
    }

    private async Task<bool> IsGoodAsync(UdpClient socket, EndPoint at, Peer peer, CancellationToken ct)
    {
        var verdict = (await tokens.JudgeAsync(peer.Token, peer.Claims, ct)).Verdict;
        if (verdict is Verdict.Good) return true;
        // While nobody can say, nothing passes, and nobody is thrown out either.
        if (verdict != Verdict.Unknown && peers.TryRemove(at, out _)) await SendAsync(socket, Closed, (IPEndPoint)at, ct);
        return false;
    }

    private static async Task SendAsync(UdpClient socket, string word, IPEndPoint to, CancellationToken ct) =>
        await socket.SendAsync(Encoding.ASCII.GetBytes(word), to, ct);

    private sealed record Peer(string Token, JsonElement Claims);

    private static class Log
    {
        private static readonly Action<ILogger, string, Exception?> failed =
            LoggerMessage.Define<string>(LogLevel.Debug, new(1, "Failed"), "A packet could not be delivered: {Problem}");

        public static void Failed(ILogger logger, string problem) => failed(logger, problem, null);
    }
}

/// <summary>Settings <c>Relay</c>.</summary>
public sealed class RelayOptions
{
    /// <summary>Address and port of the relay; empty: there is none.</summary>
    public string Listen { get; set; } = "";
}
