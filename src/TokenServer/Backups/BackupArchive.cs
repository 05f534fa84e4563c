using System.Formats.Tar;
using System.Text.RegularExpressions;
using TokenServer.Foundation;

namespace TokenServer.Backups;

/// <summary>The form of a backup: a tar of the manifest, the files that it lists, and the manifest's own SHA-256 at the end.</summary>
internal static partial class BackupArchive
{
    public const string Database = "tokenserver.db", Pin = "pin.hash", Keys = "keys";
    private const string Manifest = "manifest.json", Seal = "manifest.sha256";
    private const int LongestManifest = 1 << 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes an archive.</summary>
    /// <param name="target">Where to; it is on disk when this returns.</param>
    /// <param name="manifest">What it says of itself.</param>
    /// <param name="sources">Where each file of the manifest is, in its order.</param>
    public static void Write(FileStream target, BackupManifest manifest, IReadOnlyList<string> sources)
    {
        byte[] said = JsonSerializer.SerializeToUtf8Bytes(manifest, BackupJson.Default.BackupManifest);
        using (var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true))
        {
            using var first = new MemoryStream(said);
            Add(tar, Manifest, first, manifest.Created);
            foreach (var (file, source) in manifest.Files.Zip(sources))
            {
                using var content = File.OpenRead(source);
                Add(tar, file.Name, content, manifest.Created);
            }
            using var last = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(said))));
            Add(tar, Seal, last, manifest.Created);
        }
        target.Flush(flushToDisk: true);
    }

    /// <summary>Unpacks an archive into a folder, every byte of it checked.</summary>
    /// <exception cref="BackupException">It is no backup, is damaged or incomplete, or a newer version made it.</exception>
    public static BackupManifest Unpack(string archive, string folder)
    {
        using var file = File.OpenRead(archive);
        try
        {
            using var tar = new TarReader(file);
            return Unpack(tar, archive, folder);
        }
        catch (Exception e)
            when (e is EndOfStreamException or InvalidDataException or FormatException or JsonException or ArgumentException)
        {
            throw new BackupException($"{archive} is no backup of this server, or it is damaged or cut off: {e.Message}", e);
        }
    }

    /// <summary>Whether a backup may hold a file of this name.</summary>
    public static bool MayHold(string name) => Name().IsMatch(name);

    /// <summary>A new file that only its owner may read or write.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    private static BackupManifest Unpack(TarReader tar, string archive, string folder)
    {
        byte[] said = Small(Next(tar, Manifest, archive), archive);
        var manifest = JsonSerializer.Deserialize(said, BackupJson.Default.BackupManifest)
            ?? throw new JsonException("the manifest is empty");
        if (manifest.Product != BackupManifest.ProductName) throw new BackupException($"{archive} is no backup of this server");
        if (manifest.Format > BackupManifest.NewestFormat)
            throw new BackupException($"{archive} was made by a newer version ({manifest.Version}); restore it with that");
        foreach (var file in manifest.Files)
        {
            // A name decides where bytes are written: only those that a backup of ours has, whatever the manifest says.
            if (!MayHold(file.Name)) throw new BackupException($"{archive} holds '{file.Name}', which no backup has");
            Extract(Next(tar, file.Name, archive), file, archive, folder);
        }
        if (!manifest.Files.Any(f => f.Name == Database)) throw new BackupException($"{archive} holds no database");
        byte[] hash = System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(said)));
        if (!Small(Next(tar, Seal, archive), archive).AsSpan().SequenceEqual(hash))
            throw new BackupException($"{archive} is damaged: its manifest is not the one that was written");
        if (tar.GetNextEntry() is { } more) throw new BackupException($"{archive} holds '{more.Name}', which its manifest does not list");
        return manifest;
    }

    private static TarEntry Next(TarReader tar, string name, string archive)
    {
        var entry = tar.GetNextEntry() ?? throw new BackupException($"{archive} is cut off: '{name}' is missing");
        if (entry.Name != name)
            throw new BackupException($"{archive} is no backup of this server: it has '{entry.Name}' where '{name}' is expected");
        return entry.EntryType == TarEntryType.RegularFile
            ? entry : throw new BackupException($"{archive} holds '{entry.Name}', which is no plain file");
    }

    private static byte[] Small(TarEntry entry, string archive)
    {
        if (entry.Length > LongestManifest) throw new BackupException($"{archive} is no backup of this server: '{entry.Name}' is too long");
        byte[] bytes = new byte[entry.Length];
        entry.DataStream?.ReadExactly(bytes);
        return bytes;
    }

    private static void Extract(TarEntry entry, BackupFile file, string archive, string folder)
    {
        string path = Path.Combine(folder, file.Name);
        DataDirectory.CreatePrivate(Path.GetDirectoryName(path)!);
        using var target = Create(path);
        entry.DataStream?.CopyTo(target);
        target.Position = 0;
        if (target.Length != file.Length || Convert.ToHexStringLower(SHA256.HashData(target)) != file.Sha256)
            throw new BackupException($"{archive} is damaged: '{file.Name}' is not what was written");
        target.Flush(flushToDisk: true);
    }

    private static void Add(TarWriter tar, string name, Stream content, DateTime time) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = OwnerOnly, ModificationTime = time });

    [GeneratedRegex(@"\A(tokenserver\.db|pin\.hash|keys/(audit\.seal|[0-9A-Za-z][0-9A-Za-z-]*\.xml))\z")]
    private static partial Regex Name();
}
