namespace TokenServer.Storage;

/// <summary>Reads the columns that need a word: times are UTC, and some may be null.</summary>
internal static class Row
{
    public static DateTime Time(DbDataReader row, int column) => DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc);
    public static DateTime? TimeOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : Time(row, column);
    public static string? TextOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
    public static long? LongOrNull(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
