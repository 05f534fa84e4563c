using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>A fact that is tried on a machine of its own (tests/machine.sh), and is skipped, saying why, where none can be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsMachineFactAttribute : FactAttribute
{
    private static readonly string Script = Path.Combine(SampleFiles.RepositoryRoot, "tests", "machine.sh");
    private static readonly string[] Programs = ["bash", "dpkg-deb", NginxProcess.Program, "curl", "openssl"];

    private static readonly Lazy<string?> Missing = new(() =>
    {
        string[] missing = [.. Programs.Where(program => !Command.Exists(program))];
        if (missing.Length > 0) return $"needs {string.Join(" and ", missing)}, which this machine does not have";
        var (code, said) = Command.RunAsync("bash", [Script]).GetAwaiter().GetResult();
        return code == 0 ? null : said.Trim();
    });

    public NeedsMachineFactAttribute() => Skip = TestDatabases.ArePostgres ? "done once, when the other tests run on SQLite" : Missing.Value;

    /// <summary>Runs a script of <c>tests/</c> there.</summary>
    /// <param name="words">The script, and what is to be beside it.</param>
    public static Task<(int Code, string Output)> RunAsync(params string[] words) => Command.RunAsync("bash", [Script, .. words]);
}
