using Microsoft.Data.Sqlite;
using TokenServer.Tests.Interop;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Commands;

/// <summary>A command is about a database that is there, and says which.</summary>
public sealed class NoDatabaseTests
{
    [SqliteTheory("it is about the database's file")]
    [InlineData("user list")]
    [InlineData("client add web --grant-type client_credentials")]
    [InlineData("client list")]
    [InlineData("session end-all")]
    [InlineData("token revoke")]
    [InlineData("keys rotate --compromised")]
    [InlineData("audit export")]
    [InlineData("audit verify")]
    [InlineData("prune")]
    [InlineData("pin set")]
    [InlineData("install codes")]
    [InlineData("backup /dev/shm/never.tar")]
    [InlineData("transfer --to Host=127.0.0.1;Database=x")]
    [InlineData("import /dev/null")]
    public async Task Without_one_it_refuses_names_the_setting_and_makes_nothing(string command)
    {
        using var folder = new TemporaryFolder();
        string data = Path.Combine(folder.Path, "absent");
        var ended = await ServerProcess.RunAsync(data, command.Split(' '), "1234");
        ended.ExitCode.Should().Be(1);
        ended.Output.Should().BeEmpty();
        ended.Error.Should().Contain("TokenServer:DataDirectory").And.Contain("ConnectionStrings:Default").And.Contain("--create").And.Contain(data);
        Directory.GetFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [SqliteFact("it is about the database's file")]
    public async Task An_empty_file_is_none()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("tokenserver.db", "");
        (await ServerProcess.RunAsync(folder.Path, ["user", "list"])).ExitCode.Should().Be(1);
        new FileInfo(file).Length.Should().Be(0);
    }

    [Fact]
    public async Task With_create_it_makes_one_and_afterwards_it_is_there()
    {
        using var folder = new TemporaryFolder();
        string name = await TestDatabases.ConnectionStringAsync(folder.Path) is null ? Path.Combine(folder.Path, "tokenserver.db") : "on ";
        var made = await ServerProcess.RunAsync(folder.Path, ["client", "add", "web", "--grant-type", "client_credentials", "--create"]);
        made.ExitCode.Should().Be(0, made.Error);
        made.Error.Should().StartWith("Database: ").And.Contain(name);
        var listed = await ServerProcess.RunAsync(folder.Path, ["client", "list"]);
        listed.Output.Should().Contain("web");
        listed.Error.Should().StartWith("Database: ").And.Contain(name);
    }

    [Fact]
    public async Task A_database_of_PostgreSQL_without_tables_is_none()
    {
        if (!TestDatabases.ArePostgres) return;
        using var folder = new TemporaryFolder();
        var ended = await ServerProcess.RunAsync(folder.Path, ["user", "list"]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("ConnectionStrings:Default").And.Contain("--create");
    }

    [Fact]
    public async Task Another_servers_database_is_never_made()
    {
        using var folder = await TestTemplate.FolderAsync();
        string other = Path.Combine(folder.Path, "other.db");
        var ended = await ServerProcess.RunAsync(folder.Path, ["import", "--from-openiddict", $"Data Source={other}"]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("--from-openiddict").And.Contain(other).And.NotContain("ConnectionStrings");
        File.Exists(other).Should().BeFalse();
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("truncate")]
    [InlineData("wal")]
    public async Task Another_servers_database_stays_as_it_is(string mode)
    {
        using var folder = await TestTemplate.FolderAsync();
        string other = Path.Combine(folder.Path, "other.db"), source = $"Data Source={other};Pooling=False";
        await using (var application = await PlainApplication.CreateAsync(source))
            await application.Scopes.CreateAsync(new OpenIddict.Abstractions.OpenIddictScopeDescriptor { Name = "orders" });
        Ask(source, $"PRAGMA journal_mode={mode}");
        byte[] before = await File.ReadAllBytesAsync(other);
        var ended = await ServerProcess.RunAsync(folder.Path, ["import", "--from-openiddict", source]);
        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Output.Should().Contain("0 clients and 1 scopes");
        ended.Error.Should().StartWith("Database: ").And.NotContain(other);
        (await File.ReadAllBytesAsync(other)).Should().Equal(before);
        if (mode == "wal") Ask(source, "PRAGMA journal_mode").Should().Be("wal");
    }

    [Theory]
    [InlineData("Nonsense=1")]
    [InlineData("Data Source=:memory:")]
    [InlineData("Host=127.0.0.1;Port=1;Database=x;Username=y")]
    [InlineData("Host=127.0.0.1;Port=1")]
    public async Task What_is_wrong_with_it_names_the_option(string source)
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await ServerProcess.RunAsync(folder.Path, ["import", "--from-openiddict", source]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("Option --from-openiddict:").And.NotContain("   at ");
    }

    private static string Ask(string source, string sql)
    {
        using var connection = new SqliteConnection(source);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }
}
