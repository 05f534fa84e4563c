using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>How long refresh tokens and their sessions live, a restart included (contract section 1).</summary>
public sealed class RefreshTokenLifetimeTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task A_refresh_token_waits_14_days()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync())["refresh_token"]!;
        server.Clock.Advance(14 * Day - TimeSpan.FromSeconds(1));
        (await server.RefreshAsync(token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_refresh_token_is_dead_after_14_days()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync())["refresh_token"]!;
        server.Clock.Advance(14 * Day);
        var answer = await server.RefreshAsync(token);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_grant"));
    }

    [Fact]
    public async Task A_session_slides_on_and_ends_for_good_after_90_days()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync())["refresh_token"]!;
        foreach (int days in (int[])[13, 13, 13, 13, 13, 13, 11])
        {
            server.Clock.Advance(days * Day);
            var next = await server.RefreshAsync(token);
            next.Status.Should().Be(200);
            token = next["refresh_token"]!;
        }
        server.Clock.Advance(Day);
        (await server.RefreshAsync(token))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task The_leeway_ends_after_30_seconds_to_the_second()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync())["refresh_token"]!;
        var next = await server.RefreshAsync(token);
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        (await server.RefreshAsync(token))["refresh_token"].Should().Be(next["refresh_token"]);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.RefreshAsync(token))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_second_use_inside_the_leeway_comes_with_a_fresh_access_token()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync())["refresh_token"]!;
        var first = await server.RefreshAsync(token);
        var second = await server.RefreshAsync(token);
        second["refresh_token"].Should().Be(first["refresh_token"]);
        second["access_token"].Should().NotBe(first["access_token"]);
        (await server.IsActiveAsync(second["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task Settings_say_how_long_tokens_live()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Lifetimes:AccessToken=00:10:00", "--TokenServer:Lifetimes:RefreshToken=01:00:00", "--TokenServer:Lifetimes:RefreshTokenReuseLeeway=00:00:00"]);
        var signedIn = await server.SignInAsync();
        signedIn.Json.Number("expires_in").Should().Be(600);
        server.Clock.Advance(TimeSpan.FromHours(1));
        (await server.RefreshAsync(signedIn["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_reused_refresh_token_is_in_the_audit_trail()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync())["refresh_token"]!;
        await server.RefreshAsync(token);
        server.Clock.Advance(TimeSpan.FromSeconds(31));
        await server.RefreshAsync(token);
        server.AuditedEvents().Should().ContainSingle(e => e == "refresh_token.reused");
    }

    [Fact]
    public async Task Tokens_survive_a_restart()
    {
        await using var first = await TestServer.StartAsync(["--TokenServer:Issuer=http://issuer.example"]);
        var signedIn = await first.SignInAsync();
        await using var second = await RestartAsync(first);
        (await second.IsActiveAsync(signedIn["access_token"]!)).Should().BeTrue();
        (await second.RefreshAsync(signedIn["refresh_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_was_revoked_stays_dead_after_a_restart()
    {
        await using var first = await TestServer.StartAsync(["--TokenServer:Issuer=http://issuer.example"]);
        var signedIn = await first.SignInAsync();
        string worker = await first.WorkerTokenAsync();
        await first.PostAsync("/connect/revoke", "web", ("token", signedIn["access_token"]!));
        await first.PostAsync("/connect/revoke", "worker", ("token", worker));
        await using var second = await RestartAsync(first);
        (await second.IsActiveAsync(signedIn["access_token"]!)).Should().BeFalse();
        (await second.IsActiveAsync(worker)).Should().BeFalse();
        (await second.RefreshAsync(signedIn["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }

    // The folder is the first one's, which deletes it in the end.
    private static async Task<TestServer> RestartAsync(TestServer first)
    {
        await first.StopAsync();
        first.Clock.Advance(TimeSpan.FromSeconds(1));
        return await TestServer.StartAsync(["--TokenServer:Issuer=http://issuer.example"], folder: first.Folder, clock: first.Clock);
    }
}
