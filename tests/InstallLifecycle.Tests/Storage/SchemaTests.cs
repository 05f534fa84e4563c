using System.Data.Common;
using InstallLifecycle.Storage;
using InstallLifecycle.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace InstallLifecycle.Tests.Storage;

/// <summary>The migrated schema is the model's.</summary>
public sealed class SchemaTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly TestStorage storage = shared.Host.Storage;

    [Fact]
    public void The_migrated_tables_are_those_of_the_model() =>
        All(Catalogue.Tables, r => r.GetString(0)).Except(["__EFMigrationsLock", "__InstallLifecycleMigrationsHistory"])
            .Should().BeEquivalentTo(Tables().Select(t => t.Name));

    [Fact]
    public void The_migrated_columns_have_the_models_types_nullability_and_keys()
    {
        foreach (var table in Tables())
        {
            All(Catalogue.Columns(table.Name), r => (r.GetString(1), r.GetString(2), r.GetBoolean(3), r.GetInt64(5) > 0)).Should().BeEquivalentTo(
                table.Columns.Select(c => (c.Name, c.StoreType, !c.IsNullable, table.PrimaryKey!.Columns.Contains(c))).ToList(), "table {0}", table.Name);
        }
    }

    [Fact]
    public void The_migrated_indexes_are_those_of_the_model()
    {
        foreach (var table in Tables())
        {
            All(Catalogue.Indexes(table.Name), r => (Name: r.GetString(1), Unique: r.GetBoolean(2), Origin: r.GetString(3))).Where(i => i.Origin == "c")
                .Select(i => $"{i.Name} {i.Unique} {string.Join(',', All(Catalogue.IndexColumns(i.Name), r => r.GetString(2)))}")
                .Should().BeEquivalentTo(table.Indexes.Select(i => $"{i.Name} {i.IsUnique} {string.Join(',', i.Columns.Select(c => c.Name))}"), "table {0}", table.Name);
        }
    }

    [SqliteFact("what PostgreSQL counts never goes back")]
    public void Numbers_of_rows_are_never_used_again() =>
        All("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'", r => r.GetString(0)).Should().BeEquivalentTo("InstallCodes", "InstallActivations", "InstallAttempts", "InstallServers", "InstallSteps");

    private List<ITable> Tables() => storage.Read(db => db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables.ToList());

    private List<T> All<T>(string sql, Func<DbDataReader, T> row) => storage.Read(db =>
    {
        using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    });
}
