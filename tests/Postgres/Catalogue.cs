namespace Postgres;

/// <summary>Queries of what a schema holds, with the columns that SQLite's PRAGMAs have at those places, whatever the database.</summary>
internal static class Catalogue
{
    /// <summary>The names of all tables.</summary>
    public static string Tables => TestDatabases.ArePostgres
        ? "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        : "SELECT name FROM sqlite_master WHERE type='table' AND name <> 'sqlite_sequence' ORDER BY name";

    /// <summary>Whatever a migration may have made.</summary>
    public static string Everything => TestDatabases.ArePostgres
        ? """
            SELECT c.oid || c.relname || c.relfilenode || coalesce(a.attname || format_type(a.atttypid, a.atttypmod) || a.attnotnull, '')
            FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, a.attnum
            """
        : "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name";

    /// <summary>The columns of a table; 1: name, 2: type, 3: whether a value is required, 5: 0 where it is no part of the primary key.</summary>
    public static string Columns(string table) => TestDatabases.ArePostgres
        ? $"""
            SELECT 0, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, NULL, CASE WHEN a.attnum = ANY (k.conkey) THEN 1 ELSE 0 END::bigint
            FROM pg_attribute a LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p' WHERE a.attrelid = '"{table}"'::regclass AND a.attnum > 0 AND NOT a.attisdropped
            """
        : $"""PRAGMA table_info("{table}")""";

    /// <summary>The indexes of a table; 1: name, 2: whether it is unique, 3: c where it was made for itself.</summary>
    public static string Indexes(string table) => TestDatabases.ArePostgres
        ? $"""
            SELECT 0, c.relname::text, i.indisunique, CASE WHEN i.indisprimary THEN 'pk' ELSE 'c' END
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '"{table}"'::regclass
            """
        : $"""PRAGMA index_list("{table}")""";

    /// <summary>The columns of an index; 2: name.</summary>
    public static string IndexColumns(string index) => TestDatabases.ArePostgres
        ? $"""SELECT 0, 0, a.attname::text FROM pg_attribute a WHERE a.attrelid = '"{index}"'::regclass ORDER BY a.attnum"""
        : $"""PRAGMA index_info("{index}")""";

    /// <summary>The foreign keys of a table; 2: the table it points to, 3: its column.</summary>
    public static string ForeignKeys(string table) => TestDatabases.ArePostgres
        ? $"""
            SELECT 0, 0, t.relname::text, a.attname::text FROM pg_constraint f JOIN pg_class t ON t.oid = f.confrelid
            JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1] WHERE f.contype = 'f' AND f.conrelid = '"{table}"'::regclass
            """
        : $"""PRAGMA foreign_key_list("{table}")""";
}
