using Microsoft.Extensions.Configuration;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Providers;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Storage;

/// <summary>A migrated database without a server.</summary>
internal sealed class TestDatabase : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<Database> opened = [];

    public TestDatabase() => Database = Open();

    public Database Database { get; }

    /// <summary>Opens connections to it.</summary>
    public DatabaseProvider Provider { get; private set; } = null!;

    /// <summary>The database once more, as a second process would open it.</summary>
    public Database Open()
    {
        // Off the test's own thread: few are let run at once, and this one is held until there is a database.
        string connectionString = Task.Run(() => TestDatabases.ConnectionStringAsync(folder.Path)).GetAwaiter().GetResult() ?? "Data Source=tokenserver.db";
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["TokenServer:DataDirectory"] = folder.Path, ["ConnectionStrings:Default"] = connectionString,
        }).Build();
        Provider = DatabaseProvider.Of(configuration, new DataDirectory(configuration));
        var database = new Database(Provider, [], NoMeters.Instruments());
        opened.Add(database);
        return database;
    }

    public void Dispose()
    {
        opened.ForEach(d => d.Dispose());
        folder.Dispose();
    }
}
