using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Identity;
using TokenServer.Hosting;

namespace TokenServer.Accounts.Pins;

/// <summary>The file with the PIN's hash, read at each attempt.</summary>
internal sealed class PinFile(PinOptions options, DataDirectory directory, PasswordHashing hashing)
{
    public const int LongestPin = 100;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private string Path => directory.Resolve(options.HashFile);

    /// <summary>Whether <paramref name="pin"/> is the PIN.</summary>
    /// <returns>Null where too many already wait to be hashed.</returns>
    /// <exception cref="PinFileException">The file is missing, unreadable or holds no hash; the message is the system's reason, without a path.</exception>
    public async Task<bool?> VerifyAsync(string pin)
    {
        string hash = await ReadAsync();
        try
        {
            return await hashing.VerifyAsync(hash, pin) is { } result ? result != PasswordVerificationResult.Failed : null;
        }
        catch (FormatException e)
        {
            throw new PinFileException("the file holds no hash", e);
        }
    }

    /// <summary>Writes the hash of <paramref name="pin"/>, readable by its owner only, in one step.</summary>
    public async Task SetAsync(string pin)
    {
        string hash = await hashing.HashAsync(pin) ?? throw new IOException("too many passwords wait to be hashed"), fresh = Path + ".new";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = OwnerOnly;
        await using (var writer = new StreamWriter(fresh, create)) await writer.WriteLineAsync(hash);
        File.Move(fresh, Path, overwrite: true);
    }

    private async Task<string> ReadAsync()
    {
        try
        {
            string text = (await File.ReadAllTextAsync(Path)).Trim();
            return text.Length > 0 ? text : throw new PinFileException("the file holds no hash");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PinFileException(Reason(e), e);
        }
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
