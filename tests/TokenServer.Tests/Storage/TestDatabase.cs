using Microsoft.Extensions.Configuration;
using TokenServer.Hosting;
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

    /// <summary>The database once more, as a second process would open it.</summary>
    public Database Open()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["TokenServer:DataDirectory"] = folder.Path, ["ConnectionStrings:Default"] = "Data Source=tokenserver.db",
        }).Build();
        var database = new Database(DatabaseProvider.Of(configuration, new DataDirectory(configuration)), []);
        opened.Add(database);
        return database;
    }

    public void Dispose()
    {
        opened.ForEach(d => d.Dispose());
        folder.Dispose();
    }
}
