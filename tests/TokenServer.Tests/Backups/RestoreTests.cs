using System.Formats.Tar;
using System.Text;
using TokenServer.Audit;
using TokenServer.Backups;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Backups;

/// <summary>What <c>TokenServer restore</c> refuses, and that it then leaves everything as it was.</summary>
public sealed class RestoreTests(RestoreTests.Made made) : IClassFixture<RestoreTests.Made>, IDisposable
{
    private readonly TemporaryFolder target = new(), work = new();

    public void Dispose()
    {
        target.Dispose();
        work.Dispose();
    }

    [SqliteTheory("a backup is a copy of its file")]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(512)]
    [InlineData(4_000)]
    [InlineData(100_000)]
    [InlineData(-1_200)]
    [InlineData(-2_100)]
    public async Task A_cut_off_backup_is_refused(int length)
    {
        byte[] whole = await File.ReadAllBytesAsync(made.Backup);
        await ShouldRefuseAsync(Write(length >= 0 ? whole[..length] : whole[..^-length]), "backup.tar");
    }

    [SqliteTheory("a backup is a copy of its file")]
    [InlineData("\"product\": \"TokenServer\"", "\"product\": \"OtherServer\"", "no backup of this server")]
    [InlineData("\"format\": 1,", "\"format\": 7,", "newer version")]
    [InlineData("\"created\": \"2", "\"created\": \"1", "manifest is not the one")]
    [InlineData("\"rows\"", "\"cows\"", "no backup of this server")]
    [InlineData("SQLite format 3", "SQLite format 4", "'tokenserver.db' is not what was written")]
    [InlineData("<?xml", "<!xml", "is not what was written")]
    public async Task A_backup_with_other_bytes_in_it_is_refused(string was, string becomes, string reason)
    {
        byte[] bytes = await File.ReadAllBytesAsync(made.Backup);
        int at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(was));
        Encoding.ASCII.GetBytes(becomes).CopyTo(bytes, at);
        await ShouldRefuseAsync(Write(bytes), reason);
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_text_is_no_backup() => await ShouldRefuseAsync(Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("This is a letter.\n", 1000)))), "no backup of this server");

    [SqliteFact("a backup is a copy of its file")]
    public async Task Another_programs_tar_is_no_backup()
    {
        string path = Path.Combine(work.Path, "backup.tar");
        await using (var tar = new TarWriter(File.Create(path)))
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "holiday.jpg") { DataStream = new MemoryStream([1, 2, 3]) });
        await ShouldRefuseAsync(path, "'holiday.jpg' where 'manifest.json' is expected");
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_file_that_is_not_there_is_no_backup() => await ShouldRefuseAsync(Path.Combine(work.Path, "absent.tar"), "absent.tar");

    [SqliteTheory("a backup is a copy of its file")]
    [InlineData("../evil.xml")]
    [InlineData("keys/../../evil.xml")]
    [InlineData("keys/evil")]
    [InlineData("evil.xml")]
    public async Task A_name_that_leads_elsewhere_is_refused_whatever_the_manifest_says(string name)
    {
        string open = Extract();
        Directory.CreateDirectory(Path.Combine(open, "keys"));
        await File.WriteAllTextAsync(Path.GetFullPath(name, open), "<evil/>");
        ShouldBeThere(target.Path, false);
        BackupFile.Pack(open, Path.Combine(work.Path, "backup.tar"), m => m with { Files = [.. m.Files, BackupFile.Describe(open, name)] });
        File.Delete(Path.GetFullPath(name, open));
        await ShouldRefuseAsync(Path.Combine(work.Path, "backup.tar"), $"'{name}', which no backup has");
        File.Exists(Path.GetFullPath(name, target.Path)).Should().BeFalse();
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_link_in_place_of_a_file_is_refused()
    {
        string open = Extract(), path = Path.Combine(work.Path, "backup.tar");
        await using (var tar = new TarWriter(File.Create(path)))
        {
            await tar.WriteEntryAsync(Path.Combine(open, "manifest.json"), "manifest.json");
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "tokenserver.db") { LinkName = "/etc/hostname" });
        }
        await ShouldRefuseAsync(path, "no plain file");
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_database_that_was_damaged_before_it_was_packed_is_refused()
    {
        string open = Extract(), database = Path.Combine(open, "tokenserver.db");
        byte[] bytes = await File.ReadAllBytesAsync(database);
        Array.Fill(bytes, (byte)0xA5, 8 * 4096, 4096);
        await File.WriteAllBytesAsync(database, bytes);
        BackupFile.Pack(open, Path.Combine(work.Path, "backup.tar"));
        await ShouldRefuseAsync(Path.Combine(work.Path, "backup.tar"), "tokenserver.db");
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task Fewer_rows_than_the_manifest_tells_of_are_refused()
    {
        string open = Extract();
        BackupFile.Ask(Path.Combine(open, "tokenserver.db"), """DELETE FROM "OpenIddictScopes"; SELECT 1""");
        BackupFile.Pack(open, Path.Combine(work.Path, "backup.tar"));
        await ShouldRefuseAsync(Path.Combine(work.Path, "backup.tar"), "not the one that its manifest tells of");
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_newer_versions_database_is_backed_up_as_it_is_and_refused_by_this_one()
    {
        using var newer = new TemporaryFolder();
        await TestTemplate.CopyAsync(newer.Path);
        BackupFile.Ask(Path.Combine(newer.Path, "tokenserver.db"), """INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('29990101000000_Future', '99.0.0'); SELECT 1""");
        await ShouldRefuseAsync(await BackupFile.MakeAsync(newer.Path, work), "29990101000000_Future");
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task Keys_of_another_server_are_refused()
    {
        string open = Extract();
        string key = Directory.GetFiles(Path.Combine(open, "keys"), "key-*.xml").Single();
        await File.WriteAllTextAsync(key, (await File.ReadAllTextAsync(key)).Replace("<value>", "<value>AAAA", StringComparison.Ordinal));
        BackupFile.Pack(open, Path.Combine(work.Path, "backup.tar"));
        await ShouldRefuseAsync(Path.Combine(work.Path, "backup.tar"), "cannot open the signing keys");
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_used_data_directory_is_refused_and_set_aside_when_told_to()
    {
        await TestTemplate.CopyAsync(target.Path);
        byte[] before = await File.ReadAllBytesAsync(Path.Combine(target.Path, "tokenserver.db"));
        var refused = await BackupFile.RestoreAsync(target.Path, made.Backup);
        refused.ExitCode.Should().Be(1);
        refused.Error.Should().Contain("there is a server's data already").And.Contain("tokenserver.db");
        (await File.ReadAllBytesAsync(Path.Combine(target.Path, "tokenserver.db"))).Should().Equal(before);

        var forced = await BackupFile.RestoreAsync(target.Path, made.Backup, "--force");
        forced.ExitCode.Should().Be(0, forced.Error);
        string aside = Directory.GetDirectories(target.Path, "replaced-*").Single();
        forced.Output.Should().Contain(aside);
        (await ServerProcess.RunAsync(aside, ["user", "list"])).Output.Should().Contain("bob@example.com");
        (await ServerProcess.RunAsync(target.Path, ["user", "list"])).Output.Should().Contain("bob@example.com");
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_folder_with_nothing_but_a_PIN_or_keys_is_used()
    {
        target.Write("pin.hash", "somebody's");
        await ShouldRefuseAsync(made.Backup, "pin.hash", isEmpty: false);
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_running_servers_database_is_not_replaced()
    {
        await TestTemplate.CopyAsync(target.Path);
        await using var server = await ServerProcess.StartAsync(target.Path);
        await ShouldRefuseAsync(made.Backup, "stop the server first", isEmpty: false, "--force");
        (await server.Http.GetAsync("/api/v2/healthz")).IsSuccessStatusCode.Should().BeTrue();
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_database_file_rolled_back_alone_is_still_noticed()
    {
        string folder = target.Path;
        await TestTemplate.CopyAsync(folder);
        await using (var server = await TestServer.StartAsync(folder: folder))
        {
            for (int i = 0; i < 3; i++) await server.SignInAsync();
            (await server.Get<AuditKeeping>().SealAsync()).Should().BeTrue();
        }
        File.Copy(Path.Combine(Extract(), "tokenserver.db"), Path.Combine(folder, "tokenserver.db"), overwrite: true);
        var verified = await ServerProcess.RunAsync(folder, ["audit", "verify"]);
        verified.ExitCode.Should().Be(1);
        verified.Error.Should().Contain("sealed");
    }

    private string Extract()
    {
        string open = Path.Combine(work.Path, "open", "it");
        BackupFile.Extract(made.Backup, open);
        return open;
    }

    private string Write(byte[] bytes)
    {
        string path = Path.Combine(work.Path, "backup.tar");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void ShouldBeThere(string folder, bool expected) => Directory.EnumerateFileSystemEntries(folder).Any().Should().Be(expected);

    private async Task ShouldRefuseAsync(string backup, string reason, bool isEmpty = true, params string[] options)
    {
        var ended = await BackupFile.RestoreAsync(target.Path, backup, options);
        ended.ExitCode.Should().Be(1, ended.Output);
        ended.Error.Should().Contain(reason).And.NotContain("   at ");
        if (isEmpty) ShouldBeThere(target.Path, false);
        Directory.Exists(Path.Combine(target.Path, ".restore")).Should().BeFalse();
    }

    /// <summary>One backup for all of these tests.</summary>
    public sealed class Made : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder data = new(), backups = new();

        public string Backup { get; private set; } = "";

        public async Task InitializeAsync()
        {
            await TestTemplate.CopyAsync(data.Path);
            Backup = await BackupFile.MakeAsync(data.Path, backups);
        }

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose()
        {
            data.Dispose();
            backups.Dispose();
        }
    }
}
