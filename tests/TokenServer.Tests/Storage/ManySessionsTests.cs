using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Npgsql;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Storage;

/// <summary>That the number of stored sessions is nothing to a request: told by the rows that the database went through and by its plans, not by a clock.</summary>
public sealed partial class ManySessionsTests(ITestOutputHelper output)
{
    // An account's page looks at its thousand newest sessions; nothing else at more than a page and what belongs to it. Before PostgreSQL
    // has counted, it may look at all that the account has.
    private const int MostRows = 2_500, MostUncounted = 25_000;
    private static readonly TimeSpan Patience = Eventually.Never;

    // A database knows how much there is only when it has counted, which it does some time after the rows came.
    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task On_PostgreSQL_a_request_goes_through_few_rows(bool isAnalyzed)
    {
        await using var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        using var folder = new TemporaryFolder();
        string[] settings = [$"--ConnectionStrings:Default={database.ConnectionString}"];
        var clock = new ManualClock();
        ManySessions sessions;
        await using (var first = await TestServer.StartAsync(settings, TestImport.Json, folder.Path, clock)) sessions = await ManySessions.FillAsync(first);
        if (isAnalyzed) await AskAsync(database, "ANALYZE");
        var tooMany = new List<string>();
        long before = await RowsAsync(database);
        foreach (var (name, act) in sessions.Flows().Prepend(("start and end", _ => Task.CompletedTask)))
        {
            await using (var server = await TestServer.StartAsync(settings, folder: folder.Path, clock: clock))
                for (int i = 0; i < ManySessions.Repeats; i++) await act(server);
            long after = await RowsAsync(database);
            output.WriteLine($"{name}: {(after - before) / ManySessions.Repeats} rows");
            if (after - before > (isAnalyzed ? MostRows : MostUncounted) * ManySessions.Repeats) tooMany.Add($"{name}: {(after - before) / ManySessions.Repeats} rows");
            before = after;
        }
        tooMany.Should().BeEmpty();
    }

    [SqliteFact("PostgreSQL has its own")]
    public async Task On_SQLite_every_statement_finds_its_rows_by_a_key_that_is_its_own()
    {
        await using var server = await TestServer.StartAsync();
        var sessions = await ManySessions.FillAsync(server);
        var database = server.Get<Database>();
        var fills = await database.WriteAsync(s => s.Prepared.ToHashSet());
        foreach (var (_, act) in sessions.Flows())
            for (int i = 0; i < 2; i++) await act(server);
        var statements = (await database.WriteAsync(s => s.Prepared.ToList())).Concat(OfReaders(database, 8)).Except(fills).Where(s => IsQuery().IsMatch(s)).ToList();
        statements.Should().HaveCountGreaterThan(20);
        using var connection = new SqliteConnection($"Data Source={Path.Combine(server.Folder, "tokenserver.db")};Pooling=False");
        connection.Open();
        var slow = new List<string>();
        foreach (string sql in statements)
            foreach (string step in Plan(connection, sql).Where(step => WalksThrough().IsMatch(step) && !sql.Contains("LIMIT", StringComparison.Ordinal)))
                slow.Add($"{step}: {sql}");
        slow.Should().BeEmpty();
    }

    // Each while the former is taken, so that it is another's turn.
    private static List<string> OfReaders(Database database, int more) => more == 0 ? [] : database.Read<List<string>>(s => [.. OfReaders(database, more - 1), .. s.Prepared]);

    private static List<string> Plan(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        for (int i = 0; i < 30; i++) command.Parameters.AddWithValue("@p" + i, DBNull.Value);
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read()) steps.Add(reader.GetString(3));
        return steps;
    }

    // A connection counts when it ends.
    private static async Task<long> RowsAsync(PostgresDatabase database)
    {
        (await Eventually.TrueAsync(async () => await AskAsync(database, "SELECT count(*) FROM pg_stat_activity WHERE datname=current_database() AND pid<>pg_backend_pid()") == 0, Patience)).Should().BeTrue();
        return await AskAsync(database, "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables) + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)");
    }

    private static async Task<long> AskAsync(PostgresDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false;Command Timeout=120");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^\s*(SELECT|UPDATE|DELETE|WITH)\b")]
    private static partial Regex IsQuery();

    // The tables that grow, by name or as the statements call them; the index by status has most of them under one key.
    [GeneratedRegex("^SCAN (OpenIddictTokens|OpenIddictAuthorizations|AspNetUsers|Audit|ApiKeys|Tunnels|RateMoments|UsedIds|Revocations|t|a|u)\\b|IX_OpenIddictAuthorizations_Status")]
    private static partial Regex WalksThrough();
}
