using TokenServer.Pruning;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tokens;

namespace TokenServer.Tests.Robustness;

/// <summary>What pruning takes, and what it leaves.</summary>
public sealed class PruneTests
{
    [Fact]
    public async Task A_session_goes_with_its_last_refresh_token()
    {
        await using var server = await TestServer.StartAsync();
        await server.SignInAsync();
        server.Clock.Advance(TimeSpan.FromDays(20));
        (await PruneAsync(server)).Should().Be(new Pruned(0, 0, 0), "an access token of seven days could still live");
        server.Clock.Advance(TimeSpan.FromDays(2));
        (await PruneAsync(server)).Should().Be(new Pruned(Tokens: 1, Sessions: 1, Revocations: 0));
        (Count(server, "OpenIddictTokens"), Count(server, "OpenIddictAuthorizations")).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_used_token_stays_to_its_end_and_its_reuse_is_still_seen()
    {
        await using var server = await TestServer.StartAsync();
        string first = (await server.SignInAsync())["refresh_token"]!;
        string second = (await server.RefreshAsync(first))["refresh_token"]!;
        server.Clock.Advance(TimeSpan.FromDays(13));
        (await PruneAsync(server)).Should().Be(new Pruned(0, 0, 0));
        (await server.RefreshAsync(first))["error"].Should().Be("invalid_grant");
        (await server.RefreshAsync(second))["error"].Should().Be("invalid_grant", "the reuse has ended the session");
    }

    [Fact]
    public async Task A_used_token_that_has_expired_goes_and_its_session_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        string first = (await server.SignInAsync())["refresh_token"]!;
        server.Clock.Advance(TimeSpan.FromDays(10));
        string second = (await server.RefreshAsync(first))["refresh_token"]!;
        server.Clock.Advance(TimeSpan.FromDays(12));
        (await PruneAsync(server)).Should().Be(new Pruned(Tokens: 1, Sessions: 0, Revocations: 0));
        (await server.RefreshAsync(second)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_session_without_refresh_tokens_goes_after_seven_days()
    {
        await using var server = await TestServer.StartAsync();
        await server.SignInAsync(scope: "openid api");
        server.Clock.Advance(TimeSpan.FromDays(7));
        (await PruneAsync(server)).Should().Be(new Pruned(0, 0, 0));
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await PruneAsync(server)).Should().Be(new Pruned(Tokens: 0, Sessions: 1, Revocations: 0));
    }

    [Fact]
    public async Task A_revocation_goes_when_its_token_would_have_expired_and_the_index_forgets_it()
    {
        await using var server = await TestServer.StartAsync();
        string[] tokens = [await server.WorkerTokenAsync(), await server.WorkerTokenAsync()];
        foreach (string token in tokens) await server.PostAsync("/connect/revoke", "worker", ("token", token));
        var index = server.Get<RevocationIndex>();
        await PruneAsync(server);
        (index.Count, Count(server, "Revocations")).Should().Be((2, 2));
        server.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        (await PruneAsync(server)).Should().Be(new Pruned(Tokens: 0, Sessions: 0, Revocations: 1));
        (index.Count, Count(server, "Revocations")).Should().Be((0, 1), "the last row says how far who reads the feed has come");
        foreach (string token in tokens) (await server.IsActiveAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task An_ended_session_stays_dead_while_its_access_token_could_live()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Lifetimes:AccessToken=7.00:00:00", "--TokenServer:Lifetimes:RefreshToken=1.00:00:00"]);
        var ended = await server.SignInAsync();
        await server.PostAsync("/connect/revoke", "web", ("token", ended["refresh_token"]!));
        server.Clock.Advance(TimeSpan.FromDays(6));
        (await PruneAsync(server)).Should().Be(new Pruned(0, 0, 0));
        (await server.IsActiveAsync(ended["access_token"]!)).Should().BeFalse();
    }

    private static Task<Pruned> PruneAsync(TestServer server) => server.Get<Pruner>().RunAsync(CancellationToken.None);

    private static int Count(TestServer server, string table) => server.Get<Database>().Read(s => int.Parse(s.First($"SELECT count(*) FROM \"{table}\"", r => r.GetInt64(0).ToString())!));
}
