using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Replicas;

/// <summary>The Data Protection keys that replicas share are the master key's, whoever can write to the database.</summary>
public sealed class MasterKeyTests
{
    private const string Purpose = "SigningKeys";
    private readonly string master = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), next = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [PostgresFact]
    public async Task A_key_that_was_put_into_the_database_is_not_used()
    {
        await using var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var first = await StartAsync(database, master);
        using var folder = new TemporaryFolder();
        string forged = DataProtectionProvider.Create(new DirectoryInfo(folder.Path), b => b.SetApplicationName(nameof(TokenServer))).CreateProtector(Purpose).Protect("forged");
        string key = await File.ReadAllTextAsync(Directory.EnumerateFiles(folder.Path, "key-*.xml").Single());
        await first.Get<Database>().WriteAsync(s => s.Execute("""INSERT INTO "DataProtectionKeys" ("FriendlyName", "Xml") VALUES ('key-of-somebody', @p0)""", key));

        await using var second = await StartAsync(database, master);
        second.Get<IDataProtectionProvider>().CreateProtector(Purpose).Invoking(p => p.Unprotect(forged)).Should().Throw<CryptographicException>();
        second.Log.Lines.Should().Contain(l => l.Contains("key-of-somebody is not sealed"));
    }

    [PostgresFact]
    public async Task Nothing_of_a_key_is_in_the_database_in_the_clear()
    {
        await using var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var server = await StartAsync(database, master);
        server.Get<Database>().Read(s => s.All("""SELECT "Xml" FROM "DataProtectionKeys" """, r => r.GetString(0))).Should().ContainSingle().Which.Should().MatchRegex(@"\A<sealed>[A-Za-z0-9+/=]+</sealed>\z");
    }

    [PostgresFact]
    public async Task A_new_master_key_takes_over_what_the_former_one_sealed()
    {
        await using var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        string kept;
        await using (var before = await StartAsync(database, master)) kept = before.Get<IDataProtectionProvider>().CreateProtector(Purpose).Protect("kept");
        await using (var between = await StartAsync(database, next + "\n" + master))
        {
            (await between.Get<StoredProtectionKeys>().SealAsync()).Should().Be(1);
            (await between.Get<StoredProtectionKeys>().SealAsync()).Should().Be(0);
        }
        await using var after = await StartAsync(database, next);
        after.Get<IDataProtectionProvider>().CreateProtector(Purpose).Unprotect(kept).Should().Be("kept");
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_master_key_or_none_stops_the_start_with_a_line_that_says_so(bool isSet)
    {
        await using var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await (await StartAsync(database, master)).DisposeAsync();
        using var folder = new TemporaryFolder();
        foreach (string[] command in (string[][])[["serve"], ["client", "list"]])
        {
            var ended = await ServerProcess.RunAsync(folder.Path, [.. command, "--urls=http://127.0.0.1:0"], null, ("ConnectionStrings:Default", database.ConnectionString), ("TokenServer:MasterKey", isSet ? next : null));
            ended.ExitCode.Should().Be(1);
            ended.Error.Should().MatchRegex("(?m)^Setting TokenServer:MasterKey");
            (ended.Error + ended.Output).Should().NotContain("   at ");
        }
    }

    private static async Task<TestServer> StartAsync(PostgresDatabase database, string key)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, key);
            return await TestServer.StartAsync([$"--ConnectionStrings:Default={database.ConnectionString};Maximum Pool Size=10", $"--TokenServer:MasterKeyFile={file}"], TestImport.Json);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
