using System.Net;
using System.Net.WebSockets;
using System.Text;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>samples/gateway: what is open already when its token dies.</summary>
public sealed class GatewayConnectionTests
{
    // Nothing is too old to decide by, on however busy a machine.
    private const string Wide = "Gateway:FeedBound=00:05:00", Narrow = "Gateway:FeedBound=00:00:05";

    [Theory]
    [InlineData("it is revoked", Wide)]
    [InlineData("it is over", Wide)]
    [InlineData("its key is replaced", Wide)]
    [InlineData("nobody can say", Narrow)]
    public async Task A_socket_and_an_answer_that_goes_on_are_cut_off_when_their_token_is_good_no_more(string why, string bound)
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock, bound);
        string token = await server.WorkerTokenAsync();
        using var answer = await OpenAnswerAsync(gateway, token);
        using var socket = await OpenSocketAsync(gateway, token);
        switch (why)
        {
            case "it is revoked":
                await server.PostAsync("/connect/revoke", "worker", ("token", token));
                break;
            case "it is over":
                server.Clock.Advance(TimeSpan.FromHours(1));
                break;
            case "its key is replaced":
                await server.Get<KeyRing>().ReplaceAllAsync("test");
                break;
            default:
                gateway.Way.IsCut = true;
                break;
        }
        await IsCutOffAsync(answer);
        await IsCutOffAsync(socket);
    }

    [Fact]
    public async Task What_is_good_stays_open_through_the_end_of_others_and_a_rotation_of_keys()
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock, Wide);
        string dead = await server.WorkerTokenAsync();
        using var good = await OpenSocketAsync(gateway, await server.WorkerTokenAsync());
        using var first = await OpenSocketAsync(gateway, dead);
        string mark = gateway.Keys.Mark;
        (await server.Get<KeyRing>().RotateAsync(SigningKey.ES256, "test")).Should().BeTrue();
        (await Eventually.TrueAsync(() => Task.FromResult(gateway.Keys.Mark != mark), Eventually.Never)).Should().BeTrue();
        // Begun after the others: when this one is judged, they were, and by the new keys.
        using var later = await OpenSocketAsync(gateway, dead);
        await server.PostAsync("/connect/revoke", "worker", ("token", dead));
        await IsCutOffAsync(first);
        await IsCutOffAsync(later);
        await IsOpenAsync(good);
    }

    [Fact]
    public async Task Where_a_stale_gateway_asks_it_asks_of_what_is_open_too()
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock, Narrow, "Gateway:WhenStale=Introspect");
        string token = await server.WorkerTokenAsync();
        using var socket = await OpenSocketAsync(gateway, token);
        gateway.Way.IsCut = true;
        (await Eventually.TrueAsync(() => Task.FromResult(!gateway.Feed.IsFresh), Eventually.Never)).Should().BeTrue();
        await IsOpenAsync(socket);
        await server.PostAsync("/connect/revoke", "worker", ("token", token));
        await IsCutOffAsync(socket);
    }

    private static async Task<Stream> OpenAnswerAsync(GatewayRig gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, GatewayRig.Endless) { Headers = { Authorization = new("Bearer", token) } };
        var response = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var stream = await response.Content.ReadAsStreamAsync();
        (await stream.ReadAsync(new byte[1])).Should().Be(1);
        return stream;
    }

    private static async Task<ClientWebSocket> OpenSocketAsync(GatewayRig gateway, string token)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        await socket.ConnectAsync(new UriBuilder(gateway.Http.BaseAddress!) { Scheme = "ws", Path = GatewayRig.Socket }.Uri, default);
        await IsOpenAsync(socket);
        return socket;
    }

    private static async Task IsOpenAsync(ClientWebSocket socket)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes("hello"), WebSocketMessageType.Text, true, default);
        byte[] heard = new byte[16];
        var got = await socket.ReceiveAsync(heard, default);
        Encoding.ASCII.GetString(heard, 0, got.Count).Should().Be("hello");
    }

    private static async Task IsCutOffAsync(Stream answer) =>
        (await Record.ExceptionAsync(() => EndAsync(answer.ReadAsync(new byte[16]).AsTask()))).Should().BeAssignableTo<IOException>();

    private static async Task IsCutOffAsync(ClientWebSocket socket) =>
        (await Record.ExceptionAsync(() => EndAsync(socket.ReceiveAsync(new byte[16], default)))).Should().BeOfType<WebSocketException>();

    private static Task EndAsync(Task reading) => reading.WaitAsync(TimeSpan.FromMinutes(2));
}
