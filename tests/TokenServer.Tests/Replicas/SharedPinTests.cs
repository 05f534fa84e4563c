using TokenServer.Accounts.Pins;
using TokenServer.Audit;
using TokenServer.Pruning;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>A PIN token is good, and ends, at all replicas (docs/decisions/0018).</summary>
public sealed class SharedPinTests
{
    [PostgresFact]
    public async Task A_PIN_token_of_one_replica_is_good_at_the_other_and_ends_at_both()
    {
        await using var replicas = await ReplicaSet.StartAsync(2);
        string token = await TokenAsync(replicas[0]), other = await TokenAsync(replicas[1]);
        token.Should().MatchRegex("^[0-9a-f]{64}$");
        (await StatusAsync(replicas[1], token)).Status.Should().Be(200);
        (await replicas[1].Get<AnyTokenRevocation>().RevokeAsync(token, new Actor("test", null))).Should().Be("pin");
        (await StatusAsync(replicas[0], token)).Status.Should().Be(401);
        (await StatusAsync(replicas[1], token)).Status.Should().Be(401);
        (await StatusAsync(replicas[0], other)).Status.Should().Be(200);
        (await replicas[0].Get<AnyTokenRevocation>().RevokeAsync(token, new Actor("test", null))).Should().BeNull();
        replicas[0].AuditedEvents().Count(e => e == "token.revoked").Should().Be(1);
    }

    [PostgresFact]
    public async Task It_ends_with_its_time_and_is_pruned()
    {
        await using var replicas = await ReplicaSet.StartAsync(2);
        string token = await TokenAsync(replicas[0]);
        replicas.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        (await StatusAsync(replicas[1], token)).Status.Should().Be(200);
        replicas.Clock.Advance(TimeSpan.FromSeconds(2));
        (await StatusAsync(replicas[1], token)).Status.Should().Be(401);
        await replicas[1].Get<Pruner>().RunAsync(CancellationToken.None);
        Stored(replicas[0]).Should().BeEmpty();
    }

    [PostgresFact]
    public async Task Nothing_that_is_stored_of_it_is_the_token_or_the_PINs_hash()
    {
        await using var replicas = await ReplicaSet.StartAsync(1);
        string token = await TokenAsync(replicas[0]), hash = await replicas[0].Get<PinFile>().ReadAsync();
        string row = Stored(replicas[0]).Should().ContainSingle().Subject;
        row.Should().NotContain(token[16..]).And.NotContain(hash);
    }

    private static List<string> Stored(TestServer server) =>
        server.Get<Database>().Read(s => s.All("""SELECT concat_ws(' ', "Id", "Payload", "Properties", "ReferenceId") FROM "OpenIddictTokens" WHERE "Type"='pin_token' """, r => r.GetString(0)));

    private static async Task<string> TokenAsync(TestServer server)
    {
        if (!File.Exists(Path.Combine(server.Folder, "pin.hash"))) await server.Get<PinFile>().SetAsync("1234", "test");
        return (await server.CallAsync("POST", "/api/auth", body: new { pin = "1234" }))["token"]!;
    }

    private static Task<Answer> StatusAsync(TestServer server, string token) => server.CallAsync("GET", "/api/status", token);
}
