using System.Text.RegularExpressions;
using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>The image's recipe, as far as it can be checked without making it: it copies what there is, and all that the program is built from.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string[] Copied = [.. File.ReadLines(DeploymentFiles.PathOf("Dockerfile")).Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1])];
    private static readonly string[] Kept = [.. File.ReadLines(Path.Combine(SampleFiles.RepositoryRoot, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..])];

    [Fact]
    public void What_it_copies_is_there_and_is_not_ignored()
    {
        Copied.Should().NotBeEmpty();
        foreach (string source in Copied)
        {
            Path.Exists(Path.Combine(SampleFiles.RepositoryRoot, source)).Should().BeTrue("{0} is copied", source);
            Kept.Should().Contain(kept => IsIn(source, kept), "{0} is copied", source);
        }
    }

    [Fact]
    public void It_copies_all_that_the_program_is_built_from()
    {
        foreach (string project in Directory.GetFiles(Path.Combine(SampleFiles.RepositoryRoot, "src"), "*.csproj", SearchOption.AllDirectories))
            foreach (Match outside in Outside().Matches(File.ReadAllText(project)))
            {
                string path = Path.GetRelativePath(SampleFiles.RepositoryRoot, Path.GetFullPath(outside.Groups[1].Value.Replace('\\', '/'), Path.GetDirectoryName(project)!));
                Copied.Should().Contain(source => IsIn(path, source), "{0} uses it", Path.GetFileName(project));
            }
        foreach (string file in Directory.GetFiles(SampleFiles.RepositoryRoot).Select(f => Path.GetFileName(f)!).Where(f => f.StartsWith("Directory.", StringComparison.Ordinal) || f is "global.json" or ".editorconfig" or "BannedSymbols.txt" or "nuget.config"))
            Copied.Should().Contain(file);
    }

    [Fact]
    public void What_the_composition_mounts_is_there()
    {
        string folder = DeploymentFiles.PathOf("replicas");
        var mounts = Mount().Matches(File.ReadAllText(Path.Combine(folder, "docker-compose.yaml"))).Select(m => m.Groups[1].Value).ToList();
        mounts.Should().HaveCount(3).And.OnlyContain(path => File.Exists(Path.Combine(folder, path)));
    }

    [NeedsCommandFact("sed")]
    public async Task The_composition_puts_its_own_addresses_and_paths_into_nginx()
    {
        string composition = await File.ReadAllTextAsync(DeploymentFiles.PathOf("replicas/docker-compose.yaml"));
        string[] edits = [.. Edit().Matches(composition).SelectMany(m => (string[])["-e", m.Groups[1].Value])];
        var (code, site) = await Command.RunAsync("sed", [.. edits, DeploymentFiles.PathOf("nginx.conf")]);
        code.Should().Be(0, site);
        foreach (string address in (string[])["172.30.0.11", "172.30.0.12", "172.30.0.13"])
        {
            site.Should().Contain($"server {address}:8080 ");
            composition.Should().Contain($"ipv4_address: {address} ");
        }
        site.Should().Contain("allow 172.30.0.1;").And.NotContain("server 127.0.0.1").And.NotContain("server_name id.example.com").And.NotContain("/etc/ssl/").And.NotContain("/var/log/");
    }

    private static bool IsIn(string path, string place) => path.TrimEnd('/') == place.TrimEnd('/') || path.StartsWith(place.TrimEnd('/') + "/", StringComparison.Ordinal);

    [GeneratedRegex(@"-e '([^']+)'")]
    private static partial Regex Edit();

    [GeneratedRegex("""Include="((?:\.\./|\.\.\\){2}[^"*]+)""")]
    private static partial Regex Outside();

    [GeneratedRegex(@"(\.{1,2}/[\w./-]+):/")]
    private static partial Regex Mount();
}
