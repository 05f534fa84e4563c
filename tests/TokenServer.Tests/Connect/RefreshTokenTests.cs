using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Rotation, leeway and reuse (contract section 1).</summary>
public sealed class RefreshTokenTests
{
    [Fact]
    public async Task A_refresh_token_rotates_and_its_successor_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.SignInAsync();
        var second = await server.RefreshAsync(first["refresh_token"]!);
        second.Status.Should().Be(200);
        second["refresh_token"].Should().StartWith("rt_").And.HaveLength(46).And.NotBe(first["refresh_token"]);
        (await server.RefreshAsync(second["refresh_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Sixty_four_simultaneous_uses_inside_the_leeway_get_the_one_same_successor()
    {
        await using var server = await TestServer.StartAsync(isPatient: true);
        string token = (await server.SignInAsync())["refresh_token"]!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => server.RefreshAsync(token)));
        answers.Should().OnlyContain(a => a.Status == 200);
        answers.Select(a => a["refresh_token"]).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Sixty_four_simultaneous_uses_outside_the_leeway_end_the_session()
    {
        await using var server = await TestServer.StartAsync(isPatient: true);
        string token = (await server.SignInAsync())["refresh_token"]!;
        var next = await server.RefreshAsync(token);
        server.Clock.Advance(TimeSpan.FromSeconds(31));
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => server.RefreshAsync(token)));
        answers.Should().OnlyContain(a => a.Status == 400 && a["error"] == "invalid_grant");
        (await server.RefreshAsync(next["refresh_token"]!))["error"].Should().Be("invalid_grant");
        (await server.IsActiveAsync(next["access_token"]!)).Should().BeFalse();
    }

    [Fact]
    public async Task A_use_after_the_successor_was_used_ends_the_session_inside_the_leeway_too()
    {
        await using var server = await TestServer.StartAsync();
        string first = (await server.SignInAsync())["refresh_token"]!;
        string second = (await server.RefreshAsync(first))["refresh_token"]!;
        var third = await server.RefreshAsync(second);
        (await server.RefreshAsync(first))["error"].Should().Be("invalid_grant");
        (await server.RefreshAsync(third["refresh_token"]!))["error"].Should().Be("invalid_grant");
        (await server.IsActiveAsync(third["access_token"]!)).Should().BeFalse();
    }
}
