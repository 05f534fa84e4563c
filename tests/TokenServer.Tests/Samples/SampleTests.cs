using System.Security.Cryptography;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Samples;

/// <summary>The samples run as they stand, against the program with the demo's clients and users.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tokenserver-test-").FullName;

    [Fact]
    public async Task The_dotnet_sample_finds_everything_as_promised()
    {
        // Beside the tests' own output: samples/dotnet/bin/<configuration>/<framework>.
        string output = Path.Combine(SampleFiles.Folder("dotnet"), "bin", Path.GetRelativePath(Path.Combine(SampleFiles.RepositoryRoot, "tests", "TokenServer.Tests", "bin"), AppContext.BaseDirectory));
        await using var server = await StartAsync();
        var (code, said) = await Command.RunAsync(Command.DotNet, [Path.Combine(output, "TokenServer.Sample.dll"), server.Address]);
        code.Should().Be(0, said);
        said.Should().Contain("session has ended");
    }

    [NeedsCommandFact("node", "npm")]
    public async Task The_node_sample_finds_everything_as_promised()
    {
        string installed = await InstallAsync();
        await using var server = await StartAsync();
        // Without what Node 18, Debian's own, does not have.
        const string AsOld = "data:text/javascript,delete globalThis.crypto; delete globalThis.CryptoKey";
        var (code, said) = await Command.RunAsync("node", ["--import", AsOld, "index.js", server.Address], installed);
        code.Should().Be(0, said);
        said.Should().Contain("session has ended");
    }

    [Fact]
    public void The_lock_file_names_no_registry() =>
        File.ReadAllText(Path.Combine(SampleFiles.Folder("node"), "package-lock.json")).Should().NotContain("\"resolved\"").And.Contain("\"integrity\"");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Task<CrashableServer> StartAsync() => SampleFiles.StartServerAsync(folder);

    /// <summary>A copy of a Node sample outside the repository, whose packages are installed once for each lock file.</summary>
    internal static async Task<string> InstallAsync(string sample = "node")
    {
        string source = SampleFiles.Folder(sample);
        byte[] lockFile = await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json"));
        string cache = Path.Combine(Path.GetTempPath(), $"tokenserver-sample-{sample}-{Environment.UserName}-{Convert.ToHexString(SHA256.HashData(lockFile))[..16]}");
        if (!Directory.Exists(cache))
        {
            string fresh = Directory.CreateTempSubdirectory("tokenserver-sample-node-").FullName;
            Copy(source, fresh);
            var (code, said) = await Command.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], fresh);
            code.Should().Be(0, said);
            Directory.Move(fresh, cache);
        }
        Copy(source, cache);
        return cache;
    }

    private static void Copy(string source, string target)
    {
        foreach (string file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
    }
}
