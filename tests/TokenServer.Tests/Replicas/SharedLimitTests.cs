using TokenServer.Pruning;
using TokenServer.RateLimits;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>The contract's limits hold for all replicas together (docs/decisions/0018).</summary>
public sealed class SharedLimitTests
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    [PostgresFact]
    public async Task Of_sixty_simultaneous_logins_at_three_replicas_five_pass()
    {
        await using var replicas = await ReplicaSet.StartAsync(3);
        (await LoginsAsync(replicas, 60)).Should().Be(5);
        replicas.Clock.Advance(Window - TimeSpan.FromMilliseconds(1));
        (await LoginsAsync(replicas, 6)).Should().Be(0);
        replicas.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await LoginsAsync(replicas, 60)).Should().Be(5);
    }

    [PostgresFact]
    public async Task Each_replica_says_how_the_limit_stands_for_all()
    {
        await using var replicas = await ReplicaSet.StartAsync(2);
        var left = new List<string>();
        for (int i = 0; i < 7; i++)
        {
            var answer = await LoginAsync(replicas[i % 2]);
            left.Add(answer.Headers.GetValues("X-RateLimit-Remaining").Single());
            answer.Headers.GetValues("X-RateLimit-Reset").Single().Should().Be((replicas.Clock.GetUtcNow() + Window - TimeSpan.FromSeconds(i)).ToUnixTimeSeconds().ToString());
            replicas.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        left.Should().Equal("4", "3", "2", "1", "0", "0", "0");
        (await LoginAsync(replicas[1])).Headers.RetryAfter!.Delta.Should().Be(Window - TimeSpan.FromSeconds(7));
    }

    [PostgresFact]
    public async Task The_window_slides_to_the_exact_moment()
    {
        await using var replicas = await ReplicaSet.StartAsync(2);
        var windows = Windows(replicas, new RateLimit(2));
        (await windows[0].TakeAsync("a")).Allowed.Should().BeTrue();
        replicas.Clock.Advance(TimeSpan.FromSeconds(20));
        (await windows[1].TakeAsync("a")).Allowed.Should().BeTrue();
        (await windows[0].LookAsync("a")).Should().Be(new RateLease(false, 2, 0, TimeSpan.FromSeconds(40), replicas.Clock.GetUtcNow() + TimeSpan.FromSeconds(40)));
        (await windows[0].TakeAsync("a")).Allowed.Should().BeFalse();
        (await windows[0].TakeAsync("b")).Allowed.Should().BeTrue();
        replicas.Clock.Advance(TimeSpan.FromSeconds(40));
        (await windows[0].TakeAsync("a")).Allowed.Should().BeTrue();
        (await windows[1].TakeAsync("a")).Should().Be(new RateLease(false, 2, 0, TimeSpan.FromSeconds(20), replicas.Clock.GetUtcNow() + TimeSpan.FromSeconds(20)));
    }

    [PostgresFact]
    public async Task However_many_come_at_once_no_more_pass_and_no_fewer()
    {
        await using var replicas = await ReplicaSet.StartAsync(3);
        var windows = Windows(replicas, new RateLimit(17));
        var leases = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(() => windows[i % 3].TakeAsync("key " + i % 2).AsTask())));
        leases.Count(l => l.Allowed).Should().Be(2 * 17);
        leases.Where(l => l.Allowed).Select(l => l.Remaining).Order().Should().Equal(Enumerable.Range(0, 17).SelectMany(left => new[] { left, left }));
    }

    [PostgresFact]
    public async Task A_refused_key_is_refused_without_asking_the_database()
    {
        await using var replicas = await ReplicaSet.StartAsync(2);
        for (int i = 0; i < 6; i++) await LoginAsync(replicas[0]);
        replicas[0].Get<Database>().Read(s => s.All("""DELETE FROM "RateMoments" RETURNING 1""", r => r.GetInt32(0))).Should().HaveCount(5);
        (await LoginAsync(replicas[0])).Status.Should().Be(429);
        (await LoginAsync(replicas[1])).Status.Should().Be(401);
    }

    [PostgresFact]
    public async Task After_thirty_failed_client_authentications_at_all_replicas_the_address_is_slowed_down()
    {
        await using var replicas = await ReplicaSet.StartAsync(3);
        var answers = await Task.WhenAll(Enumerable.Range(0, 45).Select(i => replicas[i % 3].PostAsync("/connect/token", "nobody", ("grant_type", "client_credentials"))));
        answers.GroupBy(a => a.Status).ToDictionary(g => g.Key, g => g.Count()).Should().BeEquivalentTo(new Dictionary<int, int> { [401] = 30, [429] = 15 });
    }

    [PostgresFact]
    public async Task What_is_out_of_the_window_is_pruned()
    {
        await using var replicas = await ReplicaSet.StartAsync(2);
        await LoginsAsync(replicas, 10);
        replicas.Clock.Advance(Window + TimeSpan.FromSeconds(1));
        await replicas[1].Get<Pruner>().RunAsync(CancellationToken.None);
        replicas[0].Get<Database>().Read(s => s.All("""SELECT 1 FROM "RateMoments" """, r => r.GetInt32(0))).Should().BeEmpty();
    }

    private static IRateWindow[] Windows(ReplicaSet replicas, RateLimit limit) => [.. replicas.All.Select(r => r.Get<RateWindows>().Create("test", limit))];

    private static async Task<int> LoginsAsync(ReplicaSet replicas, int count) =>
        (await Task.WhenAll(Enumerable.Range(0, count).Select(i => LoginAsync(replicas[i % replicas.All.Count])))).Count(a => a.Status == 401);

    private static Task<Answer> LoginAsync(TestServer server) => server.CallAsync("POST", "/api/login", body: new { email = "nobody@example.com", password = "wrong" });
}
