using System.Diagnostics;
using System.Net;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Feed;

/// <summary>The feed of what was revoked, on several replicas and through failures of each part (docs/decisions/0037).</summary>
public sealed class ReplicaFeedTests(ITestOutputHelper output)
{
    // The second that is promised is measured by GatewayLatencyTests, which have the machine to themselves.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [PostgresFact]
    public async Task What_one_replica_revokes_the_others_tell_and_a_cursor_is_good_at_each()
    {
        await using var replicas = await ReplicaSet.StartAsync(3);
        using var stream = await FeedSubscription.OpenAsync(replicas[2].Http);
        await stream.UpToCurrentAsync();
        var told = new List<string>();
        for (int i = 0; i < 9; i++)
        {
            string id = await replicas[i % 2].RevokeTokenAsync();
            long answered = Stopwatch.GetTimestamp();
            (await stream.NextSetAsync()).Subject().Should().Be(id);
            output.WriteLine($"told after {Stopwatch.GetElapsedTime(answered).TotalMilliseconds:0} ms");
            Stopwatch.GetElapsedTime(answered).Should().BeLessThan(Soon);
            told.Add(id);
        }
        var (seen, cursor) = (new List<string>(), "");
        for (int i = 0; seen.Count < told.Count; i++)
        {
            var answer = await replicas[i % 3].PollAsync(new { cursor, maxEvents = 2 });
            answer["begin_anew"].Should().BeNull();
            seen.AddRange(answer.Events().Select(e => e.Subject()));
            cursor = answer["cursor"]!;
        }
        seen.Should().Equal(told);
    }

    [PostgresFact]
    public async Task What_is_acknowledged_at_one_replica_is_not_told_by_another()
    {
        await using var replicas = await ReplicaSet.StartAsync(2);
        await replicas[0].RevokeTokenAsync();
        var events = (await replicas[1].PollAsync(new { })).Events();
        // A replica that has not read an event yet tells it once more: it cannot know what was acknowledged.
        await replicas[0].SettleAsync();
        (await replicas[0].PollAsync(new { returnImmediately = true, ack = new[] { events.Single().Text("jti") } })).Events().Should().BeEmpty();
        (await replicas[1].PollAsync()).Events().Should().BeEmpty();
    }

    [PostgresFact]
    public async Task Connections_to_the_database_that_are_cut_lose_nothing()
    {
        await using var replicas = await ReplicaSet.StartAsync(2);
        await using var gateway = await GatewayRig.StartAsync(replicas[1].Address, replicas.Clock);
        for (int round = 0; round < 3; round++)
        {
            string token = await replicas[1].WorkerTokenAsync();
            (await gateway.AskAsync(token)).Should().Be(HttpStatusCode.OK);
            await replicas.CutAsync();
            (await Eventually.TrueAsync(async () => (await replicas[0].PostAsync("/connect/revoke", "worker", ("token", token))).Status == 200, Eventually.Never)).Should().BeTrue();
            (await Eventually.TrueAsync(async () => await gateway.AskAsync(token) == HttpStatusCode.Unauthorized, Eventually.Never)).Should().BeTrue();
        }
    }

    [Fact]
    public async Task A_server_that_is_killed_and_comes_back_has_lost_nothing()
    {
        using var folder = new TemporaryFolder();
        folder.Write("import.json", FeedRig.Import);
        (string, string?)[] settings = [("ASPNETCORE_ENVIRONMENT", "Development"), ("TokenServer:ImportFile", "import.json")];
        var first = await ServerProcess.StartAsync(folder.Path, settings);
        await using var gateway = await GatewayRig.StartAsync(first.Address, TimeProvider.System, "Gateway:FeedBound=00:00:02");
        string[] tokens = [await TokenAsync(first), await TokenAsync(first), await TokenAsync(first)];
        foreach (string token in tokens) (await gateway.AskAsync(token)).Should().Be(HttpStatusCode.OK);
        await RevokeAsync(first, tokens[0]);
        (await gateway.UntilRefusedAsync(tokens[0])).Should().BeLessThan(Soon);
        // Revoked in the last moment before the end: the answer came, the news perhaps not.
        await RevokeAsync(first, tokens[1]);
        await first.KillAsync();
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(tokens[2]) == HttpStatusCode.ServiceUnavailable, Eventually.Never)).Should().BeTrue();
        (await gateway.AskAsync(tokens[1])).Should().NotBe(HttpStatusCode.OK);
        await using var again = await ServerProcess.StartAtAsync(first.Address, folder.Path, settings);
        (await Eventually.TrueAsync(async () => await gateway.AskAsync(tokens[2]) == HttpStatusCode.OK, Eventually.Never)).Should().BeTrue();
        foreach (string dead in tokens[..2]) (await gateway.AskAsync(dead)).Should().Be(HttpStatusCode.Unauthorized);
    }

    private static async Task<string> TokenAsync(ServerProcess server) =>
        (await server.PostAsync("/connect/token", "worker", TestImport.Secret, ("grant_type", "client_credentials")))["access_token"]!;

    private static async Task RevokeAsync(ServerProcess server, string token) =>
        (await server.PostAsync("/connect/revoke", "worker", TestImport.Secret, ("token", token))).Status.Should().Be(200);
}
