using System.CommandLine;
using TokenServer.Backups;
using TokenServer.Foundation;
using TokenServer.Hosting;
using TokenServer.Storage.Providers;

namespace TokenServer.Commands;

/// <summary><c>TokenServer backup</c>, beside a running server too, and <c>TokenServer restore</c>.</summary>
internal static class BackupCommands
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "the file to make; it holds every secret of the server" };
        var force = new Option<bool>("--force") { Description = "overwrite the file" };
        return CommandLine.MakeUnopened(
            "backup", "Copy database, keys and PIN hash into one file, while the server runs", async (parsed, services) =>
            {
                string path = parsed.GetRequiredValue(file).FullName;
                if (!services.GetRequiredService<DatabaseProvider>().IsShared) await CommandLine.FindDatabaseAsync(services);
                var made = await services.GetRequiredService<Backup>().WriteAsync(path, parsed.GetValue(force), CommandLine.Actor);
                Console.WriteLine(
                    $"{path} holds {made.Manifest.Rows.Values.Sum()} rows of {made.Manifest.Rows.Count} tables; "
                    + $"database SHA-256 {made.Manifest.Files[0].Sha256}");
                if (made.NotAudited is { } reason) Console.WriteLine($"the database's audit trail does not tell of the backup: {reason}");
                return CommandLine.Done;
            }, file, force);
    }

    public static Command CreateRestore()
    {
        var file = new Argument<FileInfo>("file") { Description = "a file that 'backup' made" };
        var force = new Option<bool>("--force") { Description = "set aside what the data directory holds" };
        var endSessions = new Option<bool>("--end-sessions")
            { Description = "end all sessions and replace the signing keys: what ended after the backup would live again" };
        return CommandLine.MakeUnopened("restore",
            "Put a backup in place of an empty data directory; the server must be stopped", async (parsed, services) =>
            {
                using var staged = services.GetRequiredService<Restore>()
                    .Stage(parsed.GetRequiredValue(file).FullName, parsed.GetValue(force));
                var accepted = await AcceptAsync(staged, parsed.GetValue(endSessions));
                string? aside = staged.MoveInPlace();
                Console.WriteLine($"restored what was there at {Timestamps.Of(staged.Manifest.Created)}");
                Console.WriteLine(accepted.SessionsEnded is { } ended
                    ? $"{ended} sessions are ended, and every access token issued before now is dead"
                    : "sessions go on, those too that ended after the backup; --end-sessions would end them");
                if (aside is not null) Console.WriteLine($"what was there before is in {aside}");
                if (accepted.AuditProblem is { } problem)
                    await Console.Error.WriteLineAsync($"The audit trail in the backup is not as it was written: {problem}");
                return CommandLine.Done;
            }, file, force, endSessions);
    }

    private static async Task<AcceptedRestore> AcceptAsync(StagedBackup staged, bool endSessions)
    {
        await using var app = CommandLine.Build(staged.Settings);
        await ServerHost.PrepareAsync(app.Services);
        return await app.Services.GetRequiredService<RestoredServer>().AcceptAsync(staged.Manifest, endSessions, CommandLine.Actor);
    }
}
