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

    [Fact]
    public async Task What_cannot_be_opened_whole_is_opened_when_it_can()
    {
        using (var before = Open()) (await before.UseAsync(Proof("one"))).Should().BeTrue();
        string file = provider.AllBeside("used-proofs-").Single();
        // Two files, of which one cannot be opened, since another has it.
        string other = file[..(file.LastIndexOf('-') + 1)] + "99999999999";
        using var used = Open();
        await using (new FileStream(other, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            for (int i = 0; i < 3; i++)
                await used.Awaiting(n => n.UseAsync(Proof("two")).AsTask()).Should().ThrowAsync<StorageUnavailableException>();
        }
        (await used.UseAsync(Proof("one"))).Should().BeFalse("what was used is known");
        (await used.UseAsync(Proof("two"))).Should().BeTrue("what was not is good, though it was shown before");
    }

    [Fact]
    public async Task What_the_database_does_not_tell_of_rows_is_asked_again()
    {
        await new UsedIds(database, clock).UseAsync("dpop", Thumbprint, "row", clock.GetUtcNow().UtcDateTime.AddSeconds(90));
        using var used = Open();
        await database.WriteAsync(s => s.Execute("""ALTER TABLE "UsedIds" RENAME TO "Away" """));
        await used.Awaiting(n => n.UseAsync(Proof("row")).AsTask()).Should().ThrowAsync<Exception>();
        await database.WriteAsync(s => s.Execute("""ALTER TABLE "Away" RENAME TO "UsedIds" """));
        (await used.UseAsync(Proof("row", seconds: 90))).Should().BeFalse();
        (await used.UseAsync(Proof("other"))).Should().BeTrue();
    }

    [Fact]
    public async Task A_proof_whose_row_could_not_be_written_may_be_shown_again()
    {
        await new UsedIds(database, clock).UseAsync("dpop", Thumbprint, "row", clock.GetUtcNow().UtcDateTime.AddSeconds(90));
        using var used = Open();
        (await used.UseAsync(Proof("one"))).Should().BeTrue();
        await database.WriteAsync(s => s.Execute("""ALTER TABLE "UsedIds" RENAME TO "Away" """));
        await used.Awaiting(n => n.UseAsync(Proof("two")).AsTask()).Should().ThrowAsync<Exception>();
        await database.WriteAsync(s => s.Execute("""ALTER TABLE "Away" RENAME TO "UsedIds" """));
        (await used.UseAsync(Proof("two"))).Should().BeTrue();
        (await used.UseAsync(Proof("two"))).Should().BeFalse();
        (await used.UseAsync(Proof("one"))).Should().BeFalse();
    }

    [Fact]
    public void A_disk_that_failed_is_given_everything_anew_and_nothing_is_taken_until_it_has_it()
    {
        string path = Path.Combine(folder.Path, "stretch");
        using var stretch = new UsedInStretch(path);
        for (ulong id = 1; id <= 3; id++) stretch.Write(id, stretch.Add(id));
        stretch.IsDue.Should().BeTrue();
        // A folder in the place where it would be written anew, and a handle that is gone: the disk takes nothing.
        Directory.CreateDirectory(path + UsedInStretch.Unfinished);
        stretch.Dispose();
        stretch.Invoking(s => s.Flush([])).Should().Throw<ObjectDisposedException>();
        (stretch.IsBroken, stretch.IsDue).Should().Be((true, true));
        stretch.Invoking(s => s.Flush(s.All())).Should().Throw<UnauthorizedAccessException>();
        stretch.IsBroken.Should().BeTrue();
        Directory.Delete(path + UsedInStretch.Unfinished);
        stretch.Flush(stretch.All());
        (stretch.IsBroken, stretch.IsDue).Should().Be((false, false));
        stretch.Write(4, stretch.Add(4));
        stretch.IsDue.Should().BeTrue();
        stretch.Flush([]);
        stretch.Dispose();
        using var next = new UsedInStretch(path);
        next.Count.Should().Be(4);
    }

    [Fact]
    public void What_is_written_while_the_disk_takes_the_rest_is_for_the_next_time()
    {
        using var stretch = new UsedInStretch(Path.Combine(folder.Path, "stretch"));
        long first = stretch.Add(1), second = stretch.Add(2);
        stretch.Write(1, first);
        // The second has its place, and is not written yet.
        stretch.Flush([]);
        stretch.IsDue.Should().BeFalse();
        stretch.Write(2, second);
        stretch.IsDue.Should().BeTrue();
    }

    [Fact]
    public async Task After_the_machine_stopped_it_is_said_that_not_all_is_known_and_after_an_end_in_order_not()
    {
        using (var orderly = Open()) (await orderly.UseAsync(Proof("one"))).Should().BeTrue();
        using (var next = Open(machine: "another run")) next.UnknownBefore.Should().BeNull("the last one ended in order");
        // As a process leaves it that was killed: its lock is gone, its file is there.
        await File.WriteAllTextAsync(provider.Beside("used-proofs.run"), "another run");
        using (var killed = Open(machine: "another run")) killed.UnknownBefore.Should().BeNull("the machine went on");
        await File.WriteAllTextAsync(provider.Beside("used-proofs.run"), "another run");
        using var used = Open(machine: "a third run");
        var moment = clock.GetUtcNow().UtcDateTime;
        used.UnknownBefore.Should().Be(moment);
        clock.Advance(TimeSpan.FromMinutes(5));
        used.UnknownBefore.Should().Be(moment);
        clock.Advance(TimeSpan.FromMinutes(7));
        used.UnknownBefore.Should().BeNull("all that was made before is too old");
    }

    public void Dispose()
    {
        database.Dispose();
        folder.Dispose();
    }

    private RememberedProofs Open(int most = RememberedProofs.Most, string machine = "one run") =>
        new(provider, new UsedIds(database, clock), clock, most, machine, NullLogger<RememberedProofs>.Instance);

    private ProofResult.Proven Proof(string id, int seconds = 120, string key = Thumbprint) =>
        new(key, id, clock.GetUtcNow().UtcDateTime.AddSeconds(seconds), null);
}
