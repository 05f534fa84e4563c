using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Import;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Import;

/// <summary><c>TokenServer:ImportFile</c> is applied when it has changed, and only then (docs/decisions/0007).</summary>
public sealed class ImportAtStartTests
{
    private const string Robot = """{ "clients": [{ "client_id": "robot", "client_secret": "first secret", "grant_types": ["client_credentials"] }] }""";

    [Fact]
    public async Task The_file_is_imported_at_the_start()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder, Robot);
        (await GetTokenAsync(server, "first secret")).Status.Should().Be(200);
    }

    [Fact]
    public async Task An_unchanged_file_does_not_put_back_a_rotated_secret()
    {
        using var folder = new TemporaryFolder();
        string secret;
        await using (var server = await StartAsync(folder, Robot)) secret = (await server.Get<ClientRegistry>().RotateSecretAsync("robot", "test"))!;
        await using var again = await StartAsync(folder, Robot);
        (await GetTokenAsync(again, "first secret"))["error"].Should().Be("invalid_client");
        (await GetTokenAsync(again, secret)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_changed_file_is_applied()
    {
        using var folder = new TemporaryFolder();
        await using (await StartAsync(folder, Robot))
        {
        }
        await using var again = await StartAsync(folder, Robot.Replace("first", "second", StringComparison.Ordinal));
        (await GetTokenAsync(again, "first secret"))["error"].Should().Be("invalid_client");
        (await GetTokenAsync(again, "second secret")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_file_with_a_byte_order_mark_is_taken()
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(folder, "\uFEFF" + Robot);
        (await GetTokenAsync(server, "first secret")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_file_that_is_not_there_stops_the_start_and_is_named()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:ImportFile=absent.json"]);
        (await server.Awaiting(s => s.Get<ImportAtStart>().RunAsync()).Should().ThrowAsync<SettingException>()).WithMessage("*TokenServer:ImportFile*absent.json*");
    }

    [Fact]
    public async Task A_file_that_cannot_be_taken_stops_the_start_and_its_place_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("import.json", """{ "clients": [{ "client_id": "47" }] }""");
        await using var server = await TestServer.StartAsync(["--TokenServer:ImportFile=import.json"], folder: folder.Path);
        (await server.Awaiting(s => s.Get<ImportAtStart>().RunAsync()).Should().ThrowAsync<SettingException>()).WithMessage("*TokenServer:ImportFile*import.json*clients[0]: client_id*");
    }

    private static async Task<TestServer> StartAsync(TemporaryFolder folder, string json)
    {
        // A relative path is taken from the data directory.
        folder.Write("import.json", json);
        var server = await TestServer.StartAsync(["--TokenServer:ImportFile=import.json"], import: "{}", folder: folder.Path);
        await server.Get<ImportAtStart>().RunAsync();
        return server;
    }

    private static Task<Answer> GetTokenAsync(TestServer server, string secret) =>
        server.TokenAsync(null, ("grant_type", "client_credentials"), ("client_id", "robot"), ("client_secret", secret));
}
