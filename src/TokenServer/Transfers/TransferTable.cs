using Microsoft.EntityFrameworkCore.Metadata;
using TokenServer.Storage;

namespace TokenServer.Transfers;

/// <summary>A table that is copied: its columns, and its rows as values that both databases keep alike.</summary>
internal sealed class TransferTable(ITable table)
{
    private readonly (string Name, Type Type)[] columns =
        [.. table.Columns.Select(c => (c.Name, Nullable.GetUnderlyingType(c.ProviderClrType) ?? c.ProviderClrType))];

    public string Name => table.Name;
    public IReadOnlyList<string> Columns => [.. columns.Select(c => c.Name)];

    /// <summary>How many tables deep its rows refer to others', which are copied before.</summary>
    public int Depth { get; } = DepthOf(table);

    /// <summary>The column that is the primary key; null where several are.</summary>
    public string? Key => table.PrimaryKey is { Columns: [var column] } ? column.Name : null;

    /// <summary>All rows.</summary>
    public IEnumerable<object?[]> Rows(Statements statements) => statements.Stream(
        $"""SELECT {string.Join(", ", columns.Select(c => $"\"{c.Name}\""))} FROM "{Name}" """, r =>
            (object?[])[.. columns.Select((c, i) => r.IsDBNull(i) ? null : Value(r, i, c.Type))]);

    private static int DepthOf(ITable table) =>
        table.ForeignKeyConstraints.Where(f => f.PrincipalTable != table).Select(f => 1 + DepthOf(f.PrincipalTable)).DefaultIfEmpty().Max();

    // A microsecond is the finest that both keep.
    private static object Value(DbDataReader row, int column, Type type)
    {
        if (type == typeof(DateTime)) return Rounded(Row.Time(row, column));
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(Rounded(row.GetFieldValue<DateTimeOffset>(column).UtcDateTime));
        if (type == typeof(bool)) return row.GetBoolean(column);
        if (type == typeof(int)) return row.GetInt32(column);
        if (type == typeof(long)) return row.GetInt64(column);
        return type == typeof(string) ? row.GetString(column).Replace('\0', '\u2400')
            : throw new NotSupportedException($"columns of {type} are not transferred");
    }

    private static DateTime Rounded(DateTime time) => new(time.Ticks - time.Ticks % TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);
}
