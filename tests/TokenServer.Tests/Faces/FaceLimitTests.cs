using TokenServer.Accounts.Pins;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>Whom the faces' limits count for, and what they count (contract sections 0 and 2 to 4).</summary>
public sealed class FaceLimitTests
{
    private const int MostOfAKind = 100;
    private static readonly string[] One =
        ["--RateLimits:Login:Permits=1", "--RateLimits:Api:Permits=1", "--RateLimits:Password:Permits=1", "--RateLimits:Pin:Permits=1", "--TokenServer:TrustedProxies:0=127.0.0.1", "--TokenServer:TrustedProxies:1=10.0.0.0/8"];

    // One request for each of the limits, that costs no hash.
    private static readonly (string Path, string Body)[] Limited =
    [
        ("/api/login", "{}"), ("/api/verify-2fa", "{}"), ("/auth/verify-2fa", """{"temp_token":"x","code":"1"}"""),
        ("/api/v1/auth/refresh", """{"refreshToken":"x"}"""), ("/api/auth", """{"pin":"1"}"""),
    ];

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1", true)]
    [InlineData("192.0.2.1, 10.9.8.7", "192.0.2.2, 10.9.8.7", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public async Task Each_limit_counts_per_address_and_IPv6_per_64_bits(string first, string second, bool same)
    {
        await using var server = await TestServer.StartAsync(One);
        foreach (var (path, body) in Limited)
        {
            (await PostAsync(server, path, body, first)).Status.Should().NotBe(429, path);
            (await PostAsync(server, path, body, first)).Status.Should().Be(429, path);
            var answer = await PostAsync(server, path, body, second);
            if (!same) answer.Status.Should().NotBe(429, path);
            else (answer.Status, answer.Body).Should().Be((429, path switch
            {
                "/api/auth" => """{"error":"Rate limited"}""",
                "/api/v1/auth/refresh" => """{"error":"Too many requests"}""",
                _ => """{"success":false,"error":"Too many requests"}""",
            }), path);
            if (same) answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromMinutes(1), path);
        }
    }

    [Fact]
    public async Task A_stranger_cannot_name_an_address_of_his_own()
    {
        await using var server = await TestServer.StartAsync(One[..4]);
        foreach (var (path, body) in Limited)
        {
            (await PostAsync(server, path, body, "192.0.2.1")).Status.Should().NotBe(429, path);
            (await PostAsync(server, path, body, "192.0.2.2")).Status.Should().Be(429, path);
        }
    }

    [Fact]
    public async Task Only_sign_ins_count_on_the_limit_of_sign_ins()
    {
        await using var server = await TestServer.StartAsync();
        // OPTIONS, a browser's preflight, counts for nothing.
        foreach (string method in new[] { "GET", "PUT", "DELETE", "OPTIONS" })
            for (int i = 0; i < 3; i++) (await server.CallAsync(method, "/api/login")).Headers.GetValues("X-RateLimit-Limit").Should().Equal("60");
        for (int i = 0; i < 5; i++) (await server.CallAsync("POST", "/api/login", null, "{}")).Status.Should().Be(400);
        var refused = await server.CallAsync("POST", "/api/login", null, "{}");
        refused.Status.Should().Be(429);
        refused.Headers.GetValues("X-RateLimit-Limit").Should().Equal("5");
        refused.Headers.GetValues("X-RateLimit-Remaining").Should().Equal("0");
        (await server.CallAsync("GET", "/api/login")).Status.Should().Be(405);
        (await server.CallAsync("GET", "/api/tunnels")).Headers.GetValues("X-RateLimit-Remaining").Should().Equal("49");
    }

    [Fact]
    public async Task Requests_of_one_account_count_together_wherever_they_come_from()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Api:Permits=4", "--TokenServer:TrustedProxies:0=127.0.0.1"]);
        Door account = Door.Account;
        string first = await account.TokenAsync(server), second = await account.TokenAsync(server), jane = await account.TokenAsync(server, "jane");
        var (_, key) = await server.AddKeyAsync(first);
        string[] addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.1"], tokens = [first, second, key, first];
        for (int i = 0; i < 4; i++) (await TunnelsAsync(server, tokens[i], addresses[i])).Status.Should().Be(200);
        foreach (string token in tokens) (await TunnelsAsync(server, token, "192.0.2.9")).Status.Should().Be(429);
        (await TunnelsAsync(server, jane, "192.0.2.1")).Status.Should().Be(200);
        (await TunnelsAsync(server, null, "192.0.2.1")).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_token_that_is_no_good_counts_for_its_sender()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Api:Permits=3"]);
        for (int i = 0; i < 3; i++) (await server.CallAsync("GET", "/api/tunnels", "garbage" + i)).Status.Should().Be(401);
        (await server.CallAsync("GET", "/api/tunnels", "garbage")).Status.Should().Be(429);
        (await server.CallAsync("GET", "/api/tunnels", await ((Door)Door.Account).TokenAsync(server))).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_limits_of_the_faces_are_apart()
    {
        await using var server = await TestServer.StartAsync(One);
        await server.Get<PinFile>().SetAsync("1234", "test");
        foreach (var (path, body) in Limited) (await PostAsync(server, path, body, "192.0.2.1")).Status.Should().NotBe(429, path);
        (await PostAsync(server, "/v1/auth/refresh", """{"refresh_token":"x"}""", "192.0.2.1")).Status.Should().Be(429);
        (await PostAsync(server, "/api/v1/auth/login", """{"username":"bob","password":"wrong"}""", "192.0.2.1")).Status.Should().Be(429);
        server.AuditedEvents().Should().NotContain("sign_in.failed");
    }

    [Fact]
    public async Task An_account_has_a_hundred_tunnels_at_most()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string bob = await ((Door)Door.Account).TokenAsync(server), jane = await ((Door)Door.Account).TokenAsync(server, "jane");
        for (int i = 0; i < MostOfAKind; i++) (await server.CallAsync("POST", "/api/tunnels", bob, new { name = "t" + i })).Status.Should().Be(201);
        var refused = await server.CallAsync("POST", "/api/tunnels", bob, new { name = "one more" });
        (refused.Status, refused.Body).Should().Be((409, """{"success":false,"error":"Too many tunnels"}"""));
        (await server.CallAsync("POST", "/api/tunnels", jane, new { name = "t1" })).Status.Should().Be(201);
        var first = (await server.CallAsync("GET", "/api/tunnels", bob)).Json.GetProperty("tunnels")[0];
        (await server.CallAsync("DELETE", $"/api/tunnels/{first.Number("id")}", bob)).Status.Should().Be(204);
        (await server.CallAsync("POST", "/api/tunnels", bob, new { name = "one more" })).Status.Should().Be(201);
    }

