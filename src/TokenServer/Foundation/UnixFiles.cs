using System.Runtime.InteropServices;

namespace TokenServer.Foundation;

/// <summary>What the system lets this process do with files; nothing on Windows, which has other means.</summary>
internal static partial class UnixFiles
{
    private const int OthersNothing = 0b000_111_111, MayWriteAndEnter = 2 | 1;

    /// <summary>From now on every file that this process makes is its owner's alone (0600, folders 0700), from its first moment.</summary>
    public static void KeepFromOthers()
    {
        if (!OperatingSystem.IsWindows()) _ = SetUmask(OthersNothing);
    }

    /// <summary>Why no file can be made in <paramref name="folder"/>, in the system's words; null where one can.</summary>
    public static string? WhyNotWritable(string folder) => OperatingSystem.IsWindows() || Access(folder, MayWriteAndEnter) == 0
        ? null : Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetUmask(uint mask);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
