using Microsoft.AspNetCore.DataProtection;
using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.Import;

/// <summary>Imports <c>TokenServer:ImportFile</c> at the start, if it is not the file imported last: a password changed since, or a secret
/// rotated because the file's had leaked, is not undone by a restart (docs/decisions/0007).</summary>
internal sealed class ImportAtStart(TokenServerOptions options, DataDirectory directory,
    Importer importer, Database database, IDataProtectionProvider protection, TimeProvider clock)
{
    private const string Setting = "TokenServer:ImportFile", Actor = "import at start";
    private readonly IDataProtector protector = protection.CreateProtector("Import");

    /// <exception cref="SettingException">The file cannot be read, or something in it cannot be taken.</exception>
    public async Task RunAsync()
    {
        if (string.IsNullOrEmpty(options.ImportFile)) return;
        string path = directory.Resolve(options.ImportFile);
        try
        {
            byte[] json = await File.ReadAllBytesAsync(path), fingerprint = SHA256.HashData(json);
            if (WasLast(path, fingerprint)) return;
            await importer.ApplyAsync(ImportDocument.Parse(json), Actor, s => Remember(s, path, fingerprint));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ImportException)
        {
            throw new SettingException(Setting, $"the file {path} cannot be imported: {e.Message}", e);
        }
    }

    private bool WasLast(string path, byte[] fingerprint)
    {
        string? stored = database.Read(s => s.First("""SELECT "Sealed" FROM "Imports" WHERE "Source"=@p0""", r => r.GetString(0), path));
        try
        {
            return stored is not null && protector.Unprotect(Convert.FromBase64String(stored)).AsSpan().SequenceEqual(fingerprint);
        }
        catch (CryptographicException)
        {
            // Sealed by a data directory that is gone: imported anew.
            return false;
        }
    }

    private void Remember(Statements s, string path, byte[] fingerprint) => s.Execute("""
        INSERT INTO "Imports" ("Source", "Sealed", "AppliedAt") VALUES (@p0, @p1, @p2)
        ON CONFLICT ("Source") DO UPDATE SET "Sealed"=@p1, "AppliedAt"=@p2
        """, path, Convert.ToBase64String(protector.Protect(fingerprint)), clock.GetUtcNow().UtcDateTime);
}
