using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TokenServer.Storage;

/// <summary>Applies the migrations that are missing, all of them in one transaction, so that a start that was killed leaves nothing half done.</summary>
internal static class Schema
{
    private static readonly string[] Known = [.. typeof(Schema).Assembly.GetTypes()
        .Select(t => t.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>().Order(StringComparer.Ordinal)];

    // EF's own Migrate takes a lock row that a killed process leaves behind for good; a transaction cannot be left behind.
    public static void Upgrade(Statements statements)
    {
        statements.Execute("BEGIN IMMEDIATE");
        var applied = Applied(statements);
        if (applied.Except(Known).FirstOrDefault() is { } newer)
            throw new Hosting.SettingException("ConnectionStrings:Default", $"the database was made by a newer version (it has the migration {newer})");
        if (applied.Count < Known.Length)
        {
            using var context = statements.Context();
            string script = context.GetService<IMigrator>().GenerateScript(applied.LastOrDefault() ?? Migration.InitialDatabase, null, MigrationsSqlGenerationOptions.NoTransactions);
            statements.Execute(script);
        }
        statements.Execute("COMMIT");
    }

    private static List<string> Applied(Statements statements)
    {
        bool any = statements.First("SELECT 1 FROM sqlite_master WHERE name='__EFMigrationsHistory'", r => r) is not null;
        return any ? statements.All("""SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY 1""", r => r.GetString(0)) : [];
    }
}
