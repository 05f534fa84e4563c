using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Audit;

/// <summary>The audit chain: whatever is done to the table behind the server's back is found, and where.</summary>
public sealed class AuditChainTests : IAsyncLifetime
{
    private const int Entries = 20;
    private TestServer server = null!;

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync();
        for (int i = 1; i <= Entries; i++) await AppendAsync($"test.{i}");
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task An_untouched_trail_verifies()
    {
        await server.SignInAsync("web", "jane", "openid");
        Verify().Problem.Should().BeNull();
        Verify().Entries.Should().BeGreaterThan(Entries);
    }

    [Theory]
    [InlineData("Event", "'innocent'")]
    [InlineData("Actor", "'somebody else'")]
    [InlineData("Target", "NULL")]
    [InlineData("Address", "'192.0.2.1'")]
    [InlineData("Detail", "'nothing to see'")]
    [InlineData("Time", "'2020-01-01 00:00:00'")]
    [InlineData("Hash", "'AAAA'")]
    [InlineData("Hash", "NULL")]
    [InlineData("Previous", "NULL")]
    public async Task An_altered_entry_is_found(string column, string value)
    {
        long id = IdOf("test.7");
        await DoAsync($"""UPDATE "Audit" SET "{column}"={value} WHERE "Id"={id}""");
        Verify().Problem.Should().Be($"entry {id} was altered");
    }

    [Fact]
    public async Task An_entry_altered_with_its_hash_made_anew_breaks_the_next()
    {
        long id = IdOf("test.7");
        var entry = server.Get<AuditLog>().Export().Single(e => e.Id == id);
        string hash = AuditEntry.HashOf(entry.Previous!, id, entry.Said with { Actor = "somebody else" });
        await DoAsync($"""UPDATE "Audit" SET "Actor"='somebody else', "Hash"='{hash}' WHERE "Id"={id}""");
        Verify().Problem.Should().StartWith($"entry {id + 1} does not follow the one before it ({id})");
    }

    [Fact]
    public async Task A_removed_entry_is_found()
    {
        long id = IdOf("test.7");
        await DoAsync($"""DELETE FROM "Audit" WHERE "Id"={id}""");
        Verify().Problem.Should().StartWith($"entry {id + 1} does not follow the one before it ({id - 1})");
    }

    [Fact]
    public async Task A_removed_beginning_is_found()
    {
        long id = IdOf("test.1");
        await DoAsync($"""DELETE FROM "Audit" WHERE "Id"<={id}""");
        Verify().Problem.Should().StartWith($"entry {id + 1} does not follow");
    }

    [Fact]
    public async Task A_removed_end_is_found()
    {
        long id = IdOf($"test.{Entries}");
        await DoAsync($"""DELETE FROM "Audit" WHERE "Id">={id - 2}""");
        Verify().Problem.Should().Be($"entries after {id - 3} were removed; the last one was {id}");
    }

    [Fact]
    public async Task A_changed_order_is_found()
    {
        long id = IdOf("test.7");
        await DoAsync($"""UPDATE "Audit" SET "Id"=-1 WHERE "Id"={id}""", $"""UPDATE "Audit" SET "Id"={id} WHERE "Id"={id + 1}""", $"""UPDATE "Audit" SET "Id"={id + 1} WHERE "Id"=-1""");
        Verify().Problem.Should().Be($"entry {id} was altered");
    }

    [Fact]
    public async Task A_chain_made_anew_is_found_by_its_seal()
    {
        await server.Get<AuditKeeping>().SealAsync();
        await ForgeAsync(IdOf("test.7"));
        Verify().Problem.Should().Contain("the chain was made anew");
    }

