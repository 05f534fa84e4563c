using TokenServer.Tests.Support;

namespace TokenServer.Tests.Commands;

/// <summary><c>TokenServer keys|prune|import</c> beside a running server.</summary>
public sealed class MaintenanceCommandTests
{
    [Fact]
    public async Task Rotated_keys_are_published_within_a_second_and_earlier_tokens_stay_good()
    {
        await using var server = await CommandServer.StartAsync();
        string before = (await server.ClientTokenAsync())["access_token"]!;
        (await server.DoAsync("keys rotate")).Should().Be("ES256 rotated\nRS256 rotated\ninstall keys rotated\n");
        await CommandServer.ShouldSoonAsync(async () => (await server.KeyIdsAsync()).Length == 6);
        string after = (await server.ClientTokenAsync())["access_token"]!;
        after.Split('.')[0].Should().NotBe(before.Split('.')[0]);
        (await server.IsActiveAsync(before)).Should().BeTrue();
        (await server.IsActiveAsync(after)).Should().BeTrue();
    }

    [Fact]
    public async Task The_listed_keys_are_those_that_are_published()
    {
        await using var server = await CommandServer.StartAsync();
        await server.DoAsync("keys rotate");
        string[] lines = (await server.DoAsync("keys list")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Select(l => string.Join(' ', l.Split('\t')[1..3])).Should().BeEquivalentTo("ES256 active", "ES256 announced", "ES256 retiring", "RS256 active", "RS256 announced", "RS256 retiring");
        string[] ids = [.. lines.Select(l => l.Split('\t')[0])];
        await CommandServer.ShouldSoonAsync(async () => (await server.KeyIdsAsync()).ToHashSet().SetEquals(ids));
    }

    [Fact]
    public async Task Prune_deletes_what_has_expired_and_nothing_else()
    {
        using var folder = await TestTemplate.FolderAsync();
        await using (var server = await ServerProcess.StartAsync(folder.Path, ("TokenServer:Lifetimes:TempToken", "00:00:01"))) await BeginSignInAsync(server);
        await using (var server = await ServerProcess.StartAsync(folder.Path)) await BeginSignInAsync(server);
        // A second must have passed on the system's clock, which these processes go by.
        string output = "";
        (await Eventually.TrueAsync(async () => (output = (await ServerProcess.RunAsync(folder.Path, ["prune"])).Output) != "0 tokens, 0 sessions, 0 revocations, 0 ended installs and 0 audit entries deleted; 0 installs expired\n", TimeSpan.FromSeconds(20))).Should().BeTrue();
        output.Should().Be("1 tokens, 0 sessions, 0 revocations, 0 ended installs and 0 audit entries deleted; 0 installs expired\n");
        (await ServerProcess.RunAsync(folder.Path, ["prune"])).Output.Should().Be("0 tokens, 0 sessions, 0 revocations, 0 ended installs and 0 audit entries deleted; 0 installs expired\n");
    }

    [Fact]
    public async Task An_imported_client_is_known_to_a_running_server_within_a_second()
    {
        await using var server = await CommandServer.StartAsync();
        using var folder = new TemporaryFolder();
        string file = folder.Write("more.json", """{ "clients": [{ "client_id": "robot", "client_secret": "made up", "grant_types": ["client_credentials"], "scope": "robots" }], "scopes": [{ "name": "robots", "resources": ["robots"] }] }""");
        (await server.DoAsync("import " + file)).Should().Be("1 clients, 1 scopes and 0 users are as the file says\n");
        await CommandServer.ShouldSoonAsync(async () => (await server.ClientTokenAsync("robot", "made up"))["scope"] == "robots");
    }

    [Fact]
    public async Task An_imported_password_ends_the_sessions_of_a_running_server_within_a_second()
    {
        await using var server = await CommandServer.StartAsync();
        using var folder = new TemporaryFolder();
        string token = (await server.SignInAsync())["access_token"]!;
        await server.DoAsync("import " + folder.Write("more.json", """{ "users": [{ "username": "bob", "email": "bob@example.com", "password": "another one" }] }"""));
        await CommandServer.ShouldSoonAsync(async () => !await server.IsActiveAsync(token));
    }

    [Theory]
    [InlineData("""{ "clients": [{ "client_id": "47" }] }""", "clients[0]: client_id")]
    [InlineData("""{ "clients": [{ "client_id": 47 }] }""", "$.clients[0].client_id")]
    [InlineData("not JSON", "$")]
    [InlineData("""{ "clients": [{ "client_id": "fresh", "client_secrets": "a secret" }] }""", "$.clients[0].client_secrets (line 1)")]
    [InlineData("""{ "scopes": [{ "name": "fresh" }], "clients": [{ "client_id": "fresh", "scope": "fresh api apii" }] }""", "clients[0]: scope has apii")]
    [InlineData("""{ "clients": [{ "client_id": "fresh" }], "users": [{ "username": "ann", "email": "ann@example.com", "password": "iloveyou1" }] }""", "users[0]: password")]
    public async Task A_file_that_cannot_be_taken_ends_with_1_names_the_place_and_changes_nothing(string json, string place)
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await ServerProcess.RunAsync(folder.Path, ["import", folder.Write("import.json", json)]);
        ended.ExitCode.Should().Be(1);
        (await ServerProcess.RunAsync(folder.Path, ["client", "list"])).Output.Should().NotMatchRegex(@"(?m)^fresh\t").And.Contain("worker");
        ended.Error.Should().Contain(place).And.NotContain("   at ");
    }

    [Fact]
    public async Task A_file_that_is_not_there_ends_with_1()
    {
        using var folder = await TestTemplate.FolderAsync();
        var ended = await ServerProcess.RunAsync(folder.Path, ["import", Path.Combine(folder.Path, "absent.json")]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("absent.json").And.NotContain("   at ");
    }

    // The second factor is due, so a temp token is left.
    private static async Task BeginSignInAsync(ServerProcess server) =>
        (await server.PostAsync("/connect/token", "web", TestImport.Secret, ("grant_type", "password"), ("username", "john"), ("password", TestImport.Password)))["error"].Should().Be("mfa_required");
}
