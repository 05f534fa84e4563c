using System.Data;
using TokenServer.Storage.Providers;

namespace TokenServer.Storage;

/// <summary>One connection and the commands prepared on it. Used by one thread at a time. Values are bound to @p0, @p1,
/// … in order.</summary>
internal sealed class Statements(DatabaseProvider provider) : IDisposable
{
    private const int Together = 64;
    private readonly Dictionary<string, DbCommand> prepared = new(StringComparer.Ordinal);
    private readonly DbConnection connection = provider.Open();
    private readonly Dictionary<Type, DbContextOptions> contexts = [];
    private readonly HashSet<(string Sql, string Value)> last = [];
    private bool announced;

    /// <summary>Whether the connection can still be used.</summary>
    public bool IsOpen => connection.State == ConnectionState.Open;

    /// <summary>The statements that were prepared on it.</summary>
    public IReadOnlyCollection<string> Prepared => prepared.Keys;

    /// <summary>Runs a statement; the number of rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>Runs a statement, however long it takes.</summary>
    public void ExecuteAtLeisure(string sql)
    {
        var command = Bind(sql, []);
        command.CommandTimeout = 0;
        command.ExecuteNonQuery();
    }

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

    /// <summary>The rows of a table that have one of <paramref name="ids"/> in the column <paramref name="key"/>, in whatever
    /// order.</summary>
    public List<T> OfIds<T>(string table, string columns, IEnumerable<long> ids, Func<DbDataReader, T> read, string key = "Id")
    {
        // One text for any number of them, so that it is prepared once.
        string sql = $"""
            SELECT {columns} FROM "{table}" WHERE "{key}" IN ({string.Join(", ", Enumerable.Range(0, Together).Select(i => $"@p{i}"))})
            """;
        var rows = new List<T>();
        foreach (long[] some in ids.Chunk(Together))
            rows.AddRange(All(sql, read, [.. Enumerable.Range(0, Together).Select(i => (object?)some[Math.Min(i, some.Length - 1)])]));
        return rows;
    }

    /// <summary>The rows of a query, one after the other; nothing else runs on the connection meanwhile.</summary>
    public IEnumerable<T> Stream<T>(string sql, Func<DbDataReader, T> read)
    {
        using var reader = Bind(sql, []).ExecuteReader();
        while (reader.Read()) yield return read(reader);
    }

    /// <summary>Inserts many rows at once, in this transaction.</summary>
    public void Insert(string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows) =>
        provider.Insert(connection, table, columns, rows);

    /// <summary>The last value that was given out for a column of <paramref name="table"/>; null where the database does not say.</summary>
    public long? LastGivenOut(string table) =>
        provider.FindLastGivenOut is { } sql ? First(sql, r => (object)r.GetInt64(0), table) as long? : null;

    /// <summary>Has the values that the database gives out for a column go on after <paramref name="last"/>,
    /// and after those that are there.</summary>
    public void ContinueAfter(string table, string column, long last) => Execute(provider.ContinueAfter(table, column), last);

    /// <summary>Text of an expression: the hour, as <c>2026-11-21 13</c>, of the column <paramref name="column"/>.</summary>
    public string HourOf(string column) => provider.HourOf(column);

    /// <inheritdoc cref="DatabaseProvider.Slice"/>
    public string Slice(string column, string id, string value, string from, string before) =>
        provider.Slice(column, id, value, from, before);

    /// <inheritdoc cref="DatabaseProvider.HasLateral"/>
    public bool HasLateral => provider.HasLateral;

    /// <summary>Makes this transaction wait for every other one that locked the same number, of any process,
    /// and those that come wait for it.</summary>
    public void Lock(long number)
    {
        if (provider.LockNumber is { } sql) Execute(sql, number);
    }

    /// <summary>Says that what this transaction changes may be lost where the database crashes: its commit does not wait for the disk. Only
    /// in an operation that may run beside others, which is a transaction of its own.</summary>
    public void NeedNotLast()
    {
        if (provider.NeedNotLast is { } sql) Execute(sql);
    }

    /// <summary>Says that this transaction changes what processes keep in memory, so that they look as soon as it is committed.</summary>
    public void Announce() => announced = true;

    /// <summary>Has this transaction run a statement of one value as its last, once, however many of its operations say so.</summary>
    public void BeforeCommit(string sql, string value) => last.Add((sql, value));

    /// <summary>Commits.</summary>
    public void Commit()
    {
        foreach (var (sql, value) in last) Execute(sql, value);
        last.Clear();
        Execute(announced ? provider.CommitAnnounced : "COMMIT");
        announced = false;
    }

    /// <summary>Undoes the transaction, if there is one.</summary>
    public void RollBack()
    {
        announced = false;
        last.Clear();
        try
        {
            if (IsOpen) Execute("ROLLBACK");
        }
        catch (DbException)
        {
            // The database has rolled back already, or the connection is gone and it will: there is no transaction left to end.
        }
    }

    /// <summary>A context on this connection, inside whatever transaction it is in.</summary>
    public ServerDbContext Context() => Context<ServerDbContext>(options => new(options), Schema.ServerHistory);

    /// <summary>A context of another model, on this connection.</summary>
    /// <param name="create">Makes the context.</param>
    /// <param name="migrationsHistory">The table of its applied migrations.</param>
    public T Context<T>(Func<DbContextOptions<T>, T> create, string migrationsHistory) where T : DbContext
    {
        if (!contexts.TryGetValue(typeof(T), out var options))
            contexts[typeof(T)] = options = provider.Options<T>(connection, migrationsHistory);
        var context = create((DbContextOptions<T>)options);
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
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] is { } value ? provider.Bind(value) : DBNull.Value;
        return command;
    }

    private DbCommand Prepare(string sql, int count)
    {
        var command = connection.CreateCommand();
        command.CommandText = count == 0 ? sql : provider.Text(sql);
        for (int i = 0; i < count; i++) command.Parameters.Add(provider.Parameter(command, i));
        return command;
    }
}