    [Fact]
    public async Task A_forgery_is_not_sealed_and_not_pruned_away()
    {
        await server.Get<AuditKeeping>().SealAsync();
        await ForgeAsync(IdOf("test.7"));
        (await server.Get<AuditKeeping>().SealAsync()).Should().BeFalse();
        server.Clock.Advance(TimeSpan.FromDays(401));
        (await server.Get<AuditKeeping>().PruneAsync(CancellationToken.None)).Should().Be(0);
        Verify().Problem.Should().Contain("the chain was made anew");
        server.Log.Lines.Should().Contain(l => l.StartsWith("Critical", StringComparison.Ordinal) && l.Contains("audit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_trail_wiped_whole_is_found_by_its_seal()
    {
        await server.Get<AuditKeeping>().SealAsync();
        long last = IdOf($"test.{Entries}");
        await DoAsync("""DELETE FROM "Audit" """, $"""UPDATE "AuditHeads" SET "Origin"="LastHash", "OriginId"={last}""");
        Verify().Problem.Should().Be($"entries up to {last} were removed, which pruning had not come to");
        await DoAsync("""UPDATE "AuditHeads" SET "OriginId"=0, "Origin"="LastHash" """);
        Verify().Problem.Should().Be($"entry {last}, which was sealed, is not there");
    }

    [Fact]
    public async Task A_beginning_cut_off_with_its_origin_moved_is_found_by_its_seal()
    {
        await server.Get<AuditKeeping>().SealAsync();
        var cut = server.Get<AuditLog>().Export().Single(e => e.Said.Event == "test.7");
        await DoAsync($"""DELETE FROM "Audit" WHERE "Id"<={cut.Id}""", $"""UPDATE "AuditHeads" SET "OriginId"={cut.Id}, "Origin"='{cut.Hash}'""");
        Verify().Problem.Should().Be($"entries up to {cut.Id} were removed, which pruning had not come to");
    }

    [Fact]
    public async Task An_end_rolled_back_with_its_head_is_found_by_its_seal()
    {
        var (id, hash) = server.Get<AuditLog>().Export().Where(e => e.Said.Event == "test.7").Select(e => (e.Id, e.Hash)).Single();
        await server.Get<AuditKeeping>().SealAsync();
        await DoAsync($"""DELETE FROM "Audit" WHERE "Id">{id}""", $"""UPDATE "AuditHeads" SET "LastId"={id}, "LastHash"='{hash}', "IsSealed"=FALSE""");
        Verify().Problem.Should().StartWith($"entries after {id} were removed");
    }

    [SqliteFact("on PostgreSQL the seal is no file")]
    public async Task A_seal_that_is_missing_or_somebody_elses_is_found()
    {
        await server.Get<AuditKeeping>().SealAsync();
        string file = Path.Combine(server.Folder, "keys", "audit.seal");
        await File.WriteAllTextAsync(file, "1 1 1 AAAA");
        Verify().Problem.Should().Be("the seal was not made by this server");
        File.Delete(file);
        Verify().Problem.Should().Be("the seal is missing");
    }

    [Fact]
    public async Task A_trail_whose_hashes_are_all_taken_away_is_found_by_its_seal()
    {
        await server.Get<AuditKeeping>().SealAsync();
        long last = IdOf($"test.{Entries}");
        await DoAsync("""UPDATE "Audit" SET "Hash"=NULL, "Previous"=NULL, "Actor"='somebody else'""", """UPDATE "AuditHeads" SET "LastHash"='', "Origin"='' """);
        Verify().Problem.Should().Be($"entry {last} is not the one that was sealed: the chain was made anew");
    }

    [Fact]
    public async Task An_entry_made_old_is_not_pruned()
    {
        await server.Get<AuditKeeping>().SealAsync();
        await DoAsync($"""UPDATE "Audit" SET "Time"='2020-01-01 00:00:00' WHERE "Id"<={IdOf("test.7")}""");
        (await server.Get<AuditKeeping>().PruneAsync(CancellationToken.None)).Should().Be(0);
        Verify().Problem.Should().EndWith("was altered");
        server.Log.Lines.Should().Contain(l => l.StartsWith("Critical", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_processes_that_keep_it_at_once_get_in_nobodys_way()
    {
        using (server.Get<AuditSeal>().TryLock())
        {
            (await server.Get<AuditKeeping>().SealAsync()).Should().BeFalse();
            (await server.Get<AuditKeeping>().PruneAsync(CancellationToken.None)).Should().Be(0);
        }
        (await server.Get<AuditKeeping>().SealAsync()).Should().BeTrue();
        Verify().Problem.Should().BeNull();
    }

    [Fact]
    public async Task A_sealed_trail_goes_on_and_verifies()
    {
        await server.Get<AuditKeeping>().SealAsync();
        await AppendAsync("later");
        (await server.Get<AuditKeeping>().SealAsync()).Should().BeTrue();
        await AppendAsync("later still");
        Verify().Problem.Should().BeNull();
    }

    [Fact]
    public async Task Pruning_deletes_the_oldest_and_the_rest_still_verifies()
    {
        server.Clock.Advance(TimeSpan.FromDays(401));
        for (int i = 1; i <= 3; i++) await AppendAsync($"late.{i}");
        (await server.Get<AuditKeeping>().PruneAsync(CancellationToken.None)).Should().BeGreaterThanOrEqualTo(Entries);
        server.AuditedEvents().Should().Equal("late.1", "late.2", "late.3");
        Verify().Should().Be(new AuditVerdict(3, 0, null));
        await DoAsync($"""DELETE FROM "Audit" WHERE "Id"={IdOf("late.1")}""");
        Verify().Problem.Should().StartWith($"entry {IdOf("late.2")} does not follow");
    }

    [Fact]
    public async Task A_trail_pruned_whole_verifies_and_goes_on()
    {
        server.Clock.Advance(TimeSpan.FromDays(401));
        await server.Get<AuditKeeping>().PruneAsync(CancellationToken.None);
        Verify().Should().Be(new AuditVerdict(0, 0, null));
        await AppendAsync("later");
        Verify().Should().Be(new AuditVerdict(1, 0, null));
    }

    [Fact]
    public async Task Entries_of_many_at_once_make_one_chain()
    {
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => AppendAsync($"storm.{i}")));
        var verdict = Verify();
        (verdict.Problem, server.AuditedEvents().Count(e => e.StartsWith("storm.", StringComparison.Ordinal))).Should().Be((null, 500));
    }

    private AuditVerdict Verify() => server.Get<AuditVerification>().Verify();

    private Task AppendAsync(string name) => server.Get<Database>().WriteAsync(s =>
        AuditTrail.Append(s, new AuditEvent(name, server.Clock.GetUtcNow().UtcDateTime) { Actor = "1", Target = "2", Address = "127.0.0.1", Detail = "a detail" }));

    private long IdOf(string name) => server.Get<AuditLog>().Export().Single(e => e.Said.Event == name).Id;

    private Task DoAsync(params string[] statements) => server.Get<Database>().WriteAsync(s =>
    {
        foreach (string sql in statements) s.Execute(sql);
    });

    // What somebody does who can write to the database and knows how the chain is made.
    private async Task ForgeAsync(long from)
    {
        var entries = server.Get<AuditLog>().Export().ToList();
        string previous = entries.Last(e => e.Id < from).Hash!;
        var statements = new List<string>();
        foreach (var entry in entries.Where(e => e.Id >= from))
        {
            var said = entry.Said with { Actor = "somebody else" };
            string hash = AuditEntry.HashOf(previous, entry.Id, said);
            statements.Add($"""UPDATE "Audit" SET "Actor"='somebody else', "Previous"='{previous}', "Hash"='{hash}' WHERE "Id"={entry.Id}""");
            previous = hash;
        }
        statements.Add($"""UPDATE "AuditHeads" SET "LastHash"='{previous}'""");
        await DoAsync([.. statements]);
    }
}
