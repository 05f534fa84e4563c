using System.Data.Common;

namespace InstallLifecycle.Storage;

/// <summary>Columns that need a word (times are UTC, and some may be null), and changes of what was read: they are made only if nobody else
/// has made one.</summary>
internal static class Row
{
    public static DateTime Time(DbDataReader row, int column) => DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc);
    public static DateTime? TimeOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : Time(row, column);
    public static string? TextOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>Undoes the transaction unless its statement has <paramref name="changed"/> the row as it was read.</summary>
    public static void ExpectOne(int changed)
    {
        if (changed != 1) throw new DbUpdateConcurrencyException("another transaction has changed the row");
    }
}
