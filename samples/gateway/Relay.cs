using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace TokenServer.Sample.Gateway;

/// <summary>A stub of a tunnel relay, on UDP as WireGuard is: a peer that opens with a good token is one of the relay's, and what it sends
/// goes to the others, until its token dies. What is dead is looked at in memory at each packet; nobody waits for another's handshake. An address
/// says a word that was sent to it before it is a peer's: else who writes another's as its own would aim what the others send at it.</summary>
public sealed class Relay(TokenCheck tokens, RelayOptions options, TimeProvider clock, ILogger<Relay> logger) : BackgroundService
{
    /// <summary>What a peer opens with, before its token; the answer is the same, or <see cref="Closed"/>.</summary>
    public const string Open = "open", Closed = "closed";

    /// <summary>What comes before the word that is to be said between <see cref="Open"/> and the token.</summary>
    public const string Word = "word";

    private const int WordLength = 22;
    private static readonly int Offer = Word.Length + 1 + WordLength;
    private static readonly byte[] Opening = Encoding.ASCII.GetBytes(Open + " ");
    private readonly byte[] secret = RandomNumberGenerator.GetBytes(32);
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
                    else if (!HasWord(packet)) await OfferAsync(socket, packet, stoppingToken);
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

    // Whoever's address it is: no answer is longer than what came, and nothing is kept or judged.
    private async Task OfferAsync(UdpClient socket, UdpReceiveResult packet, CancellationToken ct)
    {
        int length = packet.Buffer.Length;
        // No token is that short.
        bool isNone = length < Offer || length > options.LargestHandshake;
        string answer = isNone ? Closed : $"{Word} {WordFor(packet.RemoteEndPoint, Minute)}";
        if (answer.Length <= length) await SendAsync(socket, answer, packet.RemoteEndPoint, ct);
    }

    // A word is good in its minute and the next.
    private bool HasWord(UdpReceiveResult packet)
    {
        if (packet.Buffer.Length > options.LargestHandshake) return false;
        var said = packet.Buffer.AsSpan(Opening.Length);
        return said.Length > WordLength && said[WordLength] == (byte)' '
            && (IsWord(said[..WordLength], packet.RemoteEndPoint, Minute) || IsWord(said[..WordLength], packet.RemoteEndPoint, Minute - 1));
    }

    private bool IsWord(ReadOnlySpan<byte> said, IPEndPoint from, long minute) =>
        CryptographicOperations.FixedTimeEquals(said, Encoding.ASCII.GetBytes(WordFor(from, minute)));

    private string WordFor(IPEndPoint to, long minute) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes($"{minute} {to}")).AsSpan(0, 16));

    private long Minute => clock.GetUtcNow().ToUnixTimeSeconds() / 60;

    private async Task OpenAsync(UdpClient socket, UdpReceiveResult packet, CancellationToken ct)
    {
        try
        {
            string token = Encoding.ASCII.GetString(packet.Buffer.AsSpan(Opening.Length + WordLength + 1));
            bool isOpen = await JudgeAsync(token, ct) is { } held && Enter(packet.RemoteEndPoint, new(held, clock.GetTimestamp()));
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

    private async Task<HeldToken?> JudgeAsync(string token, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.HandshakeTime);
        try
        {
            var (verdict, held) = await tokens.JudgeAsync(token, patience.Token);
            // A packet has no proof of a key beside it: a real relay's handshake would bring one (IProofCheck).
            return verdict == Verdict.Good && held?.Claims.TryGetProperty("cnf", out _) == false ? held : null;
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
        var verdict = await tokens.JudgeAsync(peer.Token, ct);
        if (verdict is Verdict.Good) return true;
        // While nobody can say, nothing passes, and nobody is thrown out either.
        if (verdict != Verdict.Unknown && peers.TryRemove(KeyValuePair.Create(at, peer))) await SendAsync(socket, Closed, at, ct);
        return false;
    }

    private static async Task SendAsync(UdpClient socket, string word, IPEndPoint to, CancellationToken ct) =>
        await socket.SendAsync(Encoding.ASCII.GetBytes(word), to, ct);

    private sealed class Peer(HeldToken token, long seenAt)
    {
        public HeldToken Token => token;

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
