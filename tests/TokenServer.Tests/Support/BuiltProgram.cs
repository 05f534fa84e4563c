namespace TokenServer.Tests.Support;

/// <summary>The program that was built for these tests, where the user whom it runs as can read it: in root's own folder nobody else can.</summary>
internal static class BuiltProgram
{
    private static readonly Lazy<string> Found = new(() => OrdinaryUser.CanRead(AppContext.BaseDirectory) ? AppContext.BaseDirectory : Copied());

    /// <summary>Its folder.</summary>
    public static string Folder => Found.Value;

    /// <summary>What the .NET host starts.</summary>
    public static string Path => System.IO.Path.Combine(Folder, "TokenServer.dll");

    private static string Copied()
    {
        string copy = Directory.CreateTempSubdirectory("tokenserver-program-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(copy, recursive: true);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            string to = System.IO.Path.Combine(copy, System.IO.Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        // The folder that was made is for its owner alone.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
        return copy;
    }
}
