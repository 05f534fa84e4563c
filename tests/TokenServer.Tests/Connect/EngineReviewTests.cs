using System.Net.Sockets;
using System.Text;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>What OpenIddict does by itself, or another application writes into its tables, that contract section 1 has otherwise.</summary>
public sealed class EngineReviewTests
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    [Fact]
    public async Task An_assertion_that_is_none_proves_nothing_and_beside_a_secret_is_a_second_method()
    {
        await using var server = await TestServer.StartAsync();
        (string, string)[] assertion =
            [("grant_type", "client_credentials"), ("client_assertion_type", AssertionType), ("client_assertion", "x.y.z")];
        var alone = await server.TokenAsync(null, [.. assertion, ("client_id", "worker")]);
        (alone.Status, alone["error"]).Should().Be((401, "invalid_client"));
        (await server.TokenAsync("worker", assertion))["error"].Should().Be("invalid_request");
        (await server.TokenAsync("worker", assertion[..2]))["error"].Should().Be("invalid_request");
    }

    [Fact]
    public async Task A_confidential_client_without_a_secret_is_no_public_one()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<Database>().WriteAsync(s => s.Execute(
            """UPDATE "OpenIddictApplications" SET "ClientType"='confidential', "JsonWebKeySet"='{"keys":[]}' WHERE "ClientId"='mobile'"""));
        server.Get<ChangeFeed>().Load();
        var answer = await server.TokenAsync(
            null, ("grant_type", "password"), ("client_id", "mobile"), ("username", "bob"), ("password", TestImport.Password));
        (answer.Status, answer["error"]).Should().Be((401, "invalid_client"));
    }

    [Theory]
    [InlineData("Settings", """{"tkn_lft:act":"never"}""", 200)]
    [InlineData("Settings", """{"tkn_lft:act":"30.00:00:00","access_token_format":"opaque"}""", 200)]
    [InlineData("Settings", """{"id_token_signed_response_alg":"none"}""", 200)]
    [InlineData("Settings", "no JSON", 401)]
    [InlineData("Permissions", "no JSON", 401)]
    [InlineData("Properties", """{"revoked_at":1}""", 401)]
    public async Task A_row_that_another_application_wrote_badly_is_its_clients_affair_alone(string column, string value, int status)
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.WorkerTokenAsync("opaque");
        string sql = $"""UPDATE "OpenIddictApplications" SET "{column}"=@p0 WHERE "ClientId"='worker'""";
        await server.Get<Database>().WriteAsync(s => s.Execute(sql, value));
        server.Get<ChangeFeed>().Load();
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(status);
        await server.Get<Clients.ClientRegistry>().RevokeAsync("opaque", "test");
        (await server.IsActiveAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task A_secret_that_is_stored_as_no_hash_is_nobodys()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<Database>().WriteAsync(s =>
            s.Execute("""UPDATE "OpenIddictApplications" SET "ClientSecret"='§' WHERE "ClientId"='worker'"""));
        server.Get<ChangeFeed>().Load();
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(401);
    }

    [Fact]
    public async Task The_second_step_gives_no_scope_that_the_first_did_not_ask_for()
    {
        await using var server = await TestServer.StartAsync();
        string temp = (await server.SignInAsync(user: "john", scope: "api"))["temp_token"]!;
        var answer = await server.TokenAsync("web", ("grant_type", "urn:tokenserver:grant-type:two_factor"), ("temp_token", temp),
            ("code", server.TotpCode()), ("scope", "openid"));
        (answer.Status, answer["scope"], answer["id_token"]).Should().Be((200, "api", null));
    }

    [Fact]
    public async Task However_many_keys_there_are_the_active_ones_sign()
    {
        await using var server = await TestServer.StartAsync();
        var ring = server.Get<KeyRing>();
        for (int i = 0; i < 10; i++)
            foreach (string algorithm in KeyRing.Algorithms) await ring.RotateAsync(algorithm, "test");
        var answer = await server.SignInAsync();
        Jwt.Header(answer["id_token"]!).Text("kid").Should().Be(ring.Active(SigningKey.RS256).KeyId);
        Jwt.Header(answer["access_token"]!).Text("kid").Should().Be(ring.Active(SigningKey.ES256).KeyId);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("two_factor")]
    public async Task Without_the_refresh_grant_offline_access_is_no_scope_of_the_clients(string step)
    {
        string import = TestImport.Json.Replace("\"password\", \"refresh_token\"", "\"password\"", StringComparison.Ordinal);
        await using var server = await TestServer.StartAsync(import: import);
        var answer = await server.SignInAsync(user: step == "password" ? "jane" : "john", scope: "openid offline_access api");
        (answer.Status, answer["error"]).Should().Be((400, "invalid_scope"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a:99999")]
    [InlineData("'")]
    public async Task A_host_that_is_none_is_the_callers_fault(string host)
    {
        await using var server = await TestServer.StartAsync();
        var address = new Uri(server.Address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());
        (await reader.ReadLineAsync()).Should().Contain(" 400 ");
        server.Log.Lines.Should().NotContain(l => l.StartsWith("Error", StringComparison.Ordinal));
    }
}
