namespace TokenServer.Tests.Support;

/// <summary>A data directory with <see cref="TestImport.Json"/> imported, made once: secrets hashed and keys generated for each test anew would be most of its time.</summary>
internal static class TestTemplate
{
    private static readonly Lazy<Task<string>> Folder = new(MakeAsync);

    /// <summary>A copy of the directory.</summary>
    public static async Task<string> CopyAsync()
    {
        string to = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;
        await CopyAsync(to);
        return to;
    }

    /// <summary>A copy of the directory that is gone when the test is over.</summary>
    public static async Task<TemporaryFolder> FolderAsync()
    {
        var folder = new TemporaryFolder();
        await CopyAsync(folder.Path);
        return folder;
    }

    /// <summary>Copies the directory into <paramref name="to"/>, and its database.</summary>
    public static async Task CopyAsync(string to) => await CopyAsync(await Folder.Value, to);

    /// <summary>The same with any data directory that nobody uses.</summary>
    public static async Task CopyAsync(string from, string to)
    {
        foreach (string folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        await TestDatabases.CopyAsync(from, to);
    }

    private static async Task<string> MakeAsync()
    {
        string folder = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        // A minute earlier, so that what the tests' servers make has later ids.
        var clock = new ManualClock();
        clock.Advance(TimeSpan.FromMinutes(-1));
        await using (await TestServer.StartAsync(import: TestImport.Json, folder: folder, clock: clock))
        {
        }
        await TestDatabases.CloseAsync(folder);
        return folder;
    }
}
