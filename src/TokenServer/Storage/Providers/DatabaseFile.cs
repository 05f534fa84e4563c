using Microsoft.Data.Sqlite;
using TokenServer.Foundation;

namespace TokenServer.Storage.Providers;

/// <summary>The database as a file: copied while servers write to it, and looked into (docs/decisions/0019).</summary>
internal sealed class DatabaseFile(string path)
{
    private const int Busy = 5;

    public string Path => path;

    /// <summary>The file that the settings name; null where they name a database server.</summary>
    public static DatabaseFile? Find(IConfiguration configuration, DataDirectory directory)
    {
        if (PostgreSqlProvider.IsMeantBy(configuration.GetConnectionString("Default"))) return null;
        try
        {
            return new SqliteConnectionStringBuilder(configuration.GetConnectionString("Default")).DataSource is { Length: > 0 } source
                ? new(directory.Resolve(source)) : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Copies what is committed at this moment; nobody who writes waits for it.</summary>
    /// <param name="target">An empty file. Nothing that was deleted from the database comes into it.</param>
    /// <exception cref="IOException">The database cannot be read, or there is no room for a copy.</exception>
    public void CopyTo(string target) => Use(SqliteOpenMode.ReadWrite, connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO @target";
        command.Parameters.AddWithValue("@target", target);
        command.CommandTimeout = 0;
        return command.ExecuteNonQuery();
    });

    /// <summary>What is in the file, every page of which was read.</summary>
    /// <exception cref="IOException">It is damaged, or no database.</exception>
    public FileContent Examine(params ReadOnlySpan<string> histories)
    {
        string[] wanted = histories.ToArray();
        return Use(SqliteOpenMode.ReadOnly, connection =>
        {
            if (Texts(connection, "PRAGMA integrity_check(1)") is not ["ok"] and var found)
                throw new IOException($"the database {path} is damaged: {string.Join(", ", found)}");
            var tables = Texts(connection,
                "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
            var rows = new SortedDictionary<string, long>(StringComparer.Ordinal);
            foreach (string table in tables)
                rows[table] = long.Parse(
                    Texts(connection, $"SELECT count(*) FROM \"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")[0]);
            return new FileContent(rows,
                [.. wanted.Where(rows.ContainsKey).SelectMany(h => Texts(connection, $"SELECT \"MigrationId\" FROM \"{h}\" ORDER BY 1"))]);
        });
    }

    /// <summary>Brings everything into the one file, which is then complete without the files beside it.</summary>
    /// <exception cref="IOException">Another process has the database open.</exception>
    public void Settle() => Use(SqliteOpenMode.ReadWrite, connection => Texts(connection, "PRAGMA journal_mode=DELETE"));

    /// <summary>The same, for who is to be alone with it.</summary>
    /// <param name="refuse">What to throw where another process has the database open.</param>
    public void SettleAlone(Func<string, Exception, Exception> refuse)
    {
        try
        {
            Settle();
        }
        catch (IOException e) when (e.InnerException is SqliteException { SqliteErrorCode: Busy })
        {
            throw refuse($"the database {path} is in use; stop the server first", e);
        }
    }

    private T Use<T>(SqliteOpenMode mode, Func<SqliteConnection, T> work)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
                { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 5 }.ToString());
            connection.Open();
            return work(connection);
        }
        catch (SqliteException e)
        {
            throw new IOException($"the database {path} cannot be used: {e.Message}", e);
        }
    }

    private static List<string> Texts(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        var texts = new List<string>();
        using var reader = command.ExecuteReader();
        while (reader.Read()) texts.Add(reader.GetString(0));
        return texts;
    }
}

/// <summary>What a database file holds.</summary>
/// <param name="Rows">How many rows each table has.</param>
/// <param name="Migrations">The migrations that it has had.</param>
internal sealed record FileContent(SortedDictionary<string, long> Rows, string[] Migrations);
