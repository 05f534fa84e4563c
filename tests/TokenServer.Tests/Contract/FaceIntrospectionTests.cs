using TokenServer.Accounts;
using TokenServer.Storage.Rows;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>What introspection says of the faces' tokens, and to whom (contract section 1, the table of introspection).</summary>
public sealed class FaceIntrospectionTests
{
    [Theory]
    [InlineData("InTunnel", 24 * 3600)]
    [InlineData("VpnEnterprise", 3600)]
    [InlineData("Account", 3600)]
    public async Task An_access_token_of_an_account_face_is_for_api(string face, int lifetime)
    {
        await using var server = await TestServer.StartAsync();
        var login = face switch { "InTunnel" => await server.InTunnelLoginAsync(), "VpnEnterprise" => await server.VpnLoginAsync(), _ => await server.AccountLoginAsync() };
        var answer = await server.IntrospectAsync(login["token"]!);
        ShouldKnow(answer, "access", "api", "1", "jane");
        (answer["token_type"], answer["iss"]).Should().Be(("Bearer", server.Address));
        (answer.Json.Number("exp") - answer.Json.Number("iat")).Should().Be(lifetime);
        answer.Json.Number("iat").Should().Be(server.Clock.GetUtcNow().ToUnixTimeSeconds());
        answer.Json.Names().Should().Contain(["client_id", "jti", "scope"]);
        await ShouldNotBeToldToAsync(server, login["token"]!, "web", "relay", "gate");
    }

    [Theory]
    [InlineData("InTunnel")]
    [InlineData("VpnEnterprise")]
    [InlineData("Account")]
    public async Task An_access_token_of_an_account_face_is_an_ES256_one_of_the_core(string face)
    {
        await using var server = await TestServer.StartAsync();
        var login = face switch { "InTunnel" => await server.InTunnelLoginAsync(), "VpnEnterprise" => await server.VpnLoginAsync(), _ => await server.AccountLoginAsync() };
        string token = login["token"]!;
        (Jwt.Header(token).Text("alg"), Jwt.Header(token).Text("typ")).Should().Be(("ES256", "at+jwt"));
        Jwt.Claims(token).Names().Should().Contain(["iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope", "auth_time", "sid", "role"]);
        (Jwt.Claims(token).Text("sub"), Jwt.Claims(token).Text("aud"), Jwt.Claims(token).Text("role")).Should().Be(("1", "api", "admin"));
        (await server.IsSignedByPublishedKeyAsync(token)).Should().BeTrue();
    }

    [Fact]
    public async Task An_API_key_is_for_api()
    {
        await using var server = await TestServer.StartAsync();
        string key = (await server.ApiKeyAsync(await server.AccountTokenAsync())).Key;
        var answer = await server.IntrospectAsync(key);
        ShouldKnow(answer, "api_key", "api", "1", "jane");
        answer.Json.Names().Should().NotContain("exp");
        await ShouldNotBeToldToAsync(server, key, "web", "relay", "gate");
    }

    [Fact]
    public async Task A_tunnel_token_is_for_tunnel()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddIntrospectorAsync("relay", "tunnel");
        string token = (await server.TunnelAsync(await server.SessionTokenAsync("bob"))).Token;
        var answer = await server.IntrospectAsync(token, "relay");
        ShouldKnow(answer, "tunnel", "tunnel", "3", "bob");
        answer.Json.Names().Should().NotContain("exp");
        await ShouldNotBeToldToAsync(server, token, "api", "web", "gate");
    }

    [Fact]
    public async Task A_PIN_token_is_for_pin()
    {
        await using var server = await TestServer.StartAsync();
        await server.SetPinAsync();
        await server.AddIntrospectorAsync("gate", "pin");
        string token = await server.PinTokenAsync();
        var answer = await server.IntrospectAsync(token, "gate");
        (answer.Json.GetProperty("active").GetBoolean(), answer["token_use"], answer["aud"]).Should().Be((true, "pin", "pin"));
        (answer.Json.Number("exp") - answer.Json.Number("iat")).Should().Be(15 * 60);
        answer.Json.Names().Should().NotContain("username");
        await ShouldNotBeToldToAsync(server, token, "api", "web", "relay");
        server.Clock.Advance(TimeSpan.FromMinutes(15));
        (await server.IntrospectAsync(token, "gate")).Body.Should().Be("""{"active":false}""");
    }

    [Fact]
    public async Task A_faces_refresh_token_and_temp_token_are_told_to_nobody()
    {
        await using var server = await TestServer.StartAsync();
        await ShouldNotBeToldToAsync(server, (await server.VpnLoginAsync())["refresh_token"]!, "api", "web", "relay");
        await ShouldNotBeToldToAsync(server, (await server.AccountLoginAsync("john"))["temp_token"]!, "api", "web", "relay");
    }

    [Fact]
    public async Task Of_a_disabled_account_every_token_is_inactive_and_keys_and_tunnels_come_back_with_it()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddIntrospectorAsync("relay", "tunnel");
        string token = await server.AccountTokenAsync("bob"), key = (await server.ApiKeyAsync(token)).Key, tunnel = (await server.TunnelAsync(token)).Token;
        var accounts = server.Get<UserAccounts>();
        await accounts.DisableAsync(accounts.Find(3)!, "test");
        (await server.IsActiveAsync(token), await server.IsActiveAsync(key), await server.IsActiveAsync(tunnel, "relay")).Should().Be((false, false, false));
        (await server.GetAsync("/auth/me", key)).ShouldFail(401, "Invalid token");
        (await server.GetAsync("/auth/me", token)).ShouldFail(401, "Invalid token");
        (await server.AccountLoginAsync("bob")).ShouldFailPlainly(401, "Invalid credentials");
        (await server.InTunnelLoginAsync("bob")).ShouldFail(401, "Invalid email or password");
        await accounts.EnableAsync(accounts.Find(3)!, "test");
        (await server.IsActiveAsync(token), await server.IsActiveAsync(key), await server.IsActiveAsync(tunnel, "relay")).Should().Be((false, true, true));
    }

    private static void ShouldKnow(Answer answer, string use, string audience, string subject, string userName) =>
        (answer.Status, answer["active"], answer["token_use"], answer["aud"], answer["sub"], answer["username"]).Should().Be((200, "True", use, audience, subject, userName));

    private static async Task ShouldNotBeToldToAsync(TestServer server, string token, params string[] clients)
    {
        foreach (string client in clients)
        {
            if (client is "relay" or "gate") await server.AddIntrospectorAsync(client, client == "relay" ? "tunnel" : "pin");
            (await server.IntrospectAsync(token, client)).Body.Should().Be("""{"active":false}""");
        }
    }
}
