using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Storage;

/// <summary>One writer, group commit, and no operation in another's way (docs/decisions/0004).</summary>
public sealed class WriteQueueTests
{
    [Fact]
    public async Task Five_hundred_parallel_writers_all_commit()
    {
        using var test = new TestDatabase();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => test.Database.WriteAsync(s => Insert(s, i)))));
        Rows(test).Should().BeEquivalentTo(Enumerable.Range(0, 500));
    }

    [Fact]
    public async Task A_failing_operation_fails_alone_and_undoes_its_own_statements_only()
    {
        using var test = new TestDatabase();
        var hold = new TaskCompletionSource();
        // While the first one holds the writer, the others come together into one transaction behind it.
        var first = test.Database.WriteAsync(_ => hold.Task.Wait(TimeSpan.FromSeconds(30)));
        var writes = Enumerable.Range(0, 100).Select(i => test.Database.WriteAsync(s =>
        {
            Insert(s, i);
            if (i % 10 == 0) throw new FormatException("operation " + i);
        })).ToList();
        hold.SetResult();
        await first;
        for (int i = 0; i < writes.Count; i++)
        {
            if (i % 10 == 0) (await writes[i].Awaiting(w => w).Should().ThrowAsync<FormatException>()).WithMessage("operation " + i);
            else await writes[i];
        }
        Rows(test).Should().BeEquivalentTo(Enumerable.Range(0, 100).Where(i => i % 10 != 0));
    }

    [Fact]
    public async Task A_statement_that_breaks_a_constraint_fails_its_own_caller_only()
    {
        using var test = new TestDatabase();
        await test.Database.WriteAsync(s => Insert(s, 1));
        var writes = new[] { 2, 1, 3 }.Select(i => test.Database.WriteAsync(s => Insert(s, i))).ToList();
        await writes[1].Awaiting(w => w).Should().ThrowAsync<System.Data.Common.DbException>();
        await Task.WhenAll(writes[0], writes[2]);
        Rows(test).Should().BeEquivalentTo([1, 2, 3]);
    }

    [Fact]
    public async Task What_was_written_is_read_when_the_write_completes()
    {
        using var test = new TestDatabase();
        for (int i = 0; i < 50; i++)
        {
            await test.Database.WriteAsync(s => Insert(s, i));
            Rows(test).Should().Contain(i);
        }
    }

    [Fact]
    public async Task A_failing_commit_changes_nothing_tells_its_callers_and_the_next_write_succeeds()
    {
        using var test = new TestDatabase();
        var write = test.Database.WriteAsync(s =>
        {
            Insert(s, 1);
            // A foreign key that is looked at only by COMMIT, and is broken.
            s.Execute(TestDatabases.ArePostgres ? """ALTER TABLE "AspNetUserClaims" ALTER CONSTRAINT "FK_AspNetUserClaims_AspNetUsers_UserId" DEFERRABLE INITIALLY DEFERRED""" : "PRAGMA defer_foreign_keys=ON");
            s.Execute("""INSERT INTO "AspNetUserClaims" ("UserId") VALUES (4711)""");
        });
        await write.Awaiting(w => w).Should().ThrowAsync<StorageUnavailableException>();
        Rows(test).Should().BeEmpty();
        await test.Database.WriteAsync(s => Insert(s, 2));
        Rows(test).Should().BeEquivalentTo([2]);
    }

    [Fact]
    public async Task Two_processes_on_one_database_both_get_their_writes_through()
    {
        using var test = new TestDatabase();
        var other = test.Open();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? test.Database : other).WriteAsync(s => Insert(s, i))));
        Rows(test).Should().HaveCount(200);
    }

    [Fact]
    public async Task What_waited_too_long_behind_a_database_that_hung_is_refused_and_never_done()
    {
        using var test = new TestDatabase();
        var clock = new Stopwatch();
        using var queue = new WriteQueue(test.Provider, test.Provider.BeginAlone, NoMeters.Instruments(), together: 10, clock: clock);
        TaskCompletionSource began = new(), hang = new();
        var first = queue.RunAsync(s =>
        {
            began.SetResult();
            return hang.Task.Wait(TimeSpan.FromSeconds(30)) ? Insert(s, 1) : 0;
        });
        await began.Task;
        var late = queue.RunAsync(s => Insert(s, 2));
        clock.Passed = TimeSpan.FromSeconds(9);
        var inTime = queue.RunAsync(s => Insert(s, 3));
        clock.Passed = TimeSpan.FromSeconds(11);
        hang.SetResult();
        await Task.WhenAll(first, inTime);
        await late.Awaiting(w => w).Should().ThrowAsync<StorageUnavailableException>();
        Rows(test).Should().BeEquivalentTo([1, 3]);
    }

    private sealed class Stopwatch : TimeProvider
    {
        public TimeSpan Passed { get; set; }
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
        public override long GetTimestamp() => Passed.Ticks;
    }

    private static int Insert(Statements s, int number) => s.Execute("""INSERT INTO "Versions" ("Name", "Number") VALUES (@p0, @p1)""", "row " + number, number);

    private static List<int> Rows(TestDatabase test) => test.Database.Read(s => s.All("""SELECT "Number" FROM "Versions" WHERE "Name" LIKE 'row %'""", r => r.GetInt32(0)));
}
