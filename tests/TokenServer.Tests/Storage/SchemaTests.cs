using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.Tests.Storage;

/// <summary>The migrated schema is the model's, OpenIddict's tables are OpenIddict's, and upgrading is safe to repeat.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void The_migrated_tables_are_those_of_the_model()
    {
        using var test = new TestDatabase();
        test.Database.Read(s => s.All(Catalogue.Tables, r => r.GetString(0))).Except(["__EFMigrationsHistory"])
            .Should().BeEquivalentTo(Model(test).Tables.Select(t => t.Name));
    }

    [Fact]
    public void The_migrated_columns_have_the_models_types_nullability_and_keys()
    {
        using var test = new TestDatabase();
        foreach (var table in Model(test).Tables)
        {
            var migrated = test.Database.Read(s => s.All(Catalogue.Columns(table.Name), r => (Name: r.GetString(1), Type: r.GetString(2), Required: r.GetBoolean(3), IsKey: r.GetInt64(5) > 0)));
            migrated.Should().BeEquivalentTo(
                table.Columns.Select(c => (c.Name, c.StoreType, !c.IsNullable, table.PrimaryKey!.Columns.Contains(c))).ToList(), "table {0}", table.Name);
        }
    }

    [Fact]
    public void The_migrated_indexes_are_those_of_the_model()
    {
        using var test = new TestDatabase();
        foreach (var table in Model(test).Tables)
        {
            var migrated = test.Database.Read(s => s.All(Catalogue.Indexes(table.Name), r => (Name: r.GetString(1), Unique: r.GetBoolean(2), Origin: r.GetString(3)))
                .Where(i => i.Origin == "c")
                .Select(i => $"{i.Name} {i.Unique} {string.Join(',', s.All(Catalogue.IndexColumns(i.Name), r => r.GetString(2)))}").ToList());
            migrated.Should().BeEquivalentTo(table.Indexes.Select(i => $"{i.Name} {i.IsUnique} {string.Join(',', i.Columns.Select(c => c.Name))}"), "table {0}", table.Name);
        }
    }

    [Fact]
    public void The_migrated_foreign_keys_are_those_of_the_model()
    {
        using var test = new TestDatabase();
        // OpenIddict's navigations are for queries; its keys would be looked up at every sign-in and refresh.
        foreach (var table in Model(test).Tables.Where(t => !t.Name.StartsWith("OpenIddict", StringComparison.Ordinal)))
            test.Database.Read(s => s.All(Catalogue.ForeignKeys(table.Name), r => $"{r.GetString(3)} -> {r.GetString(2)}"))
                .Should().BeEquivalentTo(table.ForeignKeyConstraints.Select(f => $"{f.Columns[0].Name} -> {f.PrincipalTable.Name}"), "table {0}", table.Name);
    }

    [Theory]
    [InlineData("OpenIddictAuthorizations")]
    [InlineData("OpenIddictTokens")]
    public void OpenIddicts_tables_have_no_foreign_keys(string table)
    {
        using var test = new TestDatabase();
        test.Database.Read(s => s.All(Catalogue.ForeignKeys(table), r => r.GetString(2))).Should().BeEmpty();
    }

    [Theory]
    [InlineData("OpenIddictApplications", "Id ApplicationType ClientId ClientSecret ClientType ConcurrencyToken ConsentType DisplayName DisplayNames JsonWebKeySet Permissions PostLogoutRedirectUris Properties RedirectUris Requirements Settings")]
    [InlineData("OpenIddictAuthorizations", "Id ApplicationId ConcurrencyToken CreationDate Properties Scopes Status Subject Type SignInId Address")]
    [InlineData("OpenIddictScopes", "Id ConcurrencyToken Description Descriptions DisplayName DisplayNames Name Properties Resources")]
    [InlineData("OpenIddictTokens", "Id ApplicationId AuthorizationId ConcurrencyToken CreationDate ExpirationDate Payload Properties RedemptionDate ReferenceId Status Subject Type")]
    public void OpenIddicts_tables_have_exactly_its_columns(string table, string columns)
    {
        using var test = new TestDatabase();
        test.Database.Read(s => s.All(Catalogue.Columns(table), r => r.GetString(1))).Should().BeEquivalentTo(columns.Split(' '));
    }

    [Fact]
    public void An_upgrade_of_what_is_up_to_date_changes_nothing()
    {
        using var test = new TestDatabase();
        string before = Everything(test.Database);
        Everything(test.Open()).Should().Be(before);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_stops_the_start_and_names_the_migration()
    {
        using var test = new TestDatabase();
        await test.Database.WriteAsync(s => s.Execute("""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('29990101000000_Future', '99.0.0')"""));
        test.Invoking(t => t.Open()).Should().Throw<SettingException>().WithMessage("*ConnectionStrings:Default*newer version*29990101000000_Future*");
    }

    [Fact]
    public async Task A_database_that_lacks_a_migration_before_its_last_stops_the_start_and_names_it()
    {
        using var test = new TestDatabase();
        await test.Database.WriteAsync(s => s.Execute("""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%_Consents'"""));
        test.Invoking(t => t.Open()).Should().Throw<SettingException>().WithMessage("*ConnectionStrings:Default*lacks the migration*_Consents*");
    }

    [Fact]
    public async Task A_refused_upgrade_leaves_the_database_as_it_is()
    {
        using var test = new TestDatabase();
        await test.Database.WriteAsync(s => s.Execute("""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('29990101000000_Future', '99.0.0')"""));
        string before = Everything(test.Database);
        test.Invoking(t => t.Open()).Should().Throw<SettingException>();
        Everything(test.Database).Should().Be(before);
        // It holds no lock either.
        (await test.Database.WriteAsync(s => s.Execute("""INSERT INTO "Versions" ("Name", "Number") VALUES ('x', 1)"""))).Should().Be(1);
    }

    // The guard of docs/decisions/0002: which SQLite EF Core really runs on.
    [SqliteFact("it asks for SQLite's version")]
    public void EF_Core_runs_on_SQLite_3_50_or_later()
    {
        using var test = new TestDatabase();
        string version = test.Database.Read(s =>
        {
            using var context = s.Context();
            return context.Database.SqlQueryRaw<string>("SELECT sqlite_version() AS \"Value\"").Single();
        });
        Version.Parse(version).Should().BeGreaterThanOrEqualTo(new Version(3, 50));
    }

    [SqliteFact("it is about PRAGMAs")]
    public async Task Every_connection_uses_WAL_and_syncs_each_commit()
    {
        using var test = new TestDatabase();
        static (string, string, string) Pragmas(Statements s) => (s.First("PRAGMA journal_mode", r => r.GetString(0))!, s.First("PRAGMA synchronous", r => r.GetString(0))!, s.First("PRAGMA foreign_keys", r => r.GetString(0))!);
        var full = ("wal", "2", "1");
        (await test.Database.WriteAsync(Pragmas)).Should().Be(full);
        test.Database.Read(Pragmas).Should().Be(full);
    }

    private static IRelationalModel Model(TestDatabase test) => test.Database.Read(s =>
    {
        using var context = s.Context();
        return context.Model.GetRelationalModel();
    });

    private static string Everything(Database database) => database.Read(s => string.Join('\n', [
        .. s.All(Catalogue.Everything, r => r.GetString(0)), .. s.All("""SELECT "MigrationId" FROM "__EFMigrationsHistory" """, r => r.GetString(0)),
        .. TestDatabases.ArePostgres ? [] : new[] { s.First("PRAGMA schema_version", r => r.GetString(0))! }]));
}
