using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>A database that cannot be used stops the start: <c>ConnectionStrings:Default</c> is named, and no stack trace is shown.</summary>
public sealed class DatabaseFileTests
{
    [SqliteFact("it is about the database's file")]
    public async Task A_text_file_is_no_database()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenserver.db", string.Concat(Enumerable.Repeat("This is a letter, not a database.\n", 100)));
        await ShouldNotStartAsync(folder, "not a database");
    }

    [SqliteFact("it is about the database's file")]
    public async Task A_corrupt_database_is_said_to_be_one()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = await MakeAsync(folder);
        Array.Fill(bytes, (byte)0xFF, 100, bytes.Length - 100);
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "tokenserver.db"), bytes);
        await ShouldNotStartAsync(folder, "corrupt");
    }

    [SqliteFact("it is about the database's file")]
    public async Task A_database_whose_tables_are_overwritten_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = await MakeAsync(folder);
        Array.Fill(bytes, (byte)0xFF, 4096, bytes.Length - 4096);
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "tokenserver.db"), bytes);
        await ShouldNotStartAsync(folder);
    }

    [SqliteFact("it is about the database's file")]
    public async Task A_cut_off_database_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = await MakeAsync(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "tokenserver.db"), bytes[..5000]);
        await ShouldNotStartAsync(folder);
    }

    [SqliteFact("it is about the database's file")]
    public async Task A_read_only_file_is_said_to_be_one()
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TemporaryFolder();
        await MakeAsync(folder);
        File.SetUnixFileMode(Path.Combine(folder.Path, "tokenserver.db"), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await ShouldNotStartAsync(folder, "read-only");
    }

    [SqliteFact("it is about the database's file")]
    public async Task A_folder_is_no_database()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "tokenserver.db"));
        await ShouldNotStartAsync(folder);
    }

    [SqliteFact("it is about the database's file")]
    public async Task A_folder_that_is_not_there_holds_no_database()
    {
        using var folder = new TemporaryFolder();
        await ShouldNotStartAsync(folder, "cannot be opened", "Data Source=absent/tokenserver.db");
    }

    [SqliteTheory("it is about the database's file")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mode_ReadOnly_is_refused(bool exists)
    {
        using var folder = new TemporaryFolder();
        if (exists) await MakeAsync(folder);
        await ShouldNotStartAsync(folder, connection: "Data Source=tokenserver.db;Mode=ReadOnly");
    }

    [Fact]
    public async Task A_newer_database_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        await using (var server = await TestServer.StartAsync(folder: folder.Path))
            await server.Get<TokenServer.Storage.Database>().WriteAsync(s => s.Execute("""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('29990101000000_Future', '99.0.0')"""));
        await ShouldNotStartAsync(folder, "29990101000000_Future", await TestDatabases.ConnectionStringAsync(folder.Path) ?? "Data Source=tokenserver.db");
    }

    private static async Task<byte[]> MakeAsync(TemporaryFolder folder)
    {
        (await ServerProcess.RunAsync(folder.Path, ["keys", "list", "--create"])).ExitCode.Should().Be(0);
        byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(folder.Path, "tokenserver.db"));
        bytes.Length.Should().BeGreaterThan(10_000);
        return bytes;
    }

    private static async Task ShouldNotStartAsync(TemporaryFolder folder, string reason = "Default", string connection = "Data Source=tokenserver.db")
    {
        var ended = await ServerProcess.RunAsync(folder.Path, ["serve", "--urls=http://127.0.0.1:0"], null, ("ConnectionStrings:Default", connection));
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("ConnectionStrings:Default").And.Contain(reason);
        (ended.Error + ended.Output).Should().NotContain("   at ");
    }
}
