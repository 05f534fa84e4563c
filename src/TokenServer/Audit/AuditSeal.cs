using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using TokenServer.Hosting;

namespace TokenServer.Audit;

/// <summary>
/// What the chain was when it was last found whole, in a file beside the Data Protection keys and under them: who can write to the database
/// alone can neither make a seal nor bring an old one back.
/// </summary>
internal sealed class AuditSeal(IDataProtectionProvider protection, DataDirectory directory)
{
    private readonly IDataProtector protector = protection.CreateProtector("AuditSeal");
    private readonly string path = directory.Resolve(Path.Combine("keys", "audit.seal"));

    /// <summary>The seal; null where there is none.</summary>
    /// <exception cref="CryptographicException">The file was not made by this server.</exception>
    public Sealed? Read()
    {
        if (!File.Exists(path)) return null;
        string[] parts = protector.Unprotect(File.ReadAllText(path)).Split(' ');
        return new(Number(parts[0]), Number(parts[1]), Number(parts[2]), parts[3]);
    }

    /// <summary>Keeps every other process from sealing and pruning until it is disposed of; null where one does so now.</summary>
    public IDisposable? TryLock()
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Puts <paramref name="seal"/> in the place of the one before, whole or not at all.</summary>
    public void Write(Sealed seal)
    {
        string made = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(made, options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(protector.Protect(string.Create(CultureInfo.InvariantCulture, $"{seal.OriginId} {seal.PrunableTo} {seal.LastId} {seal.LastHash}"))));
            file.Flush(flushToDisk: true);
        }
        File.Move(made, path, overwrite: true);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>What is sealed.</summary>
/// <param name="OriginId">The last entry that had been pruned.</param>
/// <param name="PrunableTo">The last entry that pruning may have come to since.</param>
/// <param name="LastId">The last entry.</param>
/// <param name="LastHash">Its hash.</param>
internal sealed record Sealed(long OriginId, long PrunableTo, long LastId, string LastHash);
