using System.Net;
using System.Text;
using System.Text.Json;
using TokenServer.Clients;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Sample.Gateway;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Feed;

/// <summary>samples/gateway: what was revoked is refused there too, within a second, and nothing is missed (docs/decisions/0037).</summary>
public sealed class GatewayTests
{
    // The second that is promised is measured by GatewayLatencyTests, which have the machine to themselves.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("Stream")]
    [InlineData("Poll")]
    public async Task What_is_revoked_is_refused_soon(string way)
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock, $"Gateway:FeedBy={way}");
        var signedIn = await server.SignInAsync("web", "bob", "openid offline_access api");
        string session = signedIn["access_token"]!, token = await server.WorkerTokenAsync(), other = await server.WorkerTokenAsync("quiet");
        foreach (string good in (string[])[session, token, other]) (await gateway.AskAsync(good)).Should().Be(HttpStatusCode.OK);
        await server.PostAsync("/connect/revoke", "web", ("token", signedIn["refresh_token"]!));
        (await gateway.UntilRefusedAsync(session)).Should().BeLessThan(Soon);
        await server.PostAsync("/connect/revoke", "worker", ("token", token));
        (await gateway.UntilRefusedAsync(token)).Should().BeLessThan(Soon);
        await server.Get<ClientRegistry>().RevokeAsync("quiet", "test");
        (await gateway.UntilRefusedAsync(other)).Should().BeLessThan(Soon);
        await server.Get<ClientRegistry>().RestoreAsync("quiet", "test");
        string anew = await server.WorkerTokenAsync("quiet");
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(anew) == HttpStatusCode.OK, Eventually.Never)).Should().BeTrue();
        (await gateway.AskAsync(other)).Should().Be(HttpStatusCode.Unauthorized, "what it had before stays dead");
        (await gateway.AskAsync(await server.WorkerTokenAsync())).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_no_key_signed_what_is_for_another_and_what_is_bound_to_a_key_does_not_pass()
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock);
        string good = await server.WorkerTokenAsync();
        (await gateway.AskAsync(good)).Should().Be(HttpStatusCode.OK);
        (await gateway.AskAsync(good, "DPoP")).Should().Be(HttpStatusCode.Unauthorized);
        var key = server.Get<KeyRing>().Active(SigningKey.ES256);
        string claims = JsonSerializer.Serialize(Jwt.Claims(good));
        string bound = Jwt.Make(key, "at+jwt", Encoding.UTF8.GetBytes(claims[..^1] + ""","cnf":{"jkt":"x"}}"""));
        string[] bad = [await server.WorkerTokenAsync("filer"), good[..^6] + "AAAAAA", "x", "a.b.c", bound, Jwt.Make(key, "JWT", Encoding.UTF8.GetBytes(claims)),
            Jwt.Make("""{"alg":"none","typ":"at+jwt"}""", claims, _ => [])];
        foreach (string token in bad) (await gateway.AskAsync(token)).Should().Be(HttpStatusCode.Unauthorized, token);
        (await gateway.AskAsync(null)).Should().Be(HttpStatusCode.Unauthorized);
        server.Clock.Advance(TimeSpan.FromHours(1));
        (await gateway.AskAsync(good)).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_token_that_is_bound_to_a_key_passes_with_a_proof_and_each_proof_once()
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock);
        using var key = new TokenServer.Sample.Dpop(clock: server.Clock);
        using var got = await key.SendAsync(server.Http, () => new(HttpMethod.Post, "/connect/token")
            { Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]), Headers = { Authorization = OAuth.Basic("worker", TestImport.Secret) } });
        string token = JsonDocument.Parse(await got.Content.ReadAsStringAsync()).RootElement.Text("access_token");
        (await gateway.AskAsync(token)).Should().Be(HttpStatusCode.Unauthorized);
        (await gateway.AskAsync(token, "DPoP")).Should().Be(HttpStatusCode.Unauthorized);
        string proof = key.Prove("GET", new Uri(GatewayRig.Origin + "/things"), token);
        (await ProvedAsync(proof)).Should().Be(HttpStatusCode.OK);
        (await ProvedAsync(proof)).Should().Be(HttpStatusCode.Unauthorized, "it was used");
        (await ProvedAsync(key.Prove("GET", new Uri(GatewayRig.Origin + "/others"), token))).Should().Be(HttpStatusCode.Unauthorized);
        (await ProvedAsync(key.Prove("GET", new Uri(gateway.Http.BaseAddress!, "/things"), token))).Should().Be(HttpStatusCode.Unauthorized, "what Host says is the caller's word");
        (await ProvedAsync(key.Prove("GET", new Uri("https://other.example/things"), token), "other.example")).Should().Be(HttpStatusCode.Unauthorized);

        async Task<HttpStatusCode> ProvedAsync(string shown, string? host = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/things") { Headers = { { "DPoP", shown } } };
            request.Headers.Host = host;
            request.Headers.Authorization = new("DPoP", token);
            using var response = await gateway.Http.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task What_a_replaced_key_signed_is_refused_as_fast_as_what_was_revoked_and_what_follows_is_read()
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock);
        string token = await server.WorkerTokenAsync(), before = await server.RevokeTokenAsync();
        (await gateway.AskAsync(token)).Should().Be(HttpStatusCode.OK);
        await server.Get<KeyRing>().ReplaceAllAsync("test");
        // The feed says so once a second, and the keys are fetched then.
        (await gateway.UntilRefusedAsync(token)).Should().BeLessThan(TimeSpan.FromSeconds(5), "that is the bound");
        string anew = await server.WorkerTokenAsync();
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(anew) == HttpStatusCode.OK, Eventually.Never)).Should().BeTrue();
        // Events are signed by the new key from here on, and told again they are too.
        await server.PostAsync("/connect/revoke", "worker", ("token", anew));
        (await gateway.UntilRefusedAsync(anew)).Should().BeLessThan(Soon);
        await using var later = await GatewayRig.StartAsync(server.Address, server.Clock);
        later.Revoked.Count.Should().Be(gateway.Revoked.Count);
        before.Should().NotBeEmpty();
    }

    [Fact]
    public async Task What_a_revocation_took_until_it_counts_is_measured_and_the_snapshot_is_not()
    {
        await using var server = await FeedRig.StartAsync();
        await server.RevokeTokenAsync();
        await server.SettleAsync();
        var ages = new System.Collections.Concurrent.ConcurrentQueue<double>();
        var outcomes = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock);
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter is { Name: "TokenServer.Gateway" } && instrument.Meter.Scope == gateway.Meters) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((i, value, _, _) => ages.Enqueue(i.Name == "gateway.revocation.age" ? value : -1));
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => outcomes.Enqueue(tags.ToArray().Single().Value!.ToString()!));
        listener.Start();
        string token = await server.WorkerTokenAsync();
        (await gateway.AskAsync(token)).Should().Be(HttpStatusCode.OK);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        await server.PostAsync("/connect/revoke", "worker", ("token", token));
        await gateway.UntilRefusedAsync(token);
        ages.Should().ContainSingle().Which.Should().Be(0, "the clock stood still meanwhile");
        outcomes.Should().Contain("passed").And.Contain("revoked").And.NotContain("refused");
    }

    [Fact]
    public async Task Its_health_is_told_where_the_operator_asks_and_not_where_the_public_does()
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock, "Gateway:FeedBound=00:00:02");
        using var http = new HttpClient { BaseAddress = gateway.Health.Address };
        using var healthy = await http.GetAsync("/health");
        healthy.StatusCode.Should().Be(HttpStatusCode.OK);
        JsonDocument.Parse(await healthy.Content.ReadAsStringAsync()).RootElement.Names().Should().Equal("fresh", "feedAge", "entries");
        (await http.GetAsync("/things")).StatusCode.Should().Be(HttpStatusCode.NotFound, "it is no way in");
        foreach (string path in (string[])["/health", "/.gateway/health", "/metrics"])
        {
            using var answer = await gateway.Http.GetAsync(path);
            answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized, path);
            (await answer.Content.ReadAsStringAsync()).Should().BeEmpty();
        }
        gateway.Way.IsCut = true;
        (await Eventually.TrueAsync(async () => (await http.GetAsync("/health")).StatusCode == HttpStatusCode.ServiceUnavailable, Eventually.Never)).Should().BeTrue();
    }

    [Fact]
    public async Task What_came_of_a_token_dies_with_it()
    {
        await using var server = await FeedRig.StartAsync();
        var registry = server.Get<ClientRegistry>();
        await registry.UpdateAsync("swap", _ => true, r => { r.ExchangeAudiences = ["api"]; return r; }, "test");
        string subject = await server.WorkerTokenAsync("filer");
        var swapped = await server.TokenAsync("swap", ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("subject_token", subject),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"), ("audience", "api"));
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock);
        (await gateway.AskAsync(swapped["access_token"])).Should().Be(HttpStatusCode.OK, swapped.Body);
        await server.PostAsync("/connect/revoke", "filer", ("token", subject));
        (await gateway.UntilRefusedAsync(swapped["access_token"]!)).Should().BeLessThan(Soon);
    }

    [Theory]
    [InlineData("Refuse", HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable)]
    [InlineData("Introspect", HttpStatusCode.OK, HttpStatusCode.Unauthorized)]
    public async Task Cut_off_from_the_feed_it_lets_nobody_in_or_asks_and_misses_nothing_when_it_is_back(string whenStale, HttpStatusCode good, HttpStatusCode revoked)
    {
        await using var server = await FeedRig.StartAsync();
        string dead = await server.WorkerTokenAsync(), alive = await server.WorkerTokenAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock, "Gateway:FeedBound=00:00:02", $"Gateway:WhenStale={whenStale}");
        (await gateway.AskAsync(dead)).Should().Be(HttpStatusCode.OK);
        gateway.Way.IsCut = true;
        await server.PostAsync("/connect/revoke", "worker", ("token", dead));
        (await Eventually.TrueAsync(() => Task.FromResult(!gateway.Feed.IsFresh), Eventually.Never)).Should().BeTrue();
        (await gateway.AskAsync(dead)).Should().Be(revoked);
        (await gateway.AskAsync(alive)).Should().Be(good);
        gateway.Way.IsCut = false;
        (await Eventually.TrueAsync(() => Task.FromResult(gateway.Feed.IsFresh), Eventually.Never)).Should().BeTrue();
        (await gateway.AskAsync(dead)).Should().Be(HttpStatusCode.Unauthorized);
        (await gateway.AskAsync(alive)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_relay_throws_a_peer_out_whose_token_dies()
    {
        await using var server = await FeedRig.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(server.Address, server.Clock, "Relay:Listen=127.0.0.1:0");
        string first = await server.WorkerTokenAsync(), second = await server.WorkerTokenAsync();
        using RelayPeer one = await RelayPeer.OfAsync(gateway), two = await RelayPeer.OfAsync(gateway);
        (await one.AskAsync("open nonsense")).Should().Be("closed");
        (await one.OpenAsync(first[..^6] + "AAAAAA")).Should().Be("closed");
        (await one.OpenAsync(first)).Should().Be("open");
        (await two.OpenAsync(second)).Should().Be("open");
        await one.SendAsync("hello");
        (await two.ReceiveAsync()).Should().Be("hello");
        await server.PostAsync("/connect/revoke", "worker", ("token", first));
        await gateway.UntilRefusedAsync(first);
        (await one.AskAsync("hello?")).Should().Be("closed");
        await two.SendAsync("anybody?");
        await one.SendAsync("still here");
        two.HasMore.Should().BeFalse();
    }
}
