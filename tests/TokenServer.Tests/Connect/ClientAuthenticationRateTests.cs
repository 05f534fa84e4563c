using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Guessing at client secrets is bounded by address (contract section 0).</summary>
public sealed class ClientAuthenticationRateTests
{
    [Fact]
    public async Task After_30_failures_in_a_minute_a_failing_request_is_told_to_slow_down()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 30; i++) (await FailAsync(server)).Status.Should().Be(401);
        var answer = await FailAsync(server);
        (answer.Status, answer["error"]).Should().Be((429, "slow_down"));
        answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task After_30_failures_a_right_secret_still_passes()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 31; i++) await FailAsync(server);
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        (await server.IntrospectAsync("x")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Failures_at_every_endpoint_count_together()
    {
        await using var server = await TestServer.StartAsync();
        string[] paths = ["/connect/token", "/connect/introspect", "/connect/revoke"];
        for (int i = 0; i < 30; i++) await server.PostAsync(paths[i % 3], null, ("client_id", "nobody"), ("token", "x"));
        foreach (string path in paths) (await server.PostAsync(path, null, ("client_id", "nobody"), ("token", "x"))).Status.Should().Be(429);
    }

    [Fact]
    public async Task A_minute_after_the_failures_one_may_fail_again()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 30; i++) await FailAsync(server);
        server.Clock.Advance(TimeSpan.FromSeconds(59));
        var refused = await FailAsync(server);
        (refused.Status, refused.Headers.RetryAfter!.Delta).Should().Be((429, TimeSpan.FromSeconds(1)));
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await FailAsync(server)).Status.Should().Be(401);
    }

    private static Task<Answer> FailAsync(TestServer server) => server.TokenAsync(null, ("client_id", "nobody"), ("grant_type", "client_credentials"));
}
