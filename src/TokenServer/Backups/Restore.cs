using TokenServer.Accounts.Pins;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Backups;

/// <summary>Unpacks a backup beside the place where it is to be used, and moves it there when all of it was found good.</summary>
internal sealed class Restore(IConfiguration configuration, DataDirectory directory, PinOptions pin, TimeProvider clock)
{
    private const string Staging = ".restore";

    /// <summary>Unpacks and checks a backup.</summary>
    /// <param name="archive">The backup.</param>
    /// <param name="replace">Whether what is in use there may be set aside.</param>
    /// <exception cref="BackupException">It is damaged, or the place is in use.</exception>
    public StagedBackup Stage(string archive, bool replace)
    {
        var database = DatabaseFile.Find(configuration, directory)
            ?? throw new BackupException("a backup is of a database file, and the settings name a database server");
        var place = new RestorePlace(database, directory.Resolve(BackupArchive.Keys), directory.Resolve(pin.HashFile));
        if (place.Used is { Count: > 0 } used)
        {
            if (!replace) throw new BackupException($"there is a server's data already: {string.Join(", ", used)}");
            if (File.Exists(database.Path)) Release(database);
        }
        directory.Create();
        string folder = directory.Resolve(Staging);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        DataDirectory.CreatePrivate(folder);
        try
        {
            var manifest = BackupArchive.Unpack(archive, folder);
            Check(new DatabaseFile(Path.Combine(folder, BackupArchive.Database)), manifest, archive);
            string aside =
                directory.Resolve("replaced-" + clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
            return new StagedBackup(folder, manifest, place, aside);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    // Who has the database open would go on with the old one; a damaged one is opened by nobody.
    private static void Release(DatabaseFile database)
    {
        try
        {
            database.SettleAlone((problem, e) => new BackupException(problem, e));
        }
        catch (IOException)
        {
            // That is why there is a restore.
        }
    }

    private static void Check(DatabaseFile database, BackupManifest manifest, string archive)
    {
        var content = database.Examine(Backup.Histories);
        if (!content.Rows.SequenceEqual(manifest.Rows) || !content.Migrations.SequenceEqual(manifest.Migrations))
            throw new BackupException($"{archive} is damaged: its database is not the one that its manifest tells of");
    }
}

/// <summary>Where a restored server's files go.</summary>
internal sealed record RestorePlace(DatabaseFile Database, string Keys, string Pin)
{
    /// <summary>What is there already.</summary>
    public IReadOnlyList<string> Used => [.. DatabaseFiles.Append(Pin).Where(File.Exists),
        .. Directory.Exists(Keys) && Directory.EnumerateFileSystemEntries(Keys).Any() ? [Keys] : (string[])[]];

    /// <summary>The database and what SQLite may have left beside it:
    /// a log that is not the new database's would be played into it.</summary>
    public string[] DatabaseFiles => [Database.Path, Database.Path + "-wal", Database.Path + "-shm", Database.Path + "-journal"];
}
