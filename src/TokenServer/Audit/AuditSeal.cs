using Microsoft.AspNetCore.DataProtection;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Providers;

namespace TokenServer.Audit;

/// <summary>What the chain was when it was last found whole, in a file beside the Data Protection keys and under them: who can write to the
/// database alone can neither make a seal nor bring an old one back. Where replicas share the database it holds the seal for all of them,
/// and each keeps the newest it has made in its file, against an old one that is brought back.</summary>
internal sealed class AuditSeal(IDataProtectionProvider protection,
    DataDirectory directory, Func<Database> database, DatabaseProvider provider)
{
    /// <summary>Its name in the folder of the keys.</summary>
    public const string FileName = "audit.seal";
    private readonly IDataProtector protector = protection.CreateProtector("AuditSeal");
    private readonly string path = directory.Resolve(Path.Combine("keys", FileName));

    /// <summary>The seal in this server's own file; null where there is none.</summary>
    /// <exception cref="CryptographicException">It was not made by this server.</exception>
    public Sealed? Own => File.Exists(path) ? Open(File.ReadAllText(path)) : null;

    /// <summary>The seal, the newest there is; null where there is none.</summary>
    /// <exception cref="CryptographicException">It was not made by this server.</exception>
    public Sealed? Read()
    {
        var own = Own;
        var shared = provider.IsShared && database()
            .Read(s => s.First("""SELECT "Sealed" FROM "AuditSeals" """, r => r.GetString(0))) is { } stored ? Open(stored) : null;
        return own is null || shared is not null && (shared.LastId, shared.PrunableTo)
            .CompareTo((own.LastId, own.PrunableTo)) >= 0 ? shared ?? own : own;
    }

    /// <summary>Keeps every other process from sealing and pruning until it is disposed of; null where one does so now.</summary>
    public IDisposable? TryLock() => provider.TryLock("audit seal");

    /// <summary>Puts <paramref name="seal"/> in the place of the one before, whole or not at all.</summary>
    public async Task WriteAsync(Sealed seal)
    {
        string text = protector.Protect(
            string.Create(CultureInfo.InvariantCulture, $"{seal.OriginId} {seal.PrunableTo} {seal.LastId} {seal.LastHash}"));
        if (provider.IsShared)
            await database().WriteAsync(s => s.Execute(
                """INSERT INTO "AuditSeals" ("Id", "Sealed") VALUES (1, @p0) ON CONFLICT ("Id") DO UPDATE SET "Sealed"=@p0""", text));
        string made = path + ".new";
        DataDirectory.CreatePrivate(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(made, options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(made, path, overwrite: true);
    }

    private Sealed Open(string text)
    {
        string[] parts = protector.Unprotect(text).Split(' ');
        return new(Number(parts[0]), Number(parts[1]), Number(parts[2]), parts[3]);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>What is sealed.</summary>
/// <param name="OriginId">The last entry that had been pruned.</param>
/// <param name="PrunableTo">The last entry that pruning may have come to since.</param>
/// <param name="LastId">The last entry.</param>
/// <param name="LastHash">Its hash.</param>
internal sealed record Sealed(long OriginId, long PrunableTo, long LastId, string LastHash);