    [Fact]
    public async Task An_account_has_a_hundred_API_keys_at_most()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits, isPatient: true);
        string bob = await ((Door)Door.Account).TokenAsync(server), jane = await ((Door)Door.Account).TokenAsync(server, "jane");
        // Many at once must not slip past either.
        var answers = await Task.WhenAll(Enumerable.Range(0, MostOfAKind + 8).Select(i => server.CallAsync("POST", "/api/v1/auth/keys", bob, new { name = "k" + i })));
        answers.Count(a => a.Status == 201).Should().Be(MostOfAKind);
        answers.Where(a => a.Status != 201).Should().OnlyContain(a => a.Status == 409 && a.Body == """{"error":"Too many API keys"}""");
        (await server.CallAsync("POST", "/api/v1/auth/keys", jane, new { name = "k1" })).Status.Should().Be(201);
        string first = (await server.CallAsync("GET", "/api/v1/auth/keys", bob)).Json[0].Text("keyId");
        (await server.CallAsync("DELETE", "/api/v1/auth/keys/" + first, bob)).Status.Should().Be(204);
        (await server.CallAsync("POST", "/api/v1/auth/keys", bob, new { name = "one more" })).Status.Should().Be(201);
    }

    private static Task<Answer> PostAsync(TestServer server, string path, string body, string forwardedFor) => server.CallAsync("POST", path, null, body, ("X-Forwarded-For", forwardedFor));

    private static Task<Answer> TunnelsAsync(TestServer server, string? token, string forwardedFor) => server.CallAsync("GET", "/api/tunnels", token, null, ("X-Forwarded-For", forwardedFor));
}
