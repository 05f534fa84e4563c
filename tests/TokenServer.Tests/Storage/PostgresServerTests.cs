using System.Globalization;
using Npgsql;

namespace TokenServer.Tests.Storage;

/// <summary>The PostgreSQL that the tests start for themselves.</summary>
public sealed class PostgresServerTests
{
    [PostgresFact]
    public async Task A_database_is_a_copy_of_its_template_and_changes_alone()
    {
        var server = await PostgresServer.SharedAsync();
        await using var template = await server.CreateDatabaseAsync();
        await AskAsync(template.ConnectionString, "CREATE TABLE t (n int); INSERT INTO t VALUES (1)");
        await template.CloseAsync();
        var copies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.CreateDatabaseAsync(template)));
        await AskAsync(copies[0].ConnectionString, "INSERT INTO t VALUES (2)");
        (await AskAsync(copies[0].ConnectionString, "SELECT count(*) FROM t")).Should().Be("2");
        (await AskAsync(copies[1].ConnectionString, "SELECT count(*) FROM t")).Should().Be("1");
        foreach (var copy in copies) await copy.DisposeAsync();
        (await AskAsync(server.ConnectionString("postgres"), $"SELECT count(*) FROM pg_database WHERE datname IN ('{string.Join("', '", copies.Select(c => c.Name))}')")).Should().Be("0");
    }

    [PostgresFact]
    public async Task A_crashed_server_starts_again_with_what_was_committed()
    {
        await using var server = await PostgresServer.StartAsync(durable: true);
        await using var database = await server.CreateDatabaseAsync();
        await AskAsync(database.ConnectionString, "CREATE TABLE t (n int); INSERT INTO t VALUES (1)");
        await server.CrashAsync();
        await FluentActions.Awaiting(() => AskAsync(database.ConnectionString, "SELECT 1")).Should().ThrowAsync<NpgsqlException>();
        await server.StartAgainAsync();
        (await AskAsync(database.ConnectionString, "SELECT n FROM t")).Should().Be("1");
        await server.RestartAsync();
        (await AskAsync(database.ConnectionString, "SELECT n FROM t")).Should().Be("1");
    }

    [PostgresFact]
    public async Task By_TCP_it_wants_the_password()
    {
        var server = await PostgresServer.SharedAsync();
        string right = server.ConnectionString("postgres", overTcp: true);
        (await AskAsync(right, "SELECT 1")).Should().Be("1");
        await FluentActions.Awaiting(() => AskAsync(right + ";Password=wrong", "SELECT 1")).Should().ThrowAsync<PostgresException>().Where(e => e.SqlState == PostgresErrorCodes.InvalidPassword);
    }

    [PostgresFact]
    public async Task Cut_connections_are_gone_and_new_ones_are_let_in()
    {
        var server = await PostgresServer.SharedAsync();
        await using var database = await server.CreateDatabaseAsync();
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await server.CutAsync(database.Name);
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        await command.Awaiting(c => c.ExecuteScalarAsync()).Should().ThrowAsync<NpgsqlException>();
        (await AskAsync(database.ConnectionString, "SELECT 1")).Should().Be("1");
    }

    private static async Task<string?> AskAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
