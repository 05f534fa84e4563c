using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Tests.Support;
using TokenServer.Tokens.Dpop;

namespace TokenServer.Tests.Connect.Dpop;

/// <summary>The proofs that one process has used, in memory and beside its database file.</summary>
public sealed class RememberedProofsTests : IDisposable
{
    private const string Thumbprint = "0123456789012345678901234567890123456789012";
    private readonly TemporaryFolder folder = new();
    private readonly ManualClock clock = new();
    private readonly DatabaseProvider provider;
    private readonly Database database;

    public RememberedProofsTests()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["TokenServer:DataDirectory"] = folder.Path }).Build();
        provider = DatabaseProvider.Of("Data Source=tokenserver.db", new DataDirectory(configuration));
        database = new Database(provider, [], NoMeters.Instruments());
    }

    [Fact]
    public async Task Of_many_who_come_with_one_proof_one_has_it()
    {
        using var used = Open();
        for (int i = 0; i < 50; i++)
        {
            var proof = Proof("id " + i);
            bool[] first = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => used.UseAsync(proof).AsTask())));
            first.Count(f => f).Should().Be(1);
        }
        used.Count.Should().Be(50);
    }

    [Fact]
    public async Task The_same_id_is_another_keys_too_and_never_the_same_keys_at_another_time()
    {
        using var used = Open();
        (await used.UseAsync(Proof("one"))).Should().BeTrue();
        (await used.UseAsync(Proof("one", key: Thumbprint.Replace('0', 'x')))).Should().BeTrue();
        (await used.UseAsync(Proof("one", seconds: 360))).Should().BeFalse("its iat is another, its jti is not");
    }

    [Fact]
    public async Task The_next_process_knows_what_the_last_one_used_and_drops_what_is_over()
    {
        using (var before = Open())
        {
            (await before.UseAsync(Proof("short"))).Should().BeTrue();
            (await before.UseAsync(Proof("long", seconds: 600))).Should().BeTrue();
        }
        clock.Advance(TimeSpan.FromSeconds(60));
        using (var soon = Open())
        {
            (await soon.UseAsync(Proof("short"))).Should().BeFalse();
            (await soon.UseAsync(Proof("long"))).Should().BeFalse();
        }
        clock.Advance(TimeSpan.FromSeconds(200));
        using var later = Open();
        (await later.UseAsync(Proof("new"))).Should().BeTrue();
        (later.Count, provider.AllBeside("used-proofs-").Length).Should().Be((2, 2), "the long one and the new one are left, each in a file");
    }

    [Fact]
    public async Task A_proof_of_the_last_moment_with_rows_is_good_once_after_it_too()
    {
        using var used = Open(most: 1);
        (await used.UseAsync(Proof("first", seconds: 60))).Should().BeTrue();
        (await used.UseAsync(Proof("a row", seconds: 60))).Should().BeTrue();
        clock.Advance(TimeSpan.FromSeconds(59));
        (await used.UseAsync(Proof("late", seconds: 119))).Should().BeTrue();
        for (int i = 0; i < 3; i++)
        {
            (await used.UseAsync(Proof("late", seconds: 119 - i * 30))).Should().BeFalse("it is over later than the rows of before");
            clock.Advance(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task Rows_of_before_do_not_hide_what_was_used_beside_them()
    {
        await new UsedIds(database, clock).UseAsync("assertion", "client", "jti", clock.GetUtcNow().UtcDateTime + TimeSpan.FromSeconds(30));
        using var used = Open();
        (await used.UseAsync(Proof("one"))).Should().BeTrue();
        clock.Advance(TimeSpan.FromSeconds(31));
        (await used.UseAsync(Proof("one", seconds: 89))).Should().BeFalse();
    }

    [Fact]
    public async Task What_finds_no_room_is_a_row_and_is_used_once_all_the_same()
    {
        using var used = Open(most: 3);
        for (int i = 0; i < 6; i++) (await used.UseAsync(Proof("id " + i))).Should().BeTrue();
        used.Count.Should().Be(3);
        for (int i = 0; i < 6; i++) (await used.UseAsync(Proof("id " + i))).Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(300));
        (await used.UseAsync(Proof("after"))).Should().BeTrue();
        used.Count.Should().Be(1, "there is room again");
    }

    [Fact]
    public async Task A_row_of_before_is_looked_for()
    {
        var proof = Proof("row");
        (await new UsedIds(database, clock).UseAsync("dpop", proof.Thumbprint, proof.Id, proof.Until)).Should().BeTrue();
        using var used = Open();
        (await used.UseAsync(proof)).Should().BeFalse();
    }

    [Fact]
    public async Task While_another_server_keeps_them_none_is_taken()
    {
        using var next = Open();
        using (var last = Open())
        {
            (await last.UseAsync(Proof("one"))).Should().BeTrue();
            await next.Awaiting(n => n.UseAsync(Proof("one")).AsTask()).Should().ThrowAsync<StorageUnavailableException>();
        }
        (await next.UseAsync(Proof("one"))).Should().BeFalse();
        (await next.UseAsync(Proof("two"))).Should().BeTrue();
    }

    public void Dispose()
    {
        database.Dispose();
        folder.Dispose();
    }

    private RememberedProofs Open(int most = RememberedProofs.Most) =>
        new(provider, new UsedIds(database, clock), clock, most, NullLogger<RememberedProofs>.Instance);

    private ProofResult.Proven Proof(string id, int seconds = 120, string key = Thumbprint) =>
        new(key, id, clock.GetUtcNow().UtcDateTime.AddSeconds(seconds), null);
}
