using InstallLifecycle.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace InstallLifecycle.Tests.Support;

/// <summary>The lifecycle's tables in an SQLite file: one writer at a time, each write a transaction, events kept only with its commit.</summary>
internal sealed class TestStorage : IInstallStorage, IDisposable
{
    private static readonly Lazy<byte[]> Migrated = new(Migrate);
    private readonly string connectionString;
    private readonly SqliteConnection writer;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly List<InstallEvent> events = [];

    public TestStorage(string path)
    {
        if (!File.Exists(path)) File.WriteAllBytes(path, Migrated.Value);
        connectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString();
        writer = Open(connectionString);
        using var command = writer.CreateCommand();
        // What a power cut would lose is lost with the test anyway.
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF";
        command.ExecuteNonQuery();
    }

    /// <summary>Undo each work once before it is done, as a host may that met a conflict.</summary>
    public bool UndoesFirst { get; set; }

    /// <summary>Let reads and writes fail.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many transactions were committed.</summary>
    public int Writes { get; private set; }

    /// <summary>What was recorded and committed, in its order.</summary>
    public IReadOnlyList<InstallEvent> Events
    {
        get
        {
            lock (events) return [.. events];
        }
    }

    public async Task<T> WriteAsync<T>(Func<InstallLifecycleDbContext, IInstallEvents, T> work)
    {
        await turn.WaitAsync();
        try
        {
            if (IsDown) throw new IOException("the database is down");
            if (UndoesFirst) Run(work, isKept: false);
            return Run(work, isKept: true);
        }
        finally
        {
            turn.Release();
        }
    }

    public T Read<T>(Func<InstallLifecycleDbContext, T> query)
    {
        if (IsDown) throw new IOException("the database is down");
        using var connection = Open(connectionString);
        using var db = new InstallLifecycleDbContext(Options(connection));
        return query(db);
    }

    public void Dispose()
    {
        writer.Dispose();
        SqliteConnection.ClearPool(new SqliteConnection(connectionString));
        turn.Dispose();
    }

    /// <summary>A context's options on an open connection.</summary>
    public static DbContextOptions<InstallLifecycleDbContext> Options(SqliteConnection connection) =>
        new DbContextOptionsBuilder<InstallLifecycleDbContext>().UseSqlite(connection, sqlite => sqlite.MigrationsHistoryTable(InstallLifecycleDbContext.MigrationsHistory)).Options;

    private T Run<T>(Func<InstallLifecycleDbContext, IInstallEvents, T> work, bool isKept)
    {
        using var transaction = writer.BeginTransaction(deferred: false);
        using var db = new InstallLifecycleDbContext(Options(writer));
        db.Database.UseTransaction(transaction);
        var recorded = new Recorded();
        var result = work(db, recorded);
        if (!isKept) return result;
        transaction.Commit();
        Writes++;
        lock (events) events.AddRange(recorded.Events);
        return result;
    }

    private static SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }

    private static byte[] Migrate()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "template.db");
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var db = new InstallLifecycleDbContext(Options(connection));
            db.Database.Migrate();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=DELETE";
            command.ExecuteNonQuery();
        }
        return File.ReadAllBytes(path);
    }

    private sealed class Recorded : IInstallEvents
    {
        public List<InstallEvent> Events { get; } = [];

        public void Record(InstallEvent happened) => Events.Add(happened);
    }
}
