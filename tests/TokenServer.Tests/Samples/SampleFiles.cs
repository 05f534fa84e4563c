using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>Where the samples are, and the server they run against.</summary>
internal static class SampleFiles
{
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The folder of one sample.</summary>
    public static string Folder(string sample) => Path.Combine(RepositoryRoot, "samples", sample);

    /// <summary>Starts the program with the demo's clients and users.</summary>
    /// <param name="folder">The data directory.</param>
    /// <param name="settings">More settings, as <c>--Section:Name=value</c>.</param>
    public static Task<CrashableServer> StartServerAsync(string folder, params string[] settings) =>
        CrashableServer.StartAsync(folder, [$"--TokenServer:ImportFile={Folder("demo.json")}", .. settings]);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Auth.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests do not run from inside the repository");
    }
}
