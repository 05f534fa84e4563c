using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using TokenServer.Backups;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Backups;

/// <summary><c>TokenServer backup</c> beside a server at work, and what a server restored from it knows.</summary>
public sealed class BackupTests : IDisposable
{
    private const int Writers = 6, Refreshes = 10;
    private static readonly (string, string?)[] Settings = [("RateLimits:Password:Permits", "100000"), ("RateLimits:Token:Permits", "1000000"), ("TokenServer:Issuer", "https://tokens.example")];
    private readonly TemporaryFolder data = new(), backups = new(), restored = new();

    public void Dispose()
    {
        foreach (var folder in (TemporaryFolder[])[data, backups, restored]) folder.Dispose();
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_server_restored_from_a_backup_made_under_load_goes_on_where_it_was()
    {
        await TestTemplate.CopyAsync(data.Path);
        await File.WriteAllTextAsync(Path.Combine(data.Path, "pin.hash"), "the PIN's hash");
        Answer bob;
        string backup;
        await using (var server = await ServerProcess.StartAsync(data.Path, Settings))
        {
            bob = await SignInAsync(server, "bob");
            backup = await BackUpUnderLoadAsync(server);
        }
        var manifest = Look(backup);
        var ended = await BackupFile.RestoreAsync(restored.Path, backup);
        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Output.Should().Contain("sessions go on");
        foreach (var (table, rows) in manifest.Rows.Where(r => r.Key != "Audit")) BackupFile.Count(Database(restored), table).Should().Be(rows, table);
        BackupFile.Count(Database(restored), "Audit").Should().Be(manifest.Rows["Audit"] + 1, "the restore is in the trail");
        (await File.ReadAllTextAsync(Path.Combine(restored.Path, "pin.hash"))).Should().Be("the PIN's hash");
        await GoesOnAsync(bob);
        (await ServerProcess.RunAsync(restored.Path, ["audit", "verify"])).ExitCode.Should().Be(0);
        (await ServerProcess.RunAsync(restored.Path, ["audit", "export"])).Output.Should().Contain("backup.restored").And.Contain(manifest.Files[0].Sha256);
        (await ServerProcess.RunAsync(data.Path, ["audit", "export"])).Output.Should().Contain("backup.made").And.Contain(manifest.Files[0].Sha256);
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_database_that_takes_no_writes_is_backed_up_all_the_same()
    {
        await TestTemplate.CopyAsync(data.Path);
        string file = Path.Combine(backups.Path, "backup.tar");
        ServerProcess.Ended ended;
        using (var writer = new SqliteConnection($"Data Source={Database(data)};Pooling=False"))
        {
            await writer.OpenAsync();
            using var hold = new SqliteCommand("BEGIN IMMEDIATE", writer);
            await hold.ExecuteNonQueryAsync();
            ended = await ServerProcess.RunAsync(data.Path, ["backup", file], null, ("ConnectionStrings:Default", "Data Source=tokenserver.db;Default Timeout=1"));
        }
        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Output.Should().Contain("audit trail does not tell of the backup");
        (await BackupFile.RestoreAsync(restored.Path, file)).ExitCode.Should().Be(0);
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task Sessions_that_ended_after_the_backup_live_again_unless_all_are_ended()
    {
        await TestTemplate.CopyAsync(data.Path);
        Answer early, late;
        string backup;
        await using (var server = await ServerProcess.StartAsync(data.Path, Settings))
        {
            early = await SignInAsync(server, "bob");
            backup = await BackupFile.MakeAsync(data.Path, backups);
            late = await SignInAsync(server, "jane");
            await server.PostAsync("/connect/revoke", "web", TestImport.Secret, ("token", early["refresh_token"]!));
            (await IsActiveAsync(server, early)).Should().BeFalse();
        }
        (await BackupFile.RestoreAsync(data.Path, backup, "--force")).ExitCode.Should().Be(0);
        await using (var server = await ServerProcess.StartAsync(data.Path, Settings)) (await IsActiveAsync(server, early)).Should().BeTrue("the backup does not know of its end");

        var ended = await BackupFile.RestoreAsync(restored.Path, backup, "--end-sessions");
        ended.Output.Should().Contain("1 sessions are ended");
        await using var safe = await ServerProcess.StartAsync(restored.Path, Settings);
        (await IsActiveAsync(safe, early)).Should().BeFalse();
        (await IsActiveAsync(safe, late)).Should().BeFalse("its session is unknown, and its key is gone");
        (await RefreshAsync(safe, early))["error"].Should().Be("invalid_grant");
        (await SignInAsync(safe, "bob")).Status.Should().Be(200);
    }

    [SqliteCommandFact("tar")]
    public async Task A_backup_is_a_tar_for_its_owner_alone_and_takes_no_others_place()
    {
        await TestTemplate.CopyAsync(data.Path);
        string backup = await BackupFile.MakeAsync(data.Path, backups);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(backup).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await Command.RunAsync("tar", ["tf", backup])).Output.Split('\n').Should().StartWith(["manifest.json", "tokenserver.db"]).And.Contain("manifest.sha256");
        byte[] before = await File.ReadAllBytesAsync(backup);
        var again = await ServerProcess.RunAsync(data.Path, ["backup", backup]);
        (again.ExitCode, again.Error.Split(Environment.NewLine)[1..]).Should().BeEquivalentTo((1, (string[])[$"{backup} is there already", ""]));
        (await File.ReadAllBytesAsync(backup)).Should().Equal(before);
        (await ServerProcess.RunAsync(data.Path, ["backup", backup, "--force"])).ExitCode.Should().Be(0);
        Directory.GetFiles(backups.Path).Should().Equal([backup], "nothing else is left");
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_backup_that_is_killed_leaves_nothing_of_the_final_name_and_the_next_one_tidies_up()
    {
        await TestTemplate.CopyAsync(data.Path);
        string backup = Path.Combine(backups.Path, "backup.tar");
        // It has begun its files and waits for its turn at the audit seal when it is killed.
        using (new FileStream(Path.Combine(data.Path, "tokenserver.db.audit-seal.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            var start = new ProcessStartInfo(Command.DotNet, [BuiltProgram.Path, "backup", backup, $"--TokenServer:DataDirectory={data.Path}"]);
            await OrdinaryUser.RunAsAsync(start, data.Path);
            using var process = Process.Start(start)!;
            (await Eventually.TrueAsync(() => Task.FromResult(File.Exists(backup + ".database.part")), Eventually.Never)).Should().BeTrue();
            var second = await ServerProcess.RunAsync(data.Path, ["backup", backup]);
            (second.ExitCode, File.Exists(backup)).Should().Be((1, false), "one of that name is being made");
            process.Kill();
            await process.WaitForExitAsync();
        }
        File.Exists(backup).Should().BeFalse();
        foreach (string left in Directory.GetFiles(backups.Path))
            if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(left).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, left);
        await BackupFile.MakeAsync(data.Path, backups);
        Directory.GetFiles(backups.Path).Should().Equal(backup);
    }

    [SqliteFact("a backup is a copy of its file")]
    public async Task A_database_server_is_not_backed_up_here()
    {
        var ended = await ServerProcess.RunAsync(data.Path, ["backup", Path.Combine(backups.Path, "backup.tar")], null, ("ConnectionStrings:Default", "Host=db.example;Database=tokens"));
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("its own tools");
    }

    // Sessions that begin, refresh and end all the time; a backup that held a writer up, or that fell between two rows of one transaction, would show.
    private async Task<string> BackUpUnderLoadAsync(ServerProcess server)
    {
        using var over = new CancellationTokenSource();
        int acknowledged = 0;
        var load = Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                var session = await SignInAsync(server, "jane");
                for (int i = 0; i < Refreshes; i++)
                {
                    session = await RefreshAsync(server, session);
                    session.Status.Should().Be(200, session.Body);
                    Interlocked.Increment(ref acknowledged);
                }
                (await server.PostAsync("/connect/revoke", "web", TestImport.Secret, ("token", session["refresh_token"]!))).Status.Should().Be(200);
            }
        })).ToList();
        (await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref acknowledged) > 100), Eventually.Never)).Should().BeTrue();
        // A machine that stands still acknowledges nothing, whatever the backup does: only writers that never go on beside one were held up by it.
        string backup = "";
        int made = 0;
        (await Eventually.TrueAsync(async () =>
        {
            int before = Volatile.Read(ref acknowledged);
            backup = await BackupFile.MakeAsync(data.Path, backups, $"backup-{made++}.tar");
            return Volatile.Read(ref acknowledged) > before;
        }, Eventually.Never)).Should().BeTrue("writers go on while a backup is made");
        await over.CancelAsync();
        await Task.WhenAll(load);
        return backup;
    }

    private BackupManifest Look(string backup)
    {
        using var open = new TemporaryFolder();
        BackupFile.Extract(backup, open.Path);
        var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(open.Path, "manifest.json")), BackupJson.Default.BackupManifest)!;
        foreach (var (table, rows) in manifest.Rows) BackupFile.Count(Database(open), table).Should().Be(rows, table);
        manifest.Files.Should().OnlyContain(f => BackupFile.Describe(open.Path, f.Name) == f);
        manifest.Rows["OpenIddictTokens"].Should().BeGreaterThan(100);
        return manifest;
    }

    private async Task GoesOnAsync(Answer bob)
    {
        await using var server = await ServerProcess.StartAsync(restored.Path, Settings);
        (await IsActiveAsync(server, bob)).Should().BeTrue();
        var refreshed = await RefreshAsync(server, bob);
        (await IsActiveAsync(server, refreshed)).Should().BeTrue();
        string admin = (await SignInAsync(server, "jane", "openid admin"))["access_token"]!;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/api/users") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", admin) } };
        using var users = await server.Http.SendAsync(request);
        ((int)users.StatusCode, await users.Content.ReadAsStringAsync()).Should().Match<(int, string)>(a => a.Item1 == 200 && a.Item2.Contains("bob@example.com"));
    }

    private static string Database(TemporaryFolder folder) => Path.Combine(folder.Path, "tokenserver.db");

    private static Task<Answer> SignInAsync(ServerProcess server, string user, string scope = "openid offline_access api") =>
        server.PostAsync("/connect/token", "web", TestImport.Secret, ("grant_type", "password"), ("username", user), ("password", TestImport.Password), ("scope", scope));

    private static Task<Answer> RefreshAsync(ServerProcess server, Answer session) =>
        server.PostAsync("/connect/token", "web", TestImport.Secret, ("grant_type", "refresh_token"), ("refresh_token", session["refresh_token"]!));

    private static async Task<bool> IsActiveAsync(ServerProcess server, Answer session) =>
        (await server.PostAsync("/connect/introspect", "api", TestImport.Secret, ("token", session["access_token"]!))).Json.GetProperty("active").GetBoolean();
}
