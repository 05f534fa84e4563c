using Microsoft.Data.Sqlite;
using Npgsql;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Transfers;

/// <summary>A transfer is made whole or not at all.</summary>
public sealed class TransferRefusalTests
{
    private static readonly TimeSpan Patience = Eventually.Never;

    // What every transfer brings, in the order in which it comes.
    private const string Everything = """SELECT (SELECT count(*) FROM "AspNetUsers") + (SELECT count(*) FROM "OpenIddictApplications") + (SELECT count(*) FROM "Audit") + (SELECT count(*) FROM "DataProtectionKeys")""";

    [TransferFact]
    public async Task A_database_that_is_in_use_is_refused_and_left_as_it_is()
    {
        await using var transfer = await Transferring.CreateAsync();
        (await transfer.RunAsync()).Code.Should().Be(0);
        string before = await transfer.Target.DumpAsync();
        string trail = AuditLength(transfer);
        var (code, output) = await transfer.RunAsync();
        (code, output).Should().Match<(int, string)>(e => e.Item1 == 1 && e.Item2.Contains("the target is in use") && !e.Item2.Contains("   at "));
        (await transfer.Target.DumpAsync()).Should().Be(before);
        AuditLength(transfer).Should().Be(trail, "nothing was transferred, and so nothing is told of it");
    }

    [TransferFact]
    public async Task A_server_that_still_has_the_file_open_is_told_of_and_one_that_starts_on_it_afterwards_too()
    {
        await using var transfer = await Transferring.CreateAsync();
        await using (var server = await ServerProcess.StartAsync(transfer.Source.Path))
        {
            var (code, output) = await transfer.RunAsync();
            (code, output).Should().Match<(int, string)>(e => e.Item1 == 1 && e.Item2.Contains("is in use; stop the server first") && !e.Item2.Contains("   at "));
            server.Output.Should().NotContain(l => l.Contains("was transferred"));
        }
        (await transfer.RunAsync()).Code.Should().Be(0);
        await using var late = await ServerProcess.StartAsync(transfer.Source.Path);
        late.Output.Should().Contain(l => l.Contains("was transferred to another"));
    }

    [TransferTheory]
    [InlineData("elsewhere.db", "--to must be a connection string of PostgreSQL")]
    [InlineData("Host=127.0.0.1;Username=nobody", "--to: it must name the Database")]
    [InlineData("Host=127.0.0.1;Database=none;Prot=1", "--to: ")]
    [InlineData("Host=127.0.0.1;Port=1;Database=none;Username=nobody", "--to: the database none on 127.0.0.1 cannot be used")]
    [InlineData("{target}_absent", "--to: the database {name}_absent on")]
    public async Task A_target_that_cannot_be_used_is_refused(string to, string reason)
    {
        await using var transfer = await Transferring.CreateAsync();
        string wrong = to.Replace("{target}", $"{transfer.Target.Server.ConnectionString(transfer.Target.Name)}").Replace($"Database={transfer.Target.Name};", "");
        if (to.StartsWith('{')) wrong = transfer.Target.Server.ConnectionString(transfer.Target.Name + "_absent");
        string trail = AuditLength(transfer);
        var (code, output) = await transfer.RunAsync(wrong);
        code.Should().Be(1, output);
        output.Should().Contain(reason.Replace("{name}", transfer.Target.Name)).And.NotContain("   at ");
        AuditLength(transfer).Should().Be(trail);
    }

    [TransferFact]
    public async Task A_file_that_holds_what_no_server_wrote_is_refused_by_the_tables_name()
    {
        await using var transfer = await Transferring.CreateAsync();
        transfer.AskSource("""UPDATE "AspNetUsers" SET "LastLogin"='yesterday'; SELECT 1""");
        var (code, output) = await transfer.RunAsync();
        (code, output).Should().Match<(int, string)>(e => e.Item1 == 1 && e.Item2.Contains("AspNetUsers") && !e.Item2.Contains("   at "));
        (await transfer.AskAsync(Everything)).Should().Be("0");
        transfer.AskSource("""UPDATE "AspNetUsers" SET "LastLogin"=NULL; SELECT 1""");
        (await transfer.RunAsync()).Code.Should().Be(0);
    }

    [TransferFact]
    public async Task Killed_in_the_middle_it_leaves_the_target_empty_and_the_source_at_work()
    {
        await using var transfer = await Transferring.CreateAsync();
        MakeTables(transfer);
        await using (var held = await HoldAsync(transfer))
        {
            using var process = transfer.Start();
            await WaitUntilBlockedAsync(transfer);
            process.Kill();
            await process.WaitForExitAsync();
        }
        (await transfer.AskAsync(Everything)).Should().Be("0");
        await using (var source = await TestServer.StartAsync(folder: transfer.Source.Path, clock: transfer.Clock))
        {
            (await source.SignInAsync(user: "bob")).Status.Should().Be(200);
            source.AuditedEvents().Should().NotContain("database.transferred");
        }
        var (code, output) = await transfer.RunAsync();
        code.Should().Be(0, output);
    }

    [TransferFact]
    public async Task Nobody_writes_to_the_source_meanwhile()
    {
        await using var transfer = await Transferring.CreateAsync();
        MakeTables(transfer);
        Answer before;
        await using (var source = await transfer.StartSourceAsync()) before = await source.SignInAsync(user: "bob");
        using var process = await StartHeldAsync(transfer, async () =>
        {
            using var writer = new SqliteConnection($"Data Source={Path.Combine(transfer.Source.Path, "tokenserver.db")};Pooling=False;Default Timeout=1");
            await writer.OpenAsync();
            using var begin = new SqliteCommand("BEGIN IMMEDIATE", writer);
            begin.Invoking(c => c.ExecuteNonQuery()).Should().Throw<SqliteException>().Which.SqliteErrorCode.Should().Be(5, "the file belongs to the transfer");
        });
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, await process.StandardError.ReadToEndAsync());
        var target = await transfer.StartTargetAsync();
        (await target.RefreshAsync(before["refresh_token"]!)).Status.Should().Be(200);
    }

    // A lock on a table that comes late among those that are copied.
    private static async Task<NpgsqlConnection> HoldAsync(Transferring transfer)
    {
        var held = new NpgsqlConnection(transfer.Target.ConnectionString + ";Pooling=false");
        await held.OpenAsync();
        await using var command = new NpgsqlCommand("""BEGIN; LOCK TABLE "Tunnels" """, held);
        await command.ExecuteNonQueryAsync();
        return held;
    }

    private static async Task<System.Diagnostics.Process> StartHeldAsync(Transferring transfer, Func<Task> meanwhile)
    {
        await using var held = await HoldAsync(transfer);
        var process = transfer.Start();
        await WaitUntilBlockedAsync(transfer);
        await meanwhile();
        return process;
    }

    private static async Task WaitUntilBlockedAsync(Transferring transfer) => (await Eventually.TrueAsync(
        async () => await transfer.AskAsync("""SELECT count(*) FROM pg_locks WHERE NOT granted AND relation='"Tunnels"'::regclass""") == "1", Patience)).Should().BeTrue();

    private static void MakeTables(Transferring transfer) => new Database(new PostgreSqlProvider(transfer.Target.ConnectionString), [], NoMeters.Instruments()).Dispose();

    private static string AuditLength(Transferring transfer) => transfer.AskSource("""SELECT count(*) FROM "Audit" """);
}
