using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Robustness;

/// <summary>An ordinary restart on the same data directory changes nothing for anyone.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;
    private readonly ManualClock clock = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_session_goes_on_after_a_restart()
    {
        Answer before;
        await using (var server = await StartAsync()) before = await server.SignInAsync();
        await using var next = await StartAsync();
        (await next.IsActiveAsync(before["access_token"]!)).Should().BeTrue();
        var refreshed = await next.RefreshAsync(before["refresh_token"]!);
        refreshed.Status.Should().Be(200);
        (await next.IsActiveAsync(refreshed["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task An_answer_lost_in_a_restart_is_given_again_with_the_same_successor()
    {
        string first, second;
        await using (var server = await StartAsync())
        {
            first = (await server.SignInAsync())["refresh_token"]!;
            second = (await server.RefreshAsync(first))["refresh_token"]!;
        }
        await using var next = await StartAsync();
        (await next.RefreshAsync(first))["refresh_token"].Should().Be(second);
    }

    [Fact]
    public async Task An_ended_session_stays_ended_after_a_restart()
    {
        Answer ended;
        await using (var server = await StartAsync())
        {
            ended = await server.SignInAsync();
            await server.PostAsync("/connect/revoke", "web", ("token", ended["refresh_token"]!));
        }
        await using var next = await StartAsync();
        (await next.IsActiveAsync(ended["access_token"]!)).Should().BeFalse();
        (await next.IsActiveAsync(ended["refresh_token"]!, "web")).Should().BeFalse();
        (await next.RefreshAsync(ended["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_revoked_access_token_stays_dead_after_a_restart_and_its_sibling_alive()
    {
        string revoked, sibling;
        await using (var server = await StartAsync())
        {
            revoked = (await server.TokenAsync("worker", ("grant_type", "client_credentials")))["access_token"]!;
            sibling = (await server.TokenAsync("worker", ("grant_type", "client_credentials")))["access_token"]!;
            await server.PostAsync("/connect/revoke", "worker", ("token", revoked));
        }
        await using var next = await StartAsync();
        (await next.IsActiveAsync(revoked)).Should().BeFalse();
        (await next.IsActiveAsync(sibling)).Should().BeTrue();
    }

    [Fact]
    public async Task A_revoked_client_stays_revoked_after_a_restart()
    {
        Answer signedIn, own;
        await using (var server = await StartAsync())
        {
            (signedIn, own) = (await server.SignInAsync("other"), await server.TokenAsync("worker", ("grant_type", "client_credentials")));
            await server.Get<ClientRegistry>().RevokeAsync("other", "test");
        }
        await using var next = await StartAsync();
        (await next.IsActiveAsync(signedIn["access_token"]!)).Should().BeFalse();
        (await next.RefreshAsync(signedIn["refresh_token"]!, "other"))["error"].Should().Be("invalid_client");
        (await next.IsActiveAsync(own["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task What_a_restored_client_had_before_stays_dead_after_a_restart()
    {
        Answer old, young;
        await using (var server = await StartAsync())
        {
            old = await server.SignInAsync("other");
            await server.Get<ClientRegistry>().RevokeAsync("other", "test");
            await server.Get<ClientRegistry>().RestoreAsync("other", "test");
            young = await server.SignInAsync("other");
        }
        await using var next = await StartAsync();
        (await next.IsActiveAsync(old["access_token"]!)).Should().BeFalse();
        (await next.IsActiveAsync(young["access_token"]!)).Should().BeTrue();
    }

    private Task<TestServer> StartAsync()
    {
        // No two starts fall on one moment, as ids made by both would show no order.
        clock.Advance(TimeSpan.FromSeconds(1));
        return TestServer.StartAsync(folder: folder, clock: clock);
    }
}
