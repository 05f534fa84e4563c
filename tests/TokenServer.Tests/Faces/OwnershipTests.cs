using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>What belongs to one account is to another as if it were not there (contract sections 2 and 4).</summary>
public sealed class OwnershipTests
{
    private const string UnknownKey = "/api/v1/auth/keys/key_06ttk6a000zzz";
    private const string UnknownTunnel = "/api/tunnels/2147483647";
    private static readonly Door Account = Door.Account;

    [Fact]
    public async Task Lists_show_an_account_its_own_only()
    {
        await using var server = await StartAsync();
        string jane = await Account.TokenAsync(server, "jane"), bob = await Account.TokenAsync(server);
        await server.AddTunnelAsync(jane, "of jane");
        await server.AddKeyAsync(jane, "of jane");
        (await server.CallAsync("GET", "/api/tunnels", bob)).Body.Should().Be("""{"success":true,"tunnels":[]}""");
        (await server.CallAsync("GET", "/api/v1/auth/keys", bob)).Body.Should().Be("[]");
        await server.AddTunnelAsync(bob, "of bob");
        var (_, key) = await server.AddKeyAsync(bob, "of bob");
        foreach (string token in new[] { bob, key })
            (await server.CallAsync("GET", "/api/tunnels", token)).Json.GetProperty("tunnels").EnumerateArray().Select(t => t.Text("name")).Should().Equal("of bob");
        (await server.CallAsync("GET", "/api/v1/auth/keys", bob)).Json.EnumerateArray().Select(k => k.Text("name")).Should().Equal("of bob");
        (await server.CallAsync("GET", "/auth/me", key)).Json.GetProperty("user").Text("id").Should().Be("usr_3");
    }

    [Fact]
    public async Task Another_accounts_key_is_as_an_unknown_one()
    {
        await using var server = await StartAsync();
        string jane = await Account.TokenAsync(server, "jane"), bob = await Account.TokenAsync(server);
        var (id, key) = await server.AddKeyAsync(jane);
        await ExpectAlikeAsync(server, "DELETE", bob, "/api/v1/auth/keys/" + id, UnknownKey, """{"error":"API key not found"}""");
        (await server.CallAsync("GET", "/auth/me", key)).Status.Should().Be(200);
        (await server.CallAsync("DELETE", "/api/v1/auth/keys/" + id, jane)).Status.Should().Be(204);
        // Nor does it make a difference that it was there once.
        await ExpectAlikeAsync(server, "DELETE", bob, "/api/v1/auth/keys/" + id, UnknownKey, """{"error":"API key not found"}""");
    }

    [Theory]
    [InlineData("POST", "/regenerate")]
    [InlineData("DELETE", "")]
    public async Task Another_accounts_tunnel_is_as_an_unknown_one(string method, string act)
    {
        await using var server = await StartAsync();
        await server.AddRelayAsync();
        string jane = await Account.TokenAsync(server, "jane"), bob = await Account.TokenAsync(server);
        var (id, token) = await server.AddTunnelAsync(jane);
        await server.AddTunnelAsync(bob);
        await ExpectAlikeAsync(server, method, bob, $"/api/tunnels/{id}{act}", UnknownTunnel + act, """{"success":false,"error":"Tunnel not found"}""");
        (await server.IsActiveAsync(token, "relay")).Should().BeTrue();
        (await server.CallAsync("GET", "/api/tunnels", jane)).Json.GetProperty("tunnels").GetArrayLength().Should().Be(1);
        (await server.CallAsync(method, $"/api/tunnels/{id}{act}", jane)).Status.Should().BeOneOf(200, 204);
    }

    [Fact]
    public async Task An_admin_has_no_more_of_others_than_anyone()
    {
        await using var server = await StartAsync();
        string jane = await Account.TokenAsync(server, "jane"), bob = await Account.TokenAsync(server);
        var (key, _) = await server.AddKeyAsync(bob);
        var (tunnel, _) = await server.AddTunnelAsync(bob);
        await ExpectAlikeAsync(server, "DELETE", jane, "/api/v1/auth/keys/" + key, UnknownKey, """{"error":"API key not found"}""");
        await ExpectAlikeAsync(server, "DELETE", jane, $"/api/tunnels/{tunnel}", UnknownTunnel, """{"success":false,"error":"Tunnel not found"}""");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("999999999999999999999")]
    [InlineData("1.0")]
    [InlineData("one")]
    [InlineData("1;DROP TABLE Tunnels")]
    [InlineData("%F0%9F%98%80")]
    [InlineData("tt_1")]
    public async Task An_id_that_is_none_is_as_an_unknown_one(string id)
    {
        await using var server = await StartAsync();
        string bob = await Account.TokenAsync(server);
        await server.AddTunnelAsync(bob);
        await ExpectAlikeAsync(server, "DELETE", bob, "/api/tunnels/" + id, UnknownTunnel, """{"success":false,"error":"Tunnel not found"}""");
        await ExpectAlikeAsync(server, "POST", bob, $"/api/tunnels/{id}/regenerate", UnknownTunnel + "/regenerate", """{"success":false,"error":"Tunnel not found"}""");
        await ExpectAlikeAsync(server, "DELETE", bob, "/api/v1/auth/keys/" + id, UnknownKey, """{"error":"API key not found"}""");
        await ExpectAlikeAsync(server, "DELETE", bob, "/api/v1/auth/keys/key_" + id, UnknownKey, """{"error":"API key not found"}""");
    }

    [Fact]
    public async Task A_name_is_taken_within_an_account_only()
    {
        await using var server = await StartAsync();
        string jane = await Account.TokenAsync(server, "jane"), bob = await Account.TokenAsync(server);
        await server.AddTunnelAsync(jane, "office");
        (await server.CallAsync("POST", "/api/tunnels", bob, new { name = "Office" })).Status.Should().Be(201);
        (await server.CallAsync("POST", "/api/tunnels", bob, new { name = "OFFICE" })).Status.Should().Be(409);
    }

    [Fact]
    public async Task One_account_ends_nothing_of_another()
    {
        await using var server = await StartAsync();
        string jane = await Account.TokenAsync(server, "jane"), bob = await Account.TokenAsync(server);
        var (_, key) = await server.AddKeyAsync(jane);
        await server.CallAsync("POST", "/api/v1/auth/password", bob, new { current_password = TestImport.Password, new_password = "another horse battery" });
        await server.CallAsync("POST", "/auth/logout", bob);
        (await server.IsGoodEverywhereAsync(jane)).Should().BeTrue();
        (await server.CallAsync("GET", "/auth/me", key)).Json.GetProperty("user").Text("id").Should().Be("usr_1");
        (await Account.SignInAsync(server, "jane")).Status.Should().Be(200);
    }

    private static async Task ExpectAlikeAsync(TestServer server, string method, string bearer, string anothers, string unknown, string body)
    {
        foreach (string path in new[] { anothers, unknown })
        {
            var answer = await server.CallAsync(method, path, bearer);
            (answer.Status, answer.Body).Should().Be((404, body), path);
        }
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(FaceRequests.NoLimits);
}
