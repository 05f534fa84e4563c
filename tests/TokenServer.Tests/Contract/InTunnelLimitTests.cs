using System.Text;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>The limits of the InTunnel face and the headers that tell how they stand, on every answer (contract section 2).</summary>
public sealed class InTunnelLimitTests
{
    [Fact]
    public async Task The_fifth_login_in_a_minute_passes_and_the_sixth_does_not()
    {
        await using var server = await TestServer.StartAsync();
        long reset = Now(server) + 60;
        for (int i = 1; i <= 5; i++)
        {
            var passed = await LoginAsync(server);
            passed.ShouldFail(400, "/.*password.*/");
            ShouldShow(passed, 5, 5 - i, reset);
            server.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        var refused = await server.InTunnelLoginAsync();
        refused.ShouldFail(429, "Too many requests");
        ShouldShow(refused, 5, 0, reset);
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(55));
    }

    [Fact]
    public async Task A_login_passes_again_as_soon_as_the_first_is_a_minute_old_and_one_only()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 5; i++)
        {
            await LoginAsync(server);
            server.Clock.Advance(TimeSpan.FromSeconds(10));
        }
        server.Clock.Advance(TimeSpan.FromSeconds(9));
        (await LoginAsync(server)).Status.Should().Be(429);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.InTunnelLoginAsync()).Status.Should().Be(200);
        var refused = await LoginAsync(server);
        (refused.Status, refused.Headers.RetryAfter!.Delta).Should().Be((429, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Right_and_wrong_logins_count_alike_and_refused_ones_not_at_all()
    {
        await using var server = await TestServer.StartAsync();
        (await server.InTunnelLoginAsync()).Status.Should().Be(200);
        (await server.InTunnelLoginAsync(password: "wrong")).Status.Should().Be(401);
        for (int i = 0; i < 3; i++) await LoginAsync(server);
        for (int i = 0; i < 20; i++) (await LoginAsync(server)).Status.Should().Be(429);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        ShouldShow(await LoginAsync(server), 5, 4, Now(server) + 60);
    }

    [Fact]
    public async Task A_refused_login_does_not_count_as_a_wrong_password()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Login:Permits=1", "--Accounts:LockoutFailures=2"]);
        (await server.InTunnelLoginAsync(password: "wrong")).Status.Should().Be(401);
        for (int i = 0; i < 5; i++) (await server.InTunnelLoginAsync(password: "wrong")).Status.Should().Be(429);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await server.InTunnelLoginAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Sixty_requests_a_minute_pass_for_an_account_and_the_next_does_not()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.SessionTokenAsync();
        long reset = Now(server) + 60;
        for (int i = 1; i <= 60; i++) ShouldShow(await server.GetAsync("/api/tunnels", token), 60, 60 - i, reset);
        server.Clock.Advance(TimeSpan.FromSeconds(20));
        var refused = await server.GetAsync("/api/tunnels", token);
        refused.ShouldFail(429, "Too many requests");
        ShouldShow(refused, 60, 0, reset);
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(40));
        server.Clock.Advance(TimeSpan.FromSeconds(40));
        (await server.GetAsync("/api/tunnels", token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task All_tokens_and_keys_of_an_account_share_its_limit()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Api:Permits=4"]);
        string session = await server.SessionTokenAsync(), vpn = (await server.VpnLoginAsync())["token"]!, key = (await server.ApiKeyAsync(session)).Key;
        await server.GetAsync("/api/tunnels", session);
        await server.GetAsync("/api/tunnels", vpn);
        await server.GetAsync("/api/tunnels", key);
        (await server.PostJsonAsync("/api/tunnels", new { name = "x" }, session)).Status.Should().Be(201);
        foreach (string token in new[] { session, vpn, key }) (await server.GetAsync("/api/tunnels", token)).Status.Should().Be(429);
        (await server.PostJsonAsync("/api/logout", null, session)).Status.Should().Be(429);
    }

    [Fact]
    public async Task Accounts_do_not_share_a_limit_nor_do_they_use_up_their_addresss()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Api:Permits=2"]);
        string jane = await server.SessionTokenAsync(), bob = await server.SessionTokenAsync("bob");
        for (int i = 0; i < 3; i++) await server.GetAsync("/api/tunnels", jane);
        (await server.GetAsync("/api/tunnels", jane)).Status.Should().Be(429);
        ShouldShow(await server.GetAsync("/api/tunnels", bob), 2, 1, Now(server) + 60);
        ShouldShow(await server.GetAsync("/api/tunnels"), 2, 1, Now(server) + 60);
    }

    [Fact]
    public async Task Without_an_account_the_address_counts()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Api:Permits=3", "--TokenServer:TrustedProxies:0=127.0.0.1"]);
        (await ForwardedAsync(server, "192.0.2.1", "GET", "/api/tunnels")).Status.Should().Be(401);
        (await ForwardedAsync(server, "192.0.2.1", "POST", "/api/verify-2fa")).Status.Should().Be(415);
        (await ForwardedAsync(server, "192.0.2.1", "GET", "/api/tunnels/1/nothing")).Status.Should().Be(404);
        (await ForwardedAsync(server, "192.0.2.1", "GET", "/api/tunnels")).ShouldFail(429, "Too many requests");
        (await ForwardedAsync(server, "192.0.2.2", "GET", "/api/tunnels")).Status.Should().Be(401);
        (await ForwardedAsync(server, "192.0.2.1", "POST", "/api/login")).Status.Should().Be(415);
    }

    [Fact]
    public async Task Logins_and_other_routes_do_not_share_a_limit()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 6; i++) await LoginAsync(server);
        ShouldShow(await server.GetAsync("/api/tunnels"), 60, 59, Now(server) + 60);
    }

    [Fact]
    public async Task Every_answer_shows_how_the_limit_stands()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Login:Permits=100", "--RateLimits:Api:Permits=200"]);
        string session = await server.SessionTokenAsync();
        byte[] large = Encoding.ASCII.GetBytes(new string('x', 70 * 1024));
        (Answer Answer, int Status, int Limit)[] answers =
        [
            (await server.InTunnelLoginAsync(), 200, 100),
            (await server.InTunnelLoginAsync("john"), 200, 100),
            (await server.PostJsonAsync("/api/login", "{"), 400, 100),
            (await server.InTunnelLoginAsync(password: "wrong"), 401, 100),
            (await server.GetAsync("/api/login"), 405, 200),
            (await server.GetAsync("/api/login/nothing"), 404, 200),
            (await server.PostContentAsync("/api/login", "application/json", large), 413, 100),
            (await server.PostContentAsync("/api/login", "text/plain", [1]), 415, 100),
            (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = "x", code = "x" }), 401, 200),
            (await server.PostJsonAsync("/api/verify-2fa", "{}"), 400, 200),
            (await server.GetAsync("/api/verify-2fa"), 405, 200),
            (await server.GetAsync("/api/tunnels", session), 200, 200),
            (await server.PostJsonAsync("/api/tunnels", new { name = "home" }, session), 201, 200),
            (await server.PostJsonAsync("/api/tunnels", new { name = "home" }, session), 409, 200),
            (await server.PostJsonAsync("/api/tunnels/1/regenerate", null, session), 200, 200),
            (await server.PostJsonAsync("/api/tunnels/999/regenerate", null, session), 404, 200),
            (await server.CallAsync("DELETE", "/api/tunnels/1", session), 204, 200),
            (await server.CallAsync("DELETE", "/api/tunnels/1", session), 404, 200),
            (await server.CallAsync("PATCH", "/api/tunnels", session), 405, 200),
            (await server.PostContentAsync("/api/tunnels", "application/json", large), 413, 200),
            (await server.GetAsync("/api/tunnels/1/nothing", session), 404, 200),
            (await server.GetAsync("/api/tunnels"), 401, 200),
            (await server.GetAsync("/api/tunnels", "garbage"), 401, 200),
            (await server.PostJsonAsync("/api/logout", null), 401, 200),
            (await server.PostJsonAsync("/api/logout", null, session), 200, 200),
        ];
        foreach (var (answer, status, limit) in answers)
        {
            answer.Status.Should().Be(status, answer.Body);
            ShouldShow(answer, limit, null, Now(server) + 60);
        }
    }

    [Fact]
    public async Task Over_plain_HTTP_where_that_is_refused_the_headers_are_there_too_and_nothing_is_used_up()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:RequireHttps=true"]);
        for (int i = 0; i < 10; i++)
        {
            var answer = await LoginAsync(server);
            answer.ShouldFail(403, "HTTPS is required");
            ShouldShow(answer, 5, 5, null);
        }
    }

    private static void ShouldShow(Answer answer, int limit, int? remaining, long? reset)
    {
        answer.Headers.GetValues("X-RateLimit-Limit").Should().Equal(limit.ToString());
        string left = answer.Headers.GetValues("X-RateLimit-Remaining").Single(), end = answer.Headers.GetValues("X-RateLimit-Reset").Single();
        left.Should().MatchRegex("^[0-9]+$").And.Be((remaining ?? int.Parse(left)).ToString());
        end.Should().MatchRegex("^[0-9]{10}$").And.Be((reset ?? long.Parse(end)).ToString());
    }

    private static long Now(TestServer server) => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    // A login without a password counts, and costs no hash.
    private static Task<Answer> LoginAsync(TestServer server) => server.PostJsonAsync("/api/login", new { email = "jane@example.com" });

    private static Task<Answer> ForwardedAsync(TestServer server, string address, string method, string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
        return server.SendAsync(request);
    }
}
