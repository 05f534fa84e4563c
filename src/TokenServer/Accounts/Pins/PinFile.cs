using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Identity;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Protection;
using TokenServer.Storage;

namespace TokenServer.Accounts.Pins;

/// <summary>The file with the PIN's hash, read at each attempt.</summary>
internal sealed class PinFile(PinOptions options, DataDirectory directory,
    PasswordHashing hashing, Database database, TimeProvider clock, SignInReport report)
{
    public const int LongestPin = 100;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private string Path => directory.Resolve(options.HashFile);

    /// <summary>Whether <paramref name="pin"/> is the PIN.</summary>
    /// <returns>The verdict, null where too many already wait to be hashed, and the hash that it was found by.</returns>
    /// <exception cref="PinFileException">The file is missing, unreadable or holds no hash; the message is the system's reason,
    /// without a path.</exception>
    public async Task<(bool? IsRight, string Hash)> VerifyAsync(string pin, string? address)
    {
        string hash = await ReadAsync();
        var result = await hashing.VerifyAsync(hash, pin);
        string outcome = result switch { null => "busy", PasswordVerificationResult.Failed => "wrong_pin", _ => "ok" };
        report.Tell(new SignInCaller(address, "pin"), outcome, clientId: null);
        if (result is null) return (null, hash);
        if (result != PasswordVerificationResult.Failed) return (true, hash);
        await database.WriteAsync(
            s => AuditTrail.Append(s, new AuditEvent("pin.failed", clock.GetUtcNow().UtcDateTime)
                { Address = address, Detail = AuditReason.WrongPin }));
        return (false, hash);
    }

    /// <summary>Writes the hash of <paramref name="pin"/>, readable by its owner only, in one step.</summary>
    public async Task SetAsync(string pin, Actor actor)
    {
        string hash = await hashing.HashAsync(pin) ?? throw new IOException("too many passwords wait to be hashed"), fresh = Path + ".new";
        File.Delete(fresh);
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = OwnerOnly;
        await using (var file = new FileStream(fresh, create))
        {
            await file.WriteAsync(Encoding.ASCII.GetBytes(hash + "\n"));
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, Path, overwrite: true);
        await database.WriteAsync(s =>
            AuditTrail.Append(s, new AuditEvent("pin.set", clock.GetUtcNow().UtcDateTime, actor)));
    }

    /// <summary>The hash that the file holds now.</summary>
    /// <exception cref="PinFileException">The file is missing, unreadable or holds no hash.</exception>
    public async Task<string> ReadAsync()
    {
        try
        {
            string text = (await File.ReadAllTextAsync(Path)).Trim();
            return IsHash(text) ? text : throw new PinFileException("the file holds no hash");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PinFileException(Reason(e), e);
        }
    }

    // Identity's formats 2 and 3: a marker, then salt and key.
    private static bool IsHash(string text)
    {
        Span<byte> bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length)
            && (length == 49 && bytes[0] == 0 || length >= 13 + 16 + 16 && bytes[0] == 1);
    }

    // The exceptions' own messages name the whole path.
    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "No such file or directory",
        UnauthorizedAccessException => "Permission denied",
        _ => Marshal.GetPInvokeErrorMessage(e.HResult),
    };
}

/// <summary>The PIN cannot be checked; the message is fit to be shown.</summary>
internal sealed class PinFileException(string reason, Exception? cause = null) : Exception(reason, cause);
