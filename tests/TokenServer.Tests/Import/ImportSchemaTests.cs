using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using TokenServer.Clients;
using TokenServer.Import;
using TokenServer.Tests.OpenApi;
using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Import;

/// <summary>samples/import.schema.json and docs/import.md say what the program reads: no member more, none less.</summary>
public sealed class ImportSchemaTests : IDisposable
{
    private static readonly string Samples = Path.Combine(SampleFiles.RepositoryRoot, "samples"), SchemaPath = Path.Combine(Samples, "import.schema.json");
    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(SchemaPath))!.AsObject();
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string[]> Kinds => new()
    {
        { "", Members(ImportJson.Default.ImportDocument) }, { "client", Members(ImportJson.Default.ClientRegistration) },
        { "scope", Members(ImportJson.Default.ScopeRegistration) }, { "user", Members(ImportJson.Default.NewAccount) },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Schema_and_page_have_every_member_that_is_read_and_no_other(string kind, string[] members)
    {
        var described = (kind.Length == 0 ? Schema : Schema["$defs"]![kind]!).AsObject();
        described["properties"]!.AsObject().Select(p => p.Key).Should().BeEquivalentTo(members);
        described["additionalProperties"]!.GetValue<bool>().Should().BeFalse();
        string page = File.ReadAllText(Path.Combine(SampleFiles.RepositoryRoot, "docs", "import.md"));
        foreach (string member in members) page.Should().Contain(kind.Length == 0 ? $"\"{member}\"" : $"| `{member}` |");
    }

    [Fact]
    public void The_grant_types_are_the_servers() =>
        Schema["$defs"]!["client"]!["properties"]!["grant_types"]!["items"]!["enum"]!.AsArray().Select(g => g!.GetValue<string>()).Should().BeEquivalentTo(KnownGrants.All);

    [Fact]
    public void The_demo_names_the_schema() =>
        ImportDocument.Parse(File.ReadAllBytes(Path.Combine(Samples, "demo.json"))).Schema.Should().Be("import.schema.json");

    [NeedsCommandFact("node", "npm")]
    public async Task A_public_validator_takes_the_demo_and_refuses_what_the_program_refuses()
    {
        string demo = await File.ReadAllTextAsync(Path.Combine(Samples, "demo.json"));
        string[] wrong =
        [
            """{"Clients":[]}""", """{"clients":[{"client_id":"a","client_secrets":"x"}]}""", """{"clients":[{"client_id":"47"}]}""",
            """{"scopes":[{"name":"a b"}]}""", """{"scopes":[{"name":"a","resource":[]}]}""", """{"users":[{"username":"a","email":"a@b","password":"a long enough one","totpSecret":"x"}]}""",
            """{"users":[{"username":"a","email":"a@b","password":"short"}]}""", """{"clients":[{"client_id":"a","access_token_lifetime":0}]}""",
        ];
        (await JudgeAsync(demo)).Should().Be((0, "valid"));
        foreach (string document in wrong)
        {
            FluentActions.Invoking(() => ImportDocument.Parse(System.Text.Encoding.UTF8.GetBytes(document))).Should().Throw<ImportException>(document);
            (await JudgeAsync(document)).Code.Should().Be(1, document);
        }
    }

    public void Dispose() => folder.Dispose();

    private async Task<(int Code, string Said)> JudgeAsync(string document)
    {
        var (code, said) = await Command.RunAsync("node", ["schema.js", SchemaPath, folder.Write("judged.json", document)], await ValidationTests.InstallAsync());
        return (code, said.Trim());
    }

    private static string[] Members(JsonTypeInfo type) => [.. type.Properties.Select(p => p.Name)];
}
