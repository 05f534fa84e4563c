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
    /// <param name="fill">What a migration needs that no statement can do, and which: done with it, once.</param>
    // EF's own Migrate takes a lock row that a killed process leaves behind for good; a transaction cannot be left behind.
    public static void Upgrade<T>(Statements statements, DatabaseProvider provider,
        Func<DbContextOptions<T>, T> create, string history, (string Migration, Action<Statements> Fill)? fill = null) where T : DbContext
    {
        // EF takes seconds for the script, on a busy machine many, and the database ends a transaction that stands still for so long.
        var seen = Applied<T>(statements, provider, history);
        string script = Script(statements, create, history, seen);
        statements.Execute(provider.BeginAlone);
        var applied = Applied<T>(statements, provider, history);
        // Unless another process was quicker. An index on a large table takes its time.
        if (applied.Count < Migrations<T>.Known.Length)
            statements.ExecuteAtLeisure(applied.SequenceEqual(seen) ? script : Script(statements, create, history, applied));
        if (fill is var (migration, work) && !applied.Contains(migration)) work(statements);
        statements.Commit();
    }

    /// <summary>The last migration of a model.</summary>
    public static string Latest<T>() => Migrations<T>.Known[^1];

    private static string Script<T>(Statements statements, Func<DbContextOptions<T>, T> create, string history, List<string> applied)
        where T : DbContext
    {
        if (applied.Count >= Migrations<T>.Known.Length) return "";
        using var context = statements.Context(create, history);
        return context.GetService<IMigrator>().GenerateScript(
            applied.LastOrDefault() ?? Migration.InitialDatabase, null, MigrationsSqlGenerationOptions.NoTransactions);
    }

    private static List<string> Applied<T>(Statements statements, DatabaseProvider provider, string history)
    {
        bool any = statements.First(provider.FindTable, _ => "", history) is not null;
        if (!any) return [];
        List<string> applied =
            [.. statements.All($"""SELECT "MigrationId" FROM "{history}" """, r => r.GetString(0)).Order(StringComparer.Ordinal)];
        if (applied.Except(Migrations<T>.Known).FirstOrDefault() is { } newer)
            throw new Foundation.SettingException("ConnectionStrings:Default",
                $"the database was made by a newer version (it has the migration {newer})");
        // What is older than the last that was applied would be left out for good.
        if (Migrations<T>.Known.Take(applied.Count).Except(applied).FirstOrDefault() is { } missing)
            throw new Foundation.SettingException("ConnectionStrings:Default",
                $"the database was made by a version between two releases (it lacks the migration {missing}, and has later ones)");
        return applied;
    }

    // To look through all types takes a while.
    private static class Migrations<T>
    {
        public static readonly string[] Known =
            [.. typeof(T).Assembly.GetTypes().Where(t => t.GetCustomAttribute<DbContextAttribute>()?.ContextType == typeof(T))
            .Select(t => t.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>().Order(StringComparer.Ordinal)];
    }
}
