using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace TokenServer.Storage;

/// <summary>One connection and the commands prepared on it. Used by one thread at a time. Values are bound to @p0, @p1, … in order.</summary>
internal sealed class Statements(DbConnection connection) : IDisposable
{
    private readonly Dictionary<string, DbCommand> prepared = new(StringComparer.Ordinal);

    /// <summary>Runs a statement; the number of rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>The first row of a query, or null.</summary>
    public T? First<T>(string sql, Func<DbDataReader, T?> read, params ReadOnlySpan<object?> values) where T : class
    {
        using var reader = Bind(sql, values).ExecuteReader();
        return reader.Read() ? read(reader) : null;
    }

    /// <summary>All rows of a query.</summary>
    public List<T> All<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        var rows = new List<T>();
        using var reader = Bind(sql, values).ExecuteReader();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    /// <summary>A context on this connection, inside whatever transaction it is in.</summary>
    public ServerDbContext Context() => Context<ServerDbContext>(options => new(options), Schema.ServerHistory);

    /// <summary>A context of another model, on this connection.</summary>
    /// <param name="create">Makes the context.</param>
    /// <param name="migrationsHistory">The table of its applied migrations.</param>
    public T Context<T>(Func<DbContextOptions<T>, T> create, string migrationsHistory) where T : DbContext
    {
        var context = create(DatabaseProvider.Options<T>(connection, migrationsHistory));
        context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        return context;
    }

    public void Dispose()
    {
        foreach (var command in prepared.Values) command.Dispose();
        connection.Dispose();
    }

    private DbCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(sql, out var command)) prepared[sql] = command = Prepare(sql, values.Length);
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    private DbCommand Prepare(string sql, int count)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < count; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@p" + i;
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
