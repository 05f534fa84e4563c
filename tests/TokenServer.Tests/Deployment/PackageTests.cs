using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>deploy/debian and docs/get-started.md, on a Debian of their own with systemd, nginx and the units as they are delivered.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Dpkg = "dpkg-deb";
    private readonly TemporaryFolder folder = new();

    // As the solution has built it: the test of a build with a .NET of its own would take minutes.
    private static readonly string Program = Path.Combine(SampleFiles.RepositoryRoot, "src", "TokenServer", "bin",
        Path.GetRelativePath(Path.Combine(SampleFiles.RepositoryRoot, "tests", "TokenServer.Tests", "bin"), AppContext.BaseDirectory));

    [NeedsCommandFact(Dpkg)]
    public async Task The_tarball_holds_the_program_and_what_it_is_run_with_and_the_checksums_are_right()
    {
        string[] made = await BuildAsync("1.0");
        (await Command.RunAsync("sha256sum", ["--check", "--strict", Path.GetFileName(made[2])], folder.Path)).Should().Match(
            ((int Code, string Output) run) => run.Code == 0 && run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 2);
        string[] files = (await Command.RunAsync("tar", ["--list", "--file", made[1]])).Output.Split('\n');
        files.Should().Contain((string[])["tokenserver-1.0/TokenServer", "tokenserver-1.0/appsettings.json", "tokenserver-1.0/samples/demo.json",
            "tokenserver-1.0/deploy/tokenserver.service", "tokenserver-1.0/deploy/nginx-one.conf"]).And.NotContain(file => file.EndsWith(".pdb"));
        string checksums = await File.ReadAllTextAsync(made[2]);
        await BuildAsync("1.0");
        (await File.ReadAllTextAsync(made[2])).Should().Be(checksums, "of the same time and program come the same files");
    }

    [NeedsCommandFact(Dpkg)]
    public async Task A_version_that_Debian_does_not_take_is_refused()
    {
        foreach (string version in (string[])["v1.0", "1.0 rc", "1.0/2", "$(id)"])
            (await RunAsync(version)).Code.Should().Be(1, version);
    }

    [NeedsMachineFact]
    public async Task The_package_is_installed_started_upgraded_removed_and_purged()
    {
        string before = Path.Combine(folder.Path, "old.deb"), after = Path.Combine(folder.Path, "new.deb");
        // A candidate comes before what it is a candidate for.
        File.Move((await BuildAsync("1.0~rc2"))[0], before);
        File.Move((await BuildAsync("1.0"))[0], after);
        var (code, said) = await NeedsMachineFactAttribute.RunAsync(PathOf("tests/package.sh"), before, after);
        code.Should().Be(0, said);
        said.Should().Contain("ok  upgraded: 1.0,").And.Contain("ok  purged");
    }

    [NeedsMachineFact]
    public async Task Every_command_of_get_started_does_what_the_page_says()
    {
        var (code, said) = await NeedsMachineFactAttribute.RunAsync(PathOf("tests/get-started.sh"), PathOf("docs/get-started.md"), (await BuildAsync("1.0"))[0]);
        code.Should().Be(0, said);
        said.Should().Contain("blocks of docs/get-started.md");
    }

    public void Dispose() => folder.Dispose();

    /// <summary>The package, the tarball and the checksums.</summary>
    private async Task<string[]> BuildAsync(string version)
    {
        var (code, said) = await RunAsync(version);
        code.Should().Be(0, said);
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^3..];
    }

    private Task<(int Code, string Output)> RunAsync(string version) =>
        Command.RunAsync(PathOf("deploy/debian/build.sh"), ["--version", version, "--program", Program, "--output", folder.Path], null,
            ("SOURCE_DATE_EPOCH", "1700000000"));

    private static string PathOf(string name) => Path.Combine(SampleFiles.RepositoryRoot, name);
}
