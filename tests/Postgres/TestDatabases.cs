using System.Collections.Concurrent;

namespace Postgres;

/// <summary>The database system of this run (<c>TOKENSERVER_TESTS_DATABASE</c>: <c>sqlite</c> or <c>postgresql</c>), and on PostgreSQL the database that belongs to a data directory, as its file does on SQLite.</summary>
internal static class TestDatabases
{
    private const string Variable = "TOKENSERVER_TESTS_DATABASE";
    private static readonly ConcurrentDictionary<string, Lazy<Task<PostgresDatabase>>> ByFolder = new(StringComparer.Ordinal);

    public static bool ArePostgres { get; } = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "sqlite" => false,
        "postgresql" => true,
        var other => throw new InvalidOperationException($"{Variable} is {other}; it must be sqlite or postgresql"),
    };

    /// <summary>The connection string of the database of <paramref name="folder"/>, an empty one at first; null on SQLite, whose files the server names itself.</summary>
    public static async Task<string?> ConnectionStringAsync(string folder) => ArePostgres ? (await OfAsync(folder)).ConnectionString : null;

    /// <summary>The database of <paramref name="folder"/>, an empty one at first.</summary>
    public static Task<PostgresDatabase> OfAsync(string folder) => GetAsync(folder, template: null);

    /// <summary>Makes the database of <paramref name="to"/> a copy of that of <paramref name="from"/>, which is closed.</summary>
    public static async Task CopyAsync(string from, string to)
    {
        if (ArePostgres) await GetAsync(to, await OfAsync(from));
    }

    /// <summary>Closes the database of <paramref name="folder"/>, for good, so that it can be copied.</summary>
    public static async Task CloseAsync(string folder)
    {
        if (ArePostgres) await (await OfAsync(folder)).CloseAsync();
    }

    /// <summary>Drops the database of <paramref name="folder"/>, if it has one.</summary>
    public static async Task DropAsync(string folder)
    {
        if (ByFolder.TryRemove(folder, out var database)) await (await database.Value).DisposeAsync();
    }

    /// <summary>Every row of every table of the PostgreSQL database of <paramref name="folder"/>, after the table's name.</summary>
    // Off the test's own thread: few are let run at once, and this one is held until there is a database.
    public static string Dump(string folder) => Task.Run(async () => await (await OfAsync(folder)).DumpAsync()).GetAwaiter().GetResult();

    private static Task<PostgresDatabase> GetAsync(string folder, PostgresDatabase? template) =>
        ByFolder.GetOrAdd(folder, _ => new(async () => await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(template))).Value;
}
