using System.Text;
using Npgsql;

namespace Postgres;

/// <summary>One database on a <see cref="PostgresServer"/>, dropped when it is disposed of.</summary>
internal sealed class PostgresDatabase(PostgresServer server, string name) : IAsyncDisposable
{
    public PostgresServer Server => server;
    public string Name => name;

    /// <summary>By the server's socket.</summary>
    public string ConnectionString { get; } = server.ConnectionString(name);

    /// <summary>Closes it to everybody, for good, so that it can be copied.</summary>
    public async Task CloseAsync()
    {
        await server.ExecuteAsync($"""ALTER DATABASE "{name}" ALLOW_CONNECTIONS false""");
        await server.CutAsync(name);
    }

    /// <summary>Every row of every table, after the table's name.</summary>
    public async Task<string> DumpAsync()
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Pooling=false");
        var all = new StringBuilder();
        foreach (string table in await AllAsync(source, "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"))
            all.AppendLine(table).AppendJoin('\n', await AllAsync(source, $"""SELECT t::text FROM "{table}" t""")).AppendLine();
        return all.ToString();
    }

    // Left alone they would fill the disk: 8 MB each.
    public async ValueTask DisposeAsync() => await server.ExecuteAsync($"""DROP DATABASE IF EXISTS "{name}" WITH (FORCE)""");

    private static async Task<List<string>> AllAsync(NpgsqlDataSource source, string sql)
    {
        var rows = new List<string>();
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        return rows;
    }
}
