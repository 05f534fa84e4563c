using System.Reflection;
using System.Text.RegularExpressions;
using TokenServer.Foundation;
using TokenServer.Hosting;

namespace TokenServer.Tests.Architecture;

/// <summary>The rules of the house that a compiler does not check: who may know whom, and how long a file may be.</summary>
public sealed partial class ArchitectureTests
{
    private const int LongestFile = 300, LongestLine = 140;
    private static readonly string[] Core = ["Accounts", "Audit", "Clients", "Keys", "Sessions", "Storage", "Tokens"];

    /// <summary>What of the ground floor the core may use: how a wrong setting is told, and settings that it is given.</summary>
    private static readonly string[] OfTheFoundation =
    [
        nameof(SettingException), nameof(Issuer), nameof(DataDirectory), nameof(Settings), nameof(LifetimesOptions), nameof(KeysOptions), nameof(StorageOptions),
    ];
    private static readonly string Root = FindRoot();

    [Fact]
    public void InstallLifecycle_references_no_project()
    {
        File.ReadAllText(Path.Combine(Root, "src", "InstallLifecycle", "InstallLifecycle.csproj")).Should().NotContain("ProjectReference");
        typeof(InstallLifecycle.InstallLifecycleModule).Assembly.GetReferencedAssemblies().Should().NotContain(a => a.Name == nameof(TokenServer));
    }

    [Fact]
    public void The_core_knows_no_face()
    {
        foreach (var (path, code) in Core.SelectMany(folder => Code("TokenServer", folder)))
            FaceName().Matches(code).Select(m => m.Value).Should().BeEmpty("{0} is in the core", path);
    }

    [Fact]
    public void The_core_knows_nothing_of_HTTP()
    {
        foreach (var (path, code) in Core.SelectMany(folder => Code("TokenServer", folder)))
            Regex.Matches(code, @"\b(HttpContext|HttpRequest|HttpResponse|IResult|Results|StatusCodes|IEndpointRouteBuilder)\b").Select(m => m.Value).Should().BeEmpty("{0} is in the core", path);
    }

    [Fact]
    public void Of_the_foundation_the_core_uses_settings_and_nothing_else()
    {
        string[] others = [.. typeof(ServerHost).Assembly.GetTypes().Where(t => t.Namespace == "TokenServer.Foundation" && !t.IsNested).Select(t => t.Name).Except(OfTheFoundation)];
        foreach (var (path, code) in Core.SelectMany(folder => Code("TokenServer", folder)).Where(f => f.Code.Contains("Foundation", StringComparison.Ordinal)))
            Regex.Matches(code, @"(?<![.\w])(?:Foundation\.)?(\w+)\b").Select(m => m.Groups[1].Value).Intersect(others).Should().BeEmpty("{0} is in the core", path);
    }

    [Fact]
    public void No_face_calls_another()
    {
        string[] faces = ["Connect", "Admin", "Web", .. Directory.Exists(Source("TokenServer", "Faces")) ? Directory.GetDirectories(Source("TokenServer", "Faces")).Select(d => "Faces." + Path.GetFileName(d)) : []];
        foreach (string face in faces)
        {
            foreach (var (path, code) in Code("TokenServer", face.Replace('.', Path.DirectorySeparatorChar)))
                faces.Where(other => other != face && Regex.IsMatch(code, $@"TokenServer\.{Regex.Escape(other)}\b")).Should().BeEmpty("{0} belongs to {1}", path, face);
        }
    }

    [Fact]
    public void Only_the_providers_name_a_database()
    {
        foreach (var (path, code) in Code().Where(f => !f.Path.Contains("Providers", StringComparison.Ordinal) && !f.Path.Contains("Migrations", StringComparison.Ordinal)))
            Regex.Matches(code, "Sqlite|Npgsql").Select(m => m.Value).Should().BeEmpty("{0} is not in Storage/Providers", path);
    }

    [Fact]
    public void No_file_is_longer_than_300_lines()
    {
        foreach (string path in Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Concat(Directory.GetFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)).Where(IsOurs))
            File.ReadLines(path).Count().Should().BeLessThanOrEqualTo(LongestFile, "{0}", path);
    }

    [Fact]
    public void No_line_is_longer_than_140_columns()
    {
        string[] files = [.. Directory.GetFiles(Source(), "*", SearchOption.AllDirectories).Where(IsOurs)
            .Where(path => Path.GetExtension(path) is ".cs" or ".razor")];
        files.Should().Contain(path => path.EndsWith(".cs")).And.Contain(path => path.EndsWith(".razor"));
        var longer = files.SelectMany(path => File.ReadLines(path)
            .Select((line, index) => (At: $"{Path.GetRelativePath(Root, path)}:{index + 1}", line.Length)))
            .Where(line => line.Length > LongestLine).Select(line => $"{line.At} has {line.Length}");
        string.Join('\n', longer).Should().BeEmpty();
    }

    [Fact]
    public void A_files_namespace_is_its_folder()
    {
        foreach (string path in Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Where(IsOurs))
        {
            if (NamespaceOf().Match(File.ReadAllText(path)) is not { Success: true } match) continue;
            match.Groups[1].Value.Should().Be(Path.GetRelativePath(Path.Combine(Root, "src"), Path.GetDirectoryName(path)!).Replace(Path.DirectorySeparatorChar, '.'), "{0}", path);
        }
    }

    [Fact]
    public void What_can_be_internal_is()
    {
        typeof(ServerHost).Assembly.GetExportedTypes().Where(t => t.Namespace?.StartsWith(nameof(TokenServer), StringComparison.Ordinal) == true)
            // Razor makes its components public, whatever they are part of.
            .Where(t => !typeof(Microsoft.AspNetCore.Components.IComponent).IsAssignableFrom(t) && t.Name != "_Imports").Should().BeEmpty();
    }

    private static IEnumerable<(string Path, string Code)> Code(params string[] folder) => Directory.Exists(Source(folder))
        ? Directory.GetFiles(Source(folder), "*.cs", SearchOption.AllDirectories).Where(IsOurs).Select(path => (path, WithoutComments(File.ReadAllText(path)))) : [];

    internal static string WithoutComments(string text) => Regex.Replace(text, @"(?<![:""])//.*", "");

    internal static bool IsOurs(string path) => !Regex.IsMatch(path, @"[/\\](obj|bin|node_modules)[/\\]");

    internal static string Source(params string[] folder) => Path.Combine([Root, "src", .. folder]);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Auth.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }

    [GeneratedRegex(@"\b(TokenServer\.)?(Connect|Faces|Admin|Commands|Import|Pruning|Web)\.[A-Z]\w*|using TokenServer\.(Connect|Faces|Admin|Commands|Import|Pruning|Web)\b")]
    private static partial Regex FaceName();

    [GeneratedRegex(@"(?m)^namespace ([\w.]+);")]
    private static partial Regex NamespaceOf();
}
