using System.Data.Common;

namespace InstallLifecycle;

/// <summary>Port: prepared statements on a connection of the host's, in whatever transaction that is in. They are written in what SQLite
/// and PostgreSQL have in common; their values are @p0, @p1, … in order: text, numbers, truth values, times in UTC, nulls.</summary>
public interface IInstallStatements
{
    /// <summary>Runs a statement; how many rows it changed.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="values">Its values.</param>
    int Execute(string sql, params ReadOnlySpan<object?> values);

    /// <summary>Runs an <c>INSERT … RETURNING</c> of a number.</summary>
    /// <inheritdoc cref="Execute"/>
    long Insert(string sql, params ReadOnlySpan<object?> values);

    /// <summary>The first row of a query; null where there is none.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="values">Its values.</param>
    T? First<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values) where T : class;

    /// <summary>All rows of a query.</summary>
    /// <inheritdoc cref="First{T}"/>
    List<T> All<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values);
}
