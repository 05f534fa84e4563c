using System.Data.Common;
using InstallLifecycle.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace InstallLifecycle.Tests.Support;

/// <summary>An SQLite file, at first a copy of one that was migrated once.</summary>
internal sealed class SqliteProvider : TestProvider
{
    private static readonly Lazy<byte[]> Migrated = new(Migrate);
    private readonly string connectionString;

    public SqliteProvider(string path)
    {
        if (!File.Exists(path)) File.WriteAllBytes(path, Migrated.Value);
        connectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString();
    }

    public override DbConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }

    public override DbContextOptions<InstallLifecycleDbContext> Options(DbConnection connection) =>
        new DbContextOptionsBuilder<InstallLifecycleDbContext>().UseSqlite(connection, sqlite => sqlite.MigrationsHistoryTable(InstallLifecycleDbContext.MigrationsHistory)).Options;

    public override DbTransaction Begin(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: false);

    public override void Quicken(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF";
        command.ExecuteNonQuery();
    }

    public override void Dispose() => SqliteConnection.ClearPool(new SqliteConnection(connectionString));

    private static byte[] Migrate()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "template.db");
        File.WriteAllBytes(path, []);
        using (var template = new SqliteProvider(path))
        using (var connection = template.Open())
        {
            using var db = new InstallLifecycleDbContext(template.Options(connection));
            db.Database.Migrate();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=DELETE";
            command.ExecuteNonQuery();
        }
        return File.ReadAllBytes(path);
    }
}
