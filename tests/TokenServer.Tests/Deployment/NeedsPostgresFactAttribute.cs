using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>A fact that needs PostgreSQL's programs and others, and is skipped, saying so, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsPostgresFactAttribute : FactAttribute
{
    private const string Debian = "/usr/lib/postgresql";

    public NeedsPostgresFactAttribute(params string[] commands)
    {
        bool isThere = Command.Exists("initdb") || Directory.Exists(Debian) && Directory.GetDirectories(Debian).Any(version => File.Exists(Path.Combine(version, "bin", "initdb")));
        string[] missing = [.. commands.Where(c => !Command.Exists(c)), .. isThere ? Array.Empty<string>() : ["PostgreSQL"]];
        if (missing.Length > 0) Skip = $"needs {string.Join(" and ", missing)}, which this machine does not have";
    }
}
