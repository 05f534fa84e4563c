using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Backups;

/// <summary>A backup that is unpacked in a folder of its own: it is opened there first, and nothing has been replaced yet.</summary>
internal sealed class StagedBackup(string folder, BackupManifest manifest, RestorePlace place, string aside) : IDisposable
{
    public BackupManifest Manifest => manifest;

    /// <summary>Settings of a program that works on it.</summary>
    public string[] Settings => [$"--TokenServer:DataDirectory={folder}",
        $"--ConnectionStrings:Default=Data Source={BackupArchive.Database}", $"--Pin:HashFile={BackupArchive.Pin}"];

    /// <summary>Puts it where the server looks for it, the database last: without it nothing starts.</summary>
    /// <returns>The folder into which was moved what was there before; null where there was nothing.</returns>
    public string? MoveInPlace()
    {
        var database = new DatabaseFile(Path.Combine(folder, BackupArchive.Database));
        database.Settle();
        bool isUsed = place.Used.Count > 0;
        if (isUsed) SetAside();
        DataDirectory.CreatePrivate(place.Keys);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(folder, BackupArchive.Keys)))
            File.Move(file, Path.Combine(place.Keys, Path.GetFileName(file)));
        string pin = Path.Combine(folder, BackupArchive.Pin);
        if (File.Exists(pin)) File.Move(pin, place.Pin);
        File.Move(database.Path, place.Database.Path);
        return isUsed ? aside : null;
    }

    public void Dispose()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    // The database goes first, so that a restore that is killed here leaves no database with keys that are not its own.
    private void SetAside()
    {
        DataDirectory.CreatePrivate(aside);
        foreach (string file in place.DatabaseFiles.Append(place.Pin).Where(File.Exists))
            File.Move(file, Path.Combine(aside, Path.GetFileName(file)));
        if (Directory.Exists(place.Keys)) Directory.Move(place.Keys, Path.Combine(aside, BackupArchive.Keys));
    }
}
