using System.Data.Common;
using InstallLifecycle.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;
using Npgsql.EntityFrameworkCore.PostgreSQL.Migrations;

namespace InstallLifecycle.Tests.Support;

/// <summary>A PostgreSQL database, at first a copy of one that was migrated once.</summary>
internal sealed class PostgresProvider(string path) : TestProvider
{
    // Any number that all writers agree on.
    private const int Writers = 1;

    private static readonly Lazy<Task<string>> Migrated = new(MigrateAsync);
    // Off the test's own thread: few are let run at once, and this one is held until there is a database.
    private readonly string connectionString = Task.Run(() => CreateAsync(path)).GetAwaiter().GetResult();

    public override DbConnection Open()
    {
        var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        return connection;
    }

    public override DbContextOptions<InstallLifecycleDbContext> Options(DbConnection connection) =>
        new DbContextOptionsBuilder<InstallLifecycleDbContext>().UseNpgsql(connection, postgres => postgres.MigrationsHistoryTable(InstallLifecycleDbContext.MigrationsHistory)).Options;

    public override DbTransaction Begin(DbConnection connection)
    {
        var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT pg_advisory_xact_lock({Writers})";
        command.ExecuteNonQuery();
        return transaction;
    }

    public override void Dispose() => NpgsqlConnection.ClearPool(new NpgsqlConnection(connectionString));

    private static async Task<string> CreateAsync(string path)
    {
        await TestDatabases.CopyAsync(await Migrated.Value, path);
        return (await TestDatabases.ConnectionStringAsync(path))!;
    }

    private static async Task<string> MigrateAsync()
    {
        const string Template = "template";
        var template = new NpgsqlConnection((await TestDatabases.ConnectionStringAsync(Template))! + ";Pooling=false");
        await using (template)
        {
            await using var db = new InstallLifecycleDbContext(new DbContextOptionsBuilder<InstallLifecycleDbContext>()
                .UseNpgsql(template, postgres => postgres.MigrationsHistoryTable(InstallLifecycleDbContext.MigrationsHistory)).ReplaceService<IMigrationsSqlGenerator, Migrations>().Options);
            await db.Database.MigrateAsync();
        }
        await TestDatabases.CloseAsync(Template);
        return Template;
    }

    /// <summary>The migrations' one mark for ids that the database gives out, as PostgreSQL has them.</summary>
#pragma warning disable EF1001 // The generator's constructor takes the provider's options, whose type is marked as internal.
    private sealed class Migrations(MigrationsSqlGeneratorDependencies dependencies, INpgsqlSingletonOptions options) : NpgsqlMigrationsSqlGenerator(dependencies, options)
#pragma warning restore EF1001
    {
        protected override void ColumnDefinition(string? schema, string table, string name, ColumnOperation operation, IModel? model, MigrationCommandListBuilder builder)
        {
            if (operation["Sqlite:Autoincrement"] is true) operation["Npgsql:ValueGenerationStrategy"] = NpgsqlValueGenerationStrategy.IdentityByDefaultColumn;
            base.ColumnDefinition(schema, table, name, operation, model, builder);
        }
    }
}
