namespace TokenServer.Tests.Support;

/// <summary>A folder that is gone when the test is over.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        // The programs that tests run are to read and write in it too.
        if (!OperatingSystem.IsWindows() && OrdinaryUser.IsAnother) File.SetUnixFileMode(Path, (UnixFileMode)0b111_111_111);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;

    /// <summary>Writes a file into it; its full path.</summary>
    public string Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
