using System.Net;
using System.Text;
using System.Text.Json;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>samples/gateway: the limits of the relay stub, and who gets in and stays.</summary>
public sealed class GatewayRelayTests : IAsyncLifetime
{
    private const string Listen = "Relay:Listen=127.0.0.1:0";
    private PretendServer server = null!;

    public async Task InitializeAsync() => server = await PretendServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task There_are_so_many_peers_of_an_address_and_of_all_and_who_sends_nothing_makes_room()
    {
        await using var gateway = await StartAsync("Relay:PeersPerAddress=2", "Relay:IdleTime=00:00:01");
        using RelayPeer one = await RelayPeer.OfAsync(gateway), two = await RelayPeer.OfAsync(gateway), three = await RelayPeer.OfAsync(gateway);
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
        using RelayPeer one = await RelayPeer.OfAsync(gateway), two = await RelayPeer.OfAsync(gateway);
        (await OpenAsync(one)).Should().Be("open");
        (await OpenAsync(two)).Should().Be("closed");
        gateway.Relay.Count.Should().Be(1);
    }

    [Fact]
    public async Task What_is_too_large_is_neither_judged_nor_handed_on()
    {
        await using var gateway = await StartAsync();
        using RelayPeer one = await RelayPeer.OfAsync(gateway), two = await RelayPeer.OfAsync(gateway);
        await OpenAsync(one);
        await OpenAsync(two);
        int asked = server.JwksAsked;
        await one.SendAsync("open " + server.Token(header: new { kid = "unknown" }) + new string('x', 5000));
        (await one.ReceiveAsync()).Should().Be("closed");
        server.JwksAsked.Should().Be(asked);
        await one.SendAsync(new string('x', 1501));
        await one.SendAsync("small");
        (await two.ReceiveAsync()).Should().Be("small");
    }

    [Fact]
    public async Task Nobody_waits_for_another_s_handshake_and_that_has_an_end()
    {
        await using var gateway = await StartAsync("Relay:HandshakeTime=00:00:01");
        using RelayPeer one = await RelayPeer.OfAsync(gateway), two = await RelayPeer.OfAsync(gateway), slow = await RelayPeer.OfAsync(gateway);
        await OpenAsync(one);
        await OpenAsync(two);
        var asked = new TaskCompletionSource();
        server.Jwks = context =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        // Its key has to be asked for, which hangs.
        string unknown = server.Token(header: new { kid = "unknown" });
        (await Eventually.TrueAsync(async () =>
        {
            await slow.SendAsync($"open {await slow.WordAsync(unknown)} {unknown}");
            return asked.Task.IsCompleted || await slow.ReceiveAsync() == "closed" && asked.Task.IsCompleted;
        }, Eventually.Never)).Should().BeTrue();
        await one.SendAsync("hello");
        (await two.ReceiveAsync()).Should().Be("hello");
        gateway.Relay.Count.Should().Be(2);
    }

    [Fact]
    public async Task Who_does_not_say_the_word_of_its_address_is_no_peer_and_is_told_nothing_longer_than_what_it_said()
    {
        await using var gateway = await StartAsync();
        using RelayPeer one = await RelayPeer.OfAsync(gateway), two = await RelayPeer.OfAsync(gateway);
        // What nobody can be told in fewer bytes gets no answer; this is the first that does.
        foreach (string tiny in (string[])["open ", "x", "open"]) await one.SendAsync(tiny);
        for (int length = 1; length < 60; length++)
        {
            string said = "open " + new string('x', length), heard = await one.AskAsync(said);
            heard.Length.Should().BeLessThanOrEqualTo(said.Length, said);
        }
        string token = server.Token(header: new { kid = "unknown" }), word = await one.WordAsync(token);
        int asked = server.JwksAsked;
        foreach (string wrong in (string[])[new string('A', word.Length), word[..^1] + (word[^1] == 'A' ? 'Q' : 'A'), word.ToUpperInvariant() + "A", word + "A"])
            (await one.AskAsync($"open {wrong} {token}")).Should().StartWith("word ", wrong);
        (await two.AskAsync($"open {word} {token}")).Should().StartWith("word ", "it is another address's");
        server.JwksAsked.Should().Be(asked, "no token is judged before");
        gateway.Relay.Count.Should().Be(0);
        (await OpenAsync(one)).Should().Be("open");
        gateway.Relay.Count.Should().Be(1);
    }

    [Fact]
    public async Task A_word_is_good_for_a_minute()
    {
        await using var real = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(real.Address, real.Clock, Listen, "Gateway:FeedBound=00:05:00");
        using var one = await RelayPeer.OfAsync(gateway);
        string token = await real.WorkerTokenAsync(), word = await one.WordAsync(token);
        real.Clock.Advance(TimeSpan.FromMinutes(1));
        (await one.AskAsync($"open {word} {token}")).Should().Be("open");
        real.Clock.Advance(TimeSpan.FromMinutes(1));
        (await one.AskAsync($"open {word} {token}")).Should().StartWith("word ").And.NotEndWith(word);
        (await one.OpenAsync(token)).Should().Be("open");
    }

    [Fact]
    public async Task Who_opened_by_a_key_that_leaked_is_thrown_out_when_it_is_replaced_and_nobody_is_by_a_rotation()
    {
        await using var real = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(real.Address, real.Clock, Listen, "Gateway:FeedBound=00:05:00");
        using RelayPeer thief = await RelayPeer.OfAsync(gateway), one = await RelayPeer.OfAsync(gateway);
        var keys = real.Get<KeyRing>();
        var claims = JsonSerializer.SerializeToNode(Jwt.Claims(await real.WorkerTokenAsync()))!;
        // No session that anybody could revoke, and good for a year.
        (claims["sid"], claims["jti"], claims["exp"]) = ("unknown", "unknown", real.Clock.GetUtcNow().AddYears(1).ToUnixTimeSeconds());
        string forged = Jwt.Make(keys.Active(SigningKey.ES256), "at+jwt", Encoding.UTF8.GetBytes(claims.ToJsonString()));
        (await thief.OpenAsync(forged)).Should().Be("open");
        (await one.OpenAsync(await real.WorkerTokenAsync())).Should().Be("open");

        await ChangeAsync(() => keys.RotateAsync(SigningKey.ES256, "test"));
        await thief.SendAsync("hello");
        (await one.ReceiveAsync()).Should().Be("hello", "its key is published until what it signed is over");

        await ChangeAsync(() => keys.ReplaceAllAsync("test"));
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(forged) == HttpStatusCode.Unauthorized, Eventually.Never)).Should().BeTrue();
        (await one.OpenAsync(await real.WorkerTokenAsync())).Should().Be("open");
        await one.SendAsync("anybody?");
        (await thief.ReceiveAsync()).Should().Be("closed", "it hears nothing of what others send");
        (await thief.OpenAsync(forged)).Should().Be("closed");
        gateway.Relay.Count.Should().Be(1);

        async Task ChangeAsync(Func<Task> change)
        {
            string mark = gateway.Keys.Mark;
            await change();
            (await Eventually.TrueAsync(() => Task.FromResult(gateway.Keys.Mark != mark), Eventually.Never)).Should().BeTrue();
        }
    }

    private async Task<GatewayRig> StartAsync(params string[] settings) => await GatewayRig.StartAsync(server.Address, TimeProvider.System, [Listen, .. settings]);

    private Task<string> OpenAsync(RelayPeer peer) => peer.OpenAsync(server.Token());
}
