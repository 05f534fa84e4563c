using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TokenServer.Hosting;

namespace TokenServer.Storage;

/// <summary>The only file that names a database provider: SQLite, in WAL mode, each commit synced to disk.</summary>
internal sealed class DatabaseProvider
{
    private const string Setting = "ConnectionStrings:Default";
    private const int ReadOnly = 8, Corrupt = 11, CannotOpen = 14, NotADatabase = 26;
    private readonly string connectionString, path;

    public DatabaseProvider(IConfiguration configuration, DataDirectory directory)
    {
        var parts = Parse(configuration.GetConnectionString("Default"));
        if (parts.DataSource is "" or ":memory:" || parts.Mode == SqliteOpenMode.Memory)
            throw new SettingException(Setting, "it must name a database file; what is kept in memory is lost at the next start");
        if (parts.Mode == SqliteOpenMode.ReadOnly) throw new SettingException(Setting, "Mode=ReadOnly makes no sense: the server writes");
        path = parts.DataSource = directory.Resolve(parts.DataSource);
        parts.Pooling = false;
        connectionString = parts.ToString();
    }

    /// <summary>A new open connection, ready for prepared commands.</summary>
    /// <exception cref="SettingException">The file cannot be opened, read or written, or is no database.</exception>
    public DbConnection Open()
    {
        // The superuser is let through a file's permissions; who marked the file read-only meant it.
        if (!OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite)) == 0)
            throw new SettingException(Setting, $"the database {path} is read-only");
        var connection = new SqliteConnection(connectionString);
        try
        {
            CreateForOwnerOnly();
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout=30000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON";
            command.ExecuteNonQuery();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Explain(e);
        }
    }

    // SQLite would make the file as the umask says; the files beside it take its mode.
    private void CreateForOwnerOnly()
    {
        if (OperatingSystem.IsWindows() || File.Exists(path)) return;
        try
        {
            new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(Setting, $"the database {path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Options of a context on <paramref name="connection"/>, whose transactions the caller begins and commits.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="migrationsHistory">The table of the migrations that the context's schema has had.</param>
    public static DbContextOptions<T> Options<T>(DbConnection connection, string migrationsHistory) where T : DbContext =>
        new DbContextOptionsBuilder<T>().UseSqlite(connection, sqlite => sqlite.MigrationsHistoryTable(migrationsHistory)).Options;

    /// <summary>What to tell the operator of a failure to use the database at the start.</summary>
    public Exception Explain(DbException failure) => (failure as SqliteException)?.SqliteErrorCode switch
    {
        ReadOnly => new SettingException(Setting, $"the database {path} is read-only", failure),
        Corrupt => new SettingException(Setting, $"the database {path} is corrupt", failure),
        NotADatabase => new SettingException(Setting, $"the file {path} is not a database", failure),
        CannotOpen => new SettingException(Setting, $"the database {path} cannot be opened", failure),
        _ => new SettingException(Setting, $"the database {path} cannot be used: {failure.Message}", failure),
    };

    private static SqliteConnectionStringBuilder Parse(string? text)
    {
        try
        {
            return new SqliteConnectionStringBuilder(text);
        }
        catch (ArgumentException e)
        {
            throw new SettingException(Setting, e.Message, e);
        }
    }
}
