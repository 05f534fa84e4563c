using System.Diagnostics;

namespace TokenServer.Tests.Support;

/// <summary>Whom the programs of these tests run as: whoever runs the tests, unless that is root, who may do what no server may.</summary>
internal static class OrdinaryUser
{
    private const string Nobody = "65534";

    /// <summary>Whether programs run as another than the tests: not where that user may not even run .NET, which test.sh then says.</summary>
    public static bool IsAnother { get; } = Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() && Command.Exists("setpriv")
        && IsTrueForNobody("""command -v "$0" >/dev/null""", Command.DotNet);

    /// <summary>Has a process run as that user.</summary>
    /// <param name="start">How it starts.</param>
    /// <param name="folder">A folder that is to be its own, with everything in it.</param>
    public static async Task RunAsAsync(ProcessStartInfo start, string folder)
    {
        if (!IsAnother) return;
        await GiveAsync(folder);
        string[] words = As(start.FileName, [.. start.ArgumentList]);
        start.FileName = words[0];
        start.ArgumentList.Clear();
        foreach (string word in words[1..]) start.ArgumentList.Add(word);
    }

    /// <summary>The words of a command line that runs a program as that user.</summary>
    public static string[] As(string program, params string[] arguments) => IsAnother ? AsNobody(program, arguments) : [program, .. arguments];

    /// <summary>Gives that user a folder, with everything in it.</summary>
    public static async Task GiveAsync(string folder)
    {
        if (IsAnother && Directory.Exists(folder)) await Command.RunAsync("chown", ["-R", $"{Nobody}:{Nobody}", folder]);
    }

    /// <summary>Whether that user can read the folder or file at <paramref name="path"/>.</summary>
    public static bool CanRead(string path) => !IsAnother || IsTrueForNobody("""[ -r "$0" ]""", path);

    private static string[] AsNobody(string program, params string[] arguments) =>
        ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--no-new-privs", program, .. arguments];

    private static bool IsTrueForNobody(string condition, string word)
    {
        string[] words = AsNobody("sh", "-c", condition, word);
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = "/", RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
