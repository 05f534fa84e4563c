using System.Formats.Tar;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using TokenServer.Backups;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Backups;

/// <summary>Backups as files: made, looked into, and made wrong.</summary>
internal static class BackupFile
{
    /// <summary>Makes a backup of a data directory by the command; its path.</summary>
    public static async Task<string> MakeAsync(string folder, TemporaryFolder into, string name = "backup.tar")
    {
        string path = Path.Combine(into.Path, name);
        var ended = await ServerProcess.RunAsync(folder, ["backup", path]);
        ended.ExitCode.Should().Be(0, "it said {0}", ended.Error);
        return path;
    }

    public static Task<ServerProcess.Ended> RestoreAsync(string folder, string backup, params string[] options) => ServerProcess.RunAsync(folder, ["restore", backup, .. options]);

    /// <summary>Unpacks a backup with any tool's eyes: the entries' names, and their bytes in <paramref name="folder"/>.</summary>
    public static IReadOnlyList<string> Extract(string backup, string folder)
    {
        var names = new List<string>();
        using var file = File.OpenRead(backup);
        using var tar = new TarReader(file);
        while (tar.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
            string path = Path.Combine(folder, entry.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            entry.ExtractToFile(path, overwrite: false);
        }
        return names;
    }

    /// <summary>Packs what <see cref="Extract"/> left, with a manifest that fits it, changed by <paramref name="change"/>.</summary>
    public static void Pack(string folder, string backup, Func<BackupManifest, BackupManifest>? change = null)
    {
        var manifest = System.Text.Json.JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, "manifest.json")), BackupJson.Default.BackupManifest)!;
        manifest = manifest with { Files = [.. manifest.Files.Select(f => Describe(folder, f.Name))] };
        if (change is not null) manifest = change(manifest);
        using var target = File.Create(backup);
        BackupArchive.Write(target, manifest, [.. manifest.Files.Select(f => Path.GetFullPath(f.Name, folder))]);
    }

    public static TokenServer.Backups.BackupFile Describe(string folder, string name)
    {
        byte[] bytes = File.ReadAllBytes(Path.GetFullPath(name, folder));
        return new(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>The number of a table's rows in a database file.</summary>
    public static long Count(string database, string table) => (long)Ask(database, $"SELECT count(*) FROM \"{table}\"");

    /// <summary>The first column of the first row, after the statements.</summary>
    public static object Ask(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }
}
