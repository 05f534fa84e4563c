using System.Text.RegularExpressions;
using TokenServer.Tests.Architecture;
using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>test.sh: what it says in the end, and the shell it and all other scripts are written in.</summary>
public sealed class TestCommandTests : IDisposable
{
    private const string Awk = "awk", Passed = "<UnitTestResult testName=\"A.B\" outcome=\"Passed\" />";
    private static readonly string Summary = PathOf("tests/summary.sh");
    private readonly TemporaryFolder folder = new();

    [NeedsCommandFact(Awk)]
    public async Task The_summary_counts_and_says_what_was_left_out_and_why()
    {
        Write("sqlite/a.trx", Passed, Passed, Skipped("needs a &amp; b"), Skipped("takes long"));
        Write("postgresql/a.trx", Passed, Skipped("takes long"));
        var (code, said) = await SummarizeAsync("3723", "0", "a, since b is not there");
        code.Should().Be(0, said);
        said.Should().Contain("LEFT OUT: a, since b is not there\nduration: 62 min 3 s\nleft out:\n     2  takes long\n     1  needs a & b\n")
            .And.EndWith("\n3 passed, 0 failed, 3 skipped\n");
    }

    [NeedsCommandFact(Awk)]
    public async Task The_summary_names_what_failed_and_on_which_database()
    {
        // A test that failed has a message too, which is no reason for leaving another out.
        Write("sqlite/a.trx", Failed("A.B(text: &quot;x &lt; y&quot;)"), Passed, Skipped("takes long"));
        Write("sqlite/b.trx", Failed("C.D"));
        Write("postgresql/a.trx", Failed("C.D"));
        var (code, said) = await SummarizeAsync("1", "1");
        code.Should().Be(0, "its caller has failed already");
        said.Should().Contain("failed:\n        C.D (on postgresql)\n        A.B(text: \"x < y\")\n        C.D\n").And.NotContain("expected")
            .And.EndWith("\n1 passed, 3 failed, 1 skipped\n");
    }

    [NeedsCommandFact(Awk)]
    public async Task A_run_that_failed_without_a_failed_test_is_no_success()
    {
        (await SummarizeAsync("1", "0")).Should().Be((1, "\nduration: 0 min 1 s\nno test ran (exit code 0)\n"));
        Write("sqlite/a.trx", Passed);
        var (code, said) = await SummarizeAsync("1", "134");
        code.Should().Be(1);
        said.Should().Contain("something went wrong that no test tells of: see above (exit code 134)");
        Write("sqlite/a.trx", Skipped("takes long"));
        (await SummarizeAsync("1", "0")).Code.Should().Be(1, "nothing was tried");
    }

    [Fact]
    public void All_that_is_missing_is_installed_in_one_go()
    {
        string script = File.ReadAllText(PathOf("test.sh"));
        foreach (string once in (string[])["apt-get update", "apt-get install"]) Regex.Count(script, once).Should().Be(1, once);
    }

    [NeedsCommandFact("shellcheck")]
    public async Task The_shell_has_nothing_to_say_against_any_script()
    {
        // The installer's parts are looked at put together (InstallerUpgradeTests): one by one they use what another sets.
        string parts = SampleFiles.Folder("installer") + Path.DirectorySeparatorChar;
        string[] scripts = [.. Directory.EnumerateFiles(SampleFiles.RepositoryRoot, "*", SearchOption.AllDirectories)
            .Where(path => ArchitectureTests.IsOurs(path) && !path.Contains("/.git/", StringComparison.Ordinal) && IsScript(path)
                && !(path.StartsWith(parts, StringComparison.Ordinal) && path[parts.Length..].Contains(Path.DirectorySeparatorChar)))];
        scripts.Should().Contain(Summary).And.Contain(DeploymentFiles.PathOf("tokenserver-command"));
        var (code, said) = await Command.RunAsync("shellcheck", scripts);
        code.Should().Be(0, said);
    }

    public void Dispose() => folder.Dispose();

    private static bool IsScript(string path) =>
        Path.GetExtension(path) is "" or ".sh" && File.ReadLines(path).FirstOrDefault() is { } first && Regex.IsMatch(first, "^#!.*(bash|/sh)$");

    private static string PathOf(string name) => Path.Combine(SampleFiles.RepositoryRoot, name);

    private static string Skipped(string why) => $"<UnitTestResult testName=\"A.B\" outcome=\"NotExecuted\">\n{Message(why)}";

    private static string Failed(string name) => $"<UnitTestResult testName=\"{name}\" outcome=\"Failed\">\n{Message("expected &quot;1&quot;")}";

    private static string Message(string text) => $"<Output>\n<ErrorInfo>\n<Message>{text}</Message>\n</ErrorInfo>\n</Output>\n</UnitTestResult>";

    private void Write(string name, params string[] results)
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, Path.GetDirectoryName(name)!));
        folder.Write(name, "\uFEFF<TestRun>\n" + string.Join('\n', results) + "\n</TestRun>\n");
    }

    private Task<(int Code, string Output)> SummarizeAsync(params string[] rest) => Command.RunAsync("bash", [Summary, folder.Path, .. rest]);
}
