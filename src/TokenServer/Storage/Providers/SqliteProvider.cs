using Microsoft.Data.Sqlite;
using TokenServer.Foundation;

namespace TokenServer.Storage.Providers;

/// <summary>SQLite, in WAL mode, each commit synced to disk.</summary>
internal sealed class SqliteProvider : DatabaseProvider
{
    private const int Busy = 5, Locked = 6, OutOfMemory = 7, ReadOnly = 8, IoError = 10, Corrupt = 11,
        Full = 13, CannotOpen = 14, NotADatabase = 26;
    private const int BusyTimeout = 5;
    private readonly string connectionString, path, setting;
    private readonly string? pragmas;

    /// <param name="text">A connection string.</param>
    /// <param name="directory">Where a relative path is taken from.</param>
    /// <param name="option">The option that another program's database was given as: it is only read; null: it is ours.</param>
    /// <exception cref="SettingException">It makes no sense.</exception>
    public SqliteProvider(string? text, DataDirectory directory, string? option = null)
    {
        setting = option ?? Setting;
        var parts = Parse(text, setting);
        if (parts.DataSource is "" or ":memory:" || parts.Mode == SqliteOpenMode.Memory)
            throw new SettingException(setting, "it must name a database file; what is kept in memory is lost at the next start");
        if (option is not null) parts.Mode = SqliteOpenMode.ReadOnly;
        else if (parts.Mode == SqliteOpenMode.ReadOnly)
            throw new SettingException(setting, "Mode=ReadOnly makes no sense: the server writes");
        path = parts.DataSource = directory.Resolve(parts.DataSource);
        parts.Pooling = false;
        // Another process that holds the file for longer is a fault, which callers are told of.
        if (!parts.ShouldSerialize("Default Timeout")) parts.DefaultTimeout = BusyTimeout;
        if (option is null) pragmas =
            $"PRAGMA busy_timeout={parts.DefaultTimeout * 1000}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON";
        connectionString = parts.ToString();
    }

    public override string Name => path;
    public override bool IsThere => new FileInfo(path) is { Exists: true, Length: > 0 };
    public override string Beside(string name) => $"{path}.{name}";

    public override string[] AllBeside(string start) =>
        Directory.GetFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, $"{Path.GetFileName(path)}.{start}*");

    public override string BeginAlone => "BEGIN IMMEDIATE";
    public override string FindTable => "SELECT 1 FROM sqlite_master WHERE name=@p0";
    public override string HourOf(string column) => $"""substr("{column}", 1, 13)""";

    public override DbConnection Open()
    {
        if (pragmas is null) return OpenAnother();
        // The superuser is let through a file's permissions; who marked the file read-only meant it.
        if (!OperatingSystem.IsWindows()
            && File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite)) == 0)
            throw new SettingException(setting, $"the database {path} is read-only");
        var connection = new SqliteConnection(connectionString);
        try
        {
            CreateForOwnerOnly();
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = pragmas;
            command.ExecuteNonQuery();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Explain(e);
        }
    }

    private SqliteConnection OpenAnother()
    {
        if (!File.Exists(path)) throw new SettingException(setting, $"there is no database {path}");
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
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
            OpenOwn(path, FileShare.ReadWrite).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(setting, $"the database {path} cannot be opened: {e.Message}", e);
        }
    }

    // Its owner's alone from its first moment.
    private static FileStream OpenOwn(string file, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(file, options);
    }

    public override DbContextOptions<T> Options<T>(DbConnection connection, string migrationsHistory) =>
        new DbContextOptionsBuilder<T>().UseSqlite(connection, sqlite => sqlite.MigrationsHistoryTable(migrationsHistory)).Options;

    public override bool IsAway(DbException failure) => failure is SqliteException
        { SqliteErrorCode: Busy or Locked or OutOfMemory or ReadOnly or IoError or Corrupt or Full or CannotOpen or NotADatabase };

    public override string FindLastGivenOut => """SELECT "seq" FROM sqlite_sequence WHERE "name"=@p0""";

    public override string ContinueAfter(string table, string column) =>
        $"""UPDATE sqlite_sequence SET seq=max(@p0, (SELECT coalesce(max("{column}"), 0) FROM "{table}")) WHERE name='{table}'""";

    public override void Insert(DbConnection connection, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows) =>
        throw new NotSupportedException("nothing is transferred into a file");

    public override IDisposable? TryLock(string name, bool wait = false)
    {
        if (wait) throw new NotSupportedException("a file's lock is not waited for");
        try
        {
            return OpenOwn($"{path}.{name.Replace(' ', '-')}.lock", FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // There is one machine: what keeps this process from reading keeps a command from writing.
    public override bool IsStopped(Exception failure) => failure is StorageUnavailableException || DatabaseFailure.Of(failure) is not null;

    public override Exception Explain(DbException failure) => (failure as SqliteException)?.SqliteErrorCode switch
    {
        ReadOnly => new SettingException(setting, $"the database {path} is read-only", failure),
        Corrupt => new SettingException(setting, $"the database {path} is corrupt", failure),
        NotADatabase => new SettingException(setting, $"the file {path} is not a database", failure),
        CannotOpen => new SettingException(setting, $"the database {path} cannot be opened", failure),
        _ => new SettingException(setting, $"the database {path} cannot be used: {failure.Message}", failure),
    };

    private static SqliteConnectionStringBuilder Parse(string? text, string setting)
    {
        try
        {
            return new SqliteConnectionStringBuilder(text);
        }
        catch (ArgumentException e)
        {
            throw new SettingException(setting, e.Message, e);
        }
    }
}
