using System.Reflection;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using TokenServer.Storage.Providers;

namespace TokenServer.Storage;

/// <summary>Applies the migrations that are missing, those of one model in one transaction,
/// so that a start that was killed leaves nothing half done.</summary>
internal static class Schema
{
    public const string ServerHistory = "__EFMigrationsHistory";

    /// <summary>Brings the tables of a model up to date.</summary>
    /// <param name="statements">The writer.</param>
    /// <param name="provider">The database's.</param>
    /// <param name="create">Makes a context of the model.</param>
    /// <param name="history">The table of its applied migrations.</param>
    // EF's own Migrate takes a lock row that a killed process leaves behind for good; a transaction cannot be left behind.
    public static void Upgrade<T>(Statements statements, DatabaseProvider provider,
        Func<DbContextOptions<T>, T> create, string history) where T : DbContext
    {
        string[] known = Migrations<T>.Known;
        statements.Execute(provider.BeginAlone);
        var applied = Applied(statements, provider, history);
        if (applied.Except(known).FirstOrDefault() is { } newer)
            throw new Foundation.SettingException("ConnectionStrings:Default",
                $"the database was made by a newer version (it has the migration {newer})");
        if (applied.Count < known.Length)
        {
            using var context = statements.Context(create, history);
            string script = context.GetService<IMigrator>()
                .GenerateScript(applied.LastOrDefault() ?? Migration.InitialDatabase, null, MigrationsSqlGenerationOptions.NoTransactions);
            // An index on a large table takes its time.
            statements.ExecuteAtLeisure(script);
        }
        statements.Commit();
    }

    /// <summary>The last migration of a model.</summary>
    public static string Latest<T>() => Migrations<T>.Known[^1];

    private static List<string> Applied(Statements statements, DatabaseProvider provider, string history)
    {
        bool any = statements.First(provider.FindTable, _ => "", history) is not null;
        if (!any) return [];
        return [.. statements.All($"""SELECT "MigrationId" FROM "{history}" """, r => r.GetString(0)).Order(StringComparer.Ordinal)];
    }

    // To look through all types takes a while.
    private static class Migrations<T>
    {
        public static readonly string[] Known =
            [.. typeof(T).Assembly.GetTypes().Where(t => t.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(T))
            .Select(t => t.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>().Order(StringComparer.Ordinal)];
    }
}
