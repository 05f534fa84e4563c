using InstallLifecycle;
using TokenServer.Storage;

namespace TokenServer.Installs;

/// <summary>The lifecycle's statements, prepared among the server's own.</summary>
internal sealed class InstallStatements(Statements statements) : IInstallStatements
{
    public int Execute(string sql, params ReadOnlySpan<object?> values) => statements.Execute(sql, values);

    public long Insert(string sql, params ReadOnlySpan<object?> values) =>
        (long)statements.First(sql, r => (object)r.GetInt64(0), values)!;

    public T? First<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values) where T : class =>
        statements.First(sql, read, values);

    public List<T> All<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values) => statements.All(sql, read, values);
}
