using System.Reflection;
using System.Text.RegularExpressions;
using TokenServer.Hosting;

namespace TokenServer.Tests.Architecture;

/// <summary>The slices stand on floors: each knows what stands below it and nothing beside or above, so there is no circle.</summary>
public sealed partial class FloorTests
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Ground first.</summary>
    private static readonly string[][] Floors =
    [
        ["Foundation"],
        ["Telemetry"],
        ["Storage"],
        ["Audit", "RateLimits", "Protection"],
        ["Keys"],
        ["Clients"],
        ["Tokens"],
        ["Sessions"],
        ["Accounts"],
        ["Installs", "Import", "Transfers", "Backups", "Pruning", "Scheduling", "Health", "SignIns", "BackChannel", "RevocationFeed"],
        ["Finding"],
        ["Connect", "Faces", "Admin", "Web", "OpenApi"],
        ["Hosting"],
        ["Commands"],
    ];

    private static readonly Type[] Types =
        [.. typeof(ServerHost).Assembly.GetTypes().Where(t => t.Namespace?.StartsWith("TokenServer.", StringComparison.Ordinal) == true)];

    // A slice's types and the namespaces within it, by the name that follows the slice's own.
    private static readonly HashSet<string> Names = [.. Types.Where(t => !t.IsNested).Select(t => Outer(t.FullName!))];

    [Fact]
    public void Every_slice_stands_on_a_floor() =>
        Directory.GetDirectories(ArchitectureTests.Source("TokenServer")).Where(d => ArchitectureTests.IsOurs(d + "/"))
        .Select(Path.GetFileName).Should().BeEquivalentTo(Floors.SelectMany(floor => floor));

    [Fact]
    public void No_file_imports_what_stands_beside_or_above_it()
    {
        var imports = Files()
            .SelectMany(path => Imported(File.ReadAllText(path)).Select(name => (Path: path, Slice: SliceOfFile(path), Name: name)))
            .ToList();
        imports.Should().Contain(i => i.Slice == "Hosting" && i.Name == "TokenServer.Foundation")
            .And.Contain(i => i.Slice == "Web" && i.Path.EndsWith(".razor"));
        string.Join('\n', imports.Where(i => !May(i.Slice, SliceOf(i.Name))).Select(i => $"{i.Path} imports {i.Name}")).Should().BeEmpty();
    }

    [Fact]
    public void No_type_uses_one_that_stands_beside_or_above_it()
    {
        var uses = Types.SelectMany(type => Used(type).Where(Types.Contains).Distinct().Select(used => (Type: type, Used: used))).ToList();
        uses.Should().Contain(u => SliceOf(u.Type.Namespace!) == "Hosting" && SliceOf(u.Used.Namespace!) == "Foundation");
        string.Join('\n', uses.Where(u => !May(SliceOf(u.Type.Namespace!), SliceOf(u.Used.Namespace!)))
            .Select(u => $"{u.Type} uses {u.Used}"))
            .Should().BeEmpty();
    }

    private static bool May(string slice, string other) => slice == other || FloorOf(other) < FloorOf(slice);

    private static int FloorOf(string slice) => Array.FindIndex(Floors, floor => floor.Contains(slice));

    // The program itself stands above all of them.
    private static IEnumerable<string> Files() => Floors.SelectMany(floor => floor)
        .SelectMany(slice => Directory.GetFiles(ArchitectureTests.Source("TokenServer", slice), "*", SearchOption.AllDirectories))
        .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal));

    private static string SliceOfFile(string path) =>
        Path.GetRelativePath(ArchitectureTests.Source("TokenServer"), path).Split(Path.DirectorySeparatorChar)[0];

    /// <summary>The namespaces that <paramref name="text"/> is using, and the names it writes with their slice's before them.</summary>
    private static IEnumerable<string> Imported(string text)
    {
        string code = ArchitectureTests.WithoutComments(text);
        foreach (Match match in Using().Matches(code)) yield return match.Groups[1].Value;
        foreach (Match match in Qualified().Matches(code))
            if (Names.Contains($"TokenServer.{match.Groups[1].Value}")) yield return $"TokenServer.{match.Groups[1].Value}";
    }

    /// <summary>What <paramref name="type"/> is made of: bases, members, and the variables of its methods.</summary>
    private static IEnumerable<Type> Used(Type type)
    {
        var methods = type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).ToList();
        return type.GetInterfaces().Append(type.BaseType).Concat(type.GetFields(All).Select(f => f.FieldType))
            .Concat(methods.SelectMany(m => m.GetParameters()).Select(p => p.ParameterType))
            .Concat(methods.OfType<MethodInfo>().Select(m => m.ReturnType))
            .Concat(methods.SelectMany(m => m.GetMethodBody()?.LocalVariables ?? []).Select(v => v.LocalType)).SelectMany(Parts);
    }

    private static IEnumerable<Type> Parts(Type? type) => type switch
    {
        null => [],
        { HasElementType: true } => Parts(type.GetElementType()),
        { IsConstructedGenericType: true } => type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()),
        _ => [type],
    };

    private static string SliceOf(string name) => name.Split('.')[1];

    // TokenServer.Storage.Rows of TokenServer.Storage.Rows.TokenRow, TokenServer.Storage.Database of TokenServer.Storage.Database.
    private static string Outer(string name) => string.Join('.', name.Split('`')[0].Split('.').Take(3));

    [GeneratedRegex(@"(?m)^\s*@?(?:global )?using (?:static )?(?:\w+ = )?(TokenServer\.[\w.]+)")]
    private static partial Regex Using();

    [GeneratedRegex(@"(?<![.\w])(?:TokenServer\.)?([A-Z]\w*\.[A-Z]\w*)")]
    private static partial Regex Qualified();
}
