using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>The token endpoint's limits by address, and whose address it is (contract section 0).</summary>
public sealed class TokenRateTests
{
    private const string Proxy = "--TokenServer:TrustedProxies:0=127.0.0.1";

    [Fact]
    public async Task Thirty_attempts_a_minute_and_then_slow_down()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 30; i++) (await TryAsync(server)).Status.Should().Be(400);
        var answer = await TryAsync(server);
        (answer.Status, answer["error"]).Should().Be((429, "slow_down"));
        answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_password_and_two_factor_grants_share_one_bucket()
    {
        await using var server = await TestServer.StartAsync();
        await ExhaustAsync(server);
        (await server.SignInAsync())["error"].Should().Be("slow_down");
    }

    [Fact]
    public async Task Other_grants_are_not_limited_with_them()
    {
        await using var server = await TestServer.StartAsync(isPatient: true);
        string refresh = (await server.SignInAsync())["refresh_token"]!;
        await ExhaustAsync(server);
        (await server.RefreshAsync(refresh)).Status.Should().Be(200);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => server.WorkerTokenAsync()));
    }

    [Fact]
    public async Task A_refused_attempt_uses_up_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await ExhaustAsync(server);
        server.Clock.Advance(TimeSpan.FromSeconds(50));
        for (int i = 0; i < 30; i++) (await TryAsync(server)).Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(10));
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        (await TryAsync(server)).Status.Should().Be(400);
    }

    [Fact]
    public async Task A_refused_sign_in_does_not_count_as_a_wrong_password()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=1", "--Accounts:LockoutFailures=2"]);
        await TryAsync(server);
        for (int i = 0; i < 5; i++) (await server.SignInAsync(password: "wrong")).Status.Should().Be(429);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await server.SignInAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_window_slides()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=2"]);
        await TryAsync(server);
        server.Clock.Advance(TimeSpan.FromSeconds(40));
        await TryAsync(server);
        server.Clock.Advance(TimeSpan.FromSeconds(20));
        (await TryAsync(server)).Status.Should().Be(400);
        var refused = await TryAsync(server);
        (refused.Status, refused.Headers.RetryAfter!.Delta).Should().Be((429, TimeSpan.FromSeconds(40)));
    }

    [Fact]
    public async Task The_setting_Token_limits_the_other_grants_where_it_is_set()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Token:Permits=2", "--RateLimits:Token:Window=00:00:10"]);
        for (int i = 0; i < 2; i++) (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        var client = await server.TokenAsync("worker", ("grant_type", "client_credentials"));
        var refresh = await server.RefreshAsync("rt_x");
        (client.Status, client["error"], refresh.Status).Should().Be((429, "slow_down", 429));
        client.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(10));
        (await TryAsync(server)).Status.Should().Be(400);
    }

    [Fact]
    public async Task A_stranger_cannot_name_an_address_of_his_own()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=1"]);
        (await TryAsync(server, "192.0.2.1")).Status.Should().Be(400);
        (await TryAsync(server, "192.0.2.2")).Status.Should().Be(429);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.1, 127.0.0.1", true)]
    [InlineData("192.0.2.1, 10.1.2.3", "192.0.2.2, 10.1.2.3", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public async Task Behind_a_trusted_proxy_the_rightmost_address_that_is_none_counts(string first, string second, bool same)
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=1", Proxy, "--TokenServer:TrustedProxies:1=10.0.0.0/8"]);
        (await TryAsync(server, first)).Status.Should().Be(400);
        (await TryAsync(server, second)).Status.Should().Be(same ? 429 : 400);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("192.0.2.1, garbage")]
    [InlineData(",,,")]
    [InlineData("unix:/socket")]
    public async Task An_address_that_is_none_counts_for_the_proxy(string address)
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=1", Proxy]);
        (await TryAsync(server)).Status.Should().Be(400);
        (await TryAsync(server, address)).Status.Should().Be(429);
    }

    [Fact]
    public async Task The_address_behind_a_trusted_proxy_is_in_the_audit_trail()
    {
        await using var server = await TestServer.StartAsync([Proxy]);
        await TryAsync(server, "192.0.2.7", ("grant_type", "password"), ("username", "nobody"), ("password", "wrong"));
        server.Get<TokenServer.Storage.Database>().Read(s => s.All("""SELECT "Address" FROM "Audit" WHERE "Event"='sign_in.failed'""", r => r.GetString(0))).Should().Equal("192.0.2.7");
    }

    private static async Task ExhaustAsync(TestServer server)
    {
        while ((await TryAsync(server)).Status == 400)
        {
        }
    }

    // A second factor that nobody asked for: it counts, and costs no hash.
    private static async Task<Answer> TryAsync(TestServer server, string? forwardedFor = null, params (string Name, string Value)[] form)
    {
        if (form.Length == 0) form = [("grant_type", "urn:tokenserver:grant-type:two_factor"), ("temp_token", "temp_x"), ("code", "x")];
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("client_id", "mobile"), .. form.Select(f => KeyValuePair.Create(f.Name, f.Value))]),
        };
        if (forwardedFor is not null) request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        return await server.SendAsync(request);
    }
}
