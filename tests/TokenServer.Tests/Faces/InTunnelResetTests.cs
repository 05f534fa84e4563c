using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>A client that waits until <c>X-RateLimit-Reset</c> is let through.</summary>
public sealed class InTunnelResetTests
{
    [Fact]
    public async Task The_reset_is_never_too_early()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Api:Permits=1"]);
        server.Clock.Advance(TimeSpan.FromSeconds(0.4));
        using var first = await server.Http.GetAsync("/api/tunnels");
        ((int)first.StatusCode).Should().Be(401);
        var reset = DateTimeOffset.FromUnixTimeSeconds(long.Parse(first.Headers.GetValues("X-RateLimit-Reset").Single()));

        server.Clock.Advance(reset - TimeSpan.FromSeconds(1) - server.Clock.GetUtcNow());
        using var early = await server.Http.GetAsync("/api/tunnels");
        ((int)early.StatusCode).Should().Be(429);
        server.Clock.Advance(reset - server.Clock.GetUtcNow());
        using var due = await server.Http.GetAsync("/api/tunnels");
        ((int)due.StatusCode).Should().Be(401);
    }

    [Fact]
    public async Task A_request_above_the_limit_uses_no_proof_up()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Api:Permits=1", "--RateLimits:Api:Window=00:00:10"], DpopRequests.Import);
        var key = new DpopKey();
        string token = (await server.SignInAsync(key))["access_token"]!;
        (await server.ShowAsync("GET", "/api/tunnels", token, Proof())).Status.Should().Be(200);
        string proof = Proof();
        (await server.ShowAsync("GET", "/api/tunnels", token, proof)).Status.Should().Be(429);
        server.Clock.Advance(TimeSpan.FromSeconds(11));
        (await server.ShowAsync("GET", "/api/tunnels", token, proof)).Status.Should().Be(200, "it was not used");
        server.Clock.Advance(TimeSpan.FromSeconds(11));
        (await server.ShowAsync("GET", "/api/tunnels", token, proof)).Status.Should().Be(401, "it was");

        string Proof() => key.Prove(server, "GET", "/api/tunnels", token);
    }
}
