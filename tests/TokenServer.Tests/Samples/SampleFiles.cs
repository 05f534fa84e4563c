using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>Where the samples are, and the server they run against.</summary>
internal static class SampleFiles
{
    private static readonly Lazy<Task<string>> Demo = new(MakeDemoAsync);

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The folder of one sample.</summary>
    public static string Folder(string sample) => Path.Combine(RepositoryRoot, "samples", sample);

    /// <summary>Starts the program with the demo's clients and users.</summary>
    /// <param name="folder">The data directory.</param>
    /// <param name="settings">More settings, as <c>--Section:Name=value</c>.</param>
    public static async Task<CrashableServer> StartServerAsync(string folder, params string[] settings)
    {
        if (!Directory.Exists(Path.Combine(folder, "keys"))) await TestTemplate.CopyAsync(await Demo.Value, folder);
        return await StartDemoAsync(folder, settings);
    }

    // Its secrets are hashed and its keys found once, as in the test's template.
    private static async Task<string> MakeDemoAsync()
    {
        string folder = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        await using (await StartDemoAsync(folder, []))
        {
        }
        await TestDatabases.CloseAsync(folder);
        return folder;
    }

    private static Task<CrashableServer> StartDemoAsync(string folder, string[] settings) =>
        CrashableServer.StartAsync(folder, [$"--TokenServer:ImportFile={Folder("demo.json")}", .. settings]);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Auth.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests do not run from inside the repository");
    }
}
