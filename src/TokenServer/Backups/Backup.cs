using System.Reflection;
using InstallLifecycle.Storage;
using Microsoft.EntityFrameworkCore.Migrations;
using TokenServer.Accounts.Pins;
using TokenServer.Audit;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Backups;

/// <summary>Makes a backup, of a running server too: the database as it is at one moment, the keys that open it,
/// the audit seal and the PIN's hash.</summary>
internal sealed class Backup(IConfiguration configuration, DataDirectory directory,
    PinOptions pin, AuditSeal seal, Func<Database> database, TimeProvider clock)
{
    /// <summary>The tables of the migrations that a database has had.</summary>
    public static readonly string[] Histories = [Schema.ServerHistory, InstallLifecycleDbContext.MigrationsHistory];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes a backup, whole or not at all.</summary>
    /// <param name="path">The file to make.</param>
    /// <param name="overwrite">Whether it may take the place of another.</param>
    /// <param name="actor">Who does it.</param>
    /// <exception cref="BackupException">It cannot be made.</exception>
    /// <exception cref="IOException">The disk is full, or the database cannot be read.</exception>
    public async Task<MadeBackup> WriteAsync(string path, bool overwrite, Actor actor)
    {
        var source = DatabaseFile.Find(configuration, directory) ?? throw new BackupException(
            "only a database file is backed up; back up a database server with its own tools, and the data directory's files with it");
        if (!File.Exists(source.Path)) throw new BackupException($"there is no database {source.Path}");
        string keys = directory.Resolve(BackupArchive.Keys);
        if (!Directory.Exists(keys))
            throw new BackupException($"there are no keys in {keys}; without them nobody can open what the database holds");
        if (Directory.Exists(path) || File.Exists(path) && !overwrite) throw new BackupException($"{path} is there already");
        string copy = path + ".database.part", sealCopy = path + ".seal.part", part = path + ".part";
        using var target = Reserve(part);
        try
        {
            foreach (string empty in (string[])[copy, sealCopy])
            {
                File.Delete(empty);
                BackupArchive.Create(empty).Dispose();
            }
            var created = await CopyAsync(source, copy, sealCopy);
            var manifest = Pack(target, copy, sealCopy, keys, created);
            File.Move(part, path, overwrite);
            return new MadeBackup(manifest, await AuditAsync(manifest, actor));
        }
        finally
        {
            foreach (string left in (string[])[copy, sealCopy, part]) File.Delete(left);
        }
    }

    // What a backup that was killed has left behind is nobody's; what one that is being made writes to cannot be opened.
    private static FileStream Reserve(string part)
    {
        if (File.Exists(part)) new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        File.Delete(part);
        return BackupArchive.Create(part);
    }

    // A seal that is older than the chain fits it, a younger one does not; and nobody may prune between the two.
    private async Task<DateTime> CopyAsync(DatabaseFile source, string copy, string sealCopy)
    {
        using var alone = await LockAsync();
        string sealPath = directory.Resolve(Path.Combine(BackupArchive.Keys, AuditSeal.FileName));
        if (File.Exists(sealPath)) File.Copy(sealPath, sealCopy, overwrite: true);
        DateTime created = clock.GetUtcNow().UtcDateTime;
        await Task.Run(() => source.CopyTo(copy));
        return created;
    }

    private async Task<IDisposable> LockAsync()
    {
        long start = clock.GetTimestamp();
        using var timer = new PeriodicTimer(Pause);
        while (clock.GetElapsedTime(start) < Patience)
        {
            if (seal.TryLock() is { } alone) return alone;
            await timer.WaitForNextTickAsync();
        }
        throw new BackupException("another process has been pruning or sealing the audit trail for a minute; try again");
    }

    // The keys come after the database: one that was made in between is more than it needs, one that is missing would be less.
    private BackupManifest Pack(FileStream target, string copy, string sealCopy, string keys, DateTime created)
    {
        var content = new DatabaseFile(copy).Examine(Histories);
        var files = new List<(string Name, string Path)> { (BackupArchive.Database, copy) };
        files.AddRange(Directory.EnumerateFiles(keys, "*.xml").Order(StringComparer.Ordinal)
            .Select(f => ($"{BackupArchive.Keys}/{Path.GetFileName(f)}", f)).Where(f => BackupArchive.MayHold(f.Item1)));
        if (new FileInfo(sealCopy).Length > 0) files.Add(($"{BackupArchive.Keys}/{AuditSeal.FileName}", sealCopy));
        if (directory.Resolve(pin.HashFile) is var pinFile && File.Exists(pinFile)) files.Add((BackupArchive.Pin, pinFile));
        var manifest = new BackupManifest { Created = created, Migrations = content.Migrations,
            Rows = content.Rows, Files = [.. files.Select(f => Describe(f.Name, f.Path))] };
        BackupArchive.Write(target, manifest, [.. files.Select(f => f.Path)]);
        return manifest;
    }

    // To note it in the trail is to open the database, which brings an older one up to date;
    // whoever backs it up before an upgrade wants it as it is.
    private async Task<string?> AuditAsync(BackupManifest manifest, Actor actor)
    {
        if (!manifest.Migrations.ToHashSet(StringComparer.Ordinal).SetEquals(KnownMigrations())) return "it is of another version";
        try
        {
            await database().WriteAsync(s => AuditTrail.Append(s, new AuditEvent("backup.made", clock.GetUtcNow().UtcDateTime, actor)
            {
                Detail = $"database SHA-256 {manifest.Files[0].Sha256}",
            }));
            return null;
        }
        catch (Exception e) when (e is StorageUnavailableException or SettingException)
        {
            // A full disk is what a backup may be made for.
            return e.Message;
        }
    }

    private static IEnumerable<string> KnownMigrations() =>
        ((Assembly[])[typeof(ServerDbContext).Assembly, typeof(InstallLifecycleDbContext).Assembly])
        .SelectMany(a => a.GetTypes()).Select(t => t.GetCustomAttribute<MigrationAttribute>()?.Id).OfType<string>();

    private static BackupFile Describe(string name, string path)
    {
        using var content = File.OpenRead(path);
        return new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}

/// <summary>A backup that was made.</summary>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="NotAudited">Why the database's audit trail does not tell of it; null where it does.</param>
internal sealed record MadeBackup(BackupManifest Manifest, string? NotAudited);
