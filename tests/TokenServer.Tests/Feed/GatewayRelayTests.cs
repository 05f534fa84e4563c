using System.Net;
using System.Net.Sockets;
using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>samples/gateway: the limits of the relay stub.</summary>
public sealed class GatewayRelayTests : IAsyncLifetime
{
    private PretendServer server = null!;

    public async Task InitializeAsync() => server = await PretendServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task There_are_so_many_peers_of_an_address_and_of_all_and_who_sends_nothing_makes_room()
    {
        await using var gateway = await StartAsync("Relay:PeersPerAddress=2", "Relay:IdleTime=00:00:01");
        using UdpClient one = Peer(gateway), two = Peer(gateway), three = Peer(gateway);
        (await OpenAsync(one)).Should().Be("open");
        (await OpenAsync(two)).Should().Be("open");
        (await OpenAsync(two)).Should().Be("open", "one that opens again has a place");
        // Until the first that sends nothing has been idle for a second.
        (await Eventually.TrueAsync(async () => await OpenAsync(three) == "open", Eventually.Never)).Should().BeTrue();
        gateway.Relay.Count.Should().BeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_place_is_not_given_while_others_have_theirs()
    {
        await using var gateway = await StartAsync("Relay:MostPeers=1");
        using UdpClient one = Peer(gateway), two = Peer(gateway);
        (await OpenAsync(one)).Should().Be("open");
        (await OpenAsync(two)).Should().Be("closed");
        gateway.Relay.Count.Should().Be(1);
    }

    [Fact]
    public async Task What_is_too_large_is_neither_judged_nor_handed_on()
    {
        await using var gateway = await StartAsync();
        using UdpClient one = Peer(gateway), two = Peer(gateway);
        await OpenAsync(one);
        await OpenAsync(two);
        int asked = server.JwksAsked;
        await SendAsync(one, "open " + server.Token(header: new { kid = "unknown" }) + new string('x', 5000));
        (await ReceiveAsync(one)).Should().Be("closed");
        server.JwksAsked.Should().Be(asked);
        await SendAsync(one, new string('x', 1501));
        await SendAsync(one, "small");
        (await ReceiveAsync(two)).Should().Be("small");
    }

    [Fact]
    public async Task Nobody_waits_for_another_s_handshake_and_that_has_an_end()
    {
        await using var gateway = await StartAsync("Relay:HandshakeTime=00:00:01");
        using UdpClient one = Peer(gateway), two = Peer(gateway), slow = Peer(gateway);
        await OpenAsync(one);
        await OpenAsync(two);
        var asked = new TaskCompletionSource();
        server.Jwks = context =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        // Its key has to be asked for, which hangs.
        (await Eventually.TrueAsync(async () =>
        {
            await SendAsync(slow, "open " + server.Token(header: new { kid = "unknown" }));
            return asked.Task.IsCompleted || await ReceiveAsync(slow) == "closed" && asked.Task.IsCompleted;
        }, Eventually.Never)).Should().BeTrue();
        await SendAsync(one, "hello");
        (await ReceiveAsync(two)).Should().Be("hello");
        gateway.Relay.Count.Should().Be(2);
    }

    private async Task<GatewayRig> StartAsync(params string[] settings) => await GatewayRig.StartAsync(server.Address, TimeProvider.System, ["Relay:Listen=127.0.0.1:0", .. settings]);

    private static UdpClient Peer(GatewayRig gateway)
    {
        var peer = new UdpClient(AddressFamily.InterNetwork);
        peer.Connect(gateway.Relay.Address.Result);
        return peer;
    }

    private async Task<string> OpenAsync(UdpClient peer)
    {
        await SendAsync(peer, "open " + server.Token());
        return await ReceiveAsync(peer);
    }

    private static async Task SendAsync(UdpClient peer, string text) => await peer.SendAsync(Encoding.ASCII.GetBytes(text));

    private static async Task<string> ReceiveAsync(UdpClient peer) => Encoding.ASCII.GetString((await peer.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(30))).Buffer);
}
