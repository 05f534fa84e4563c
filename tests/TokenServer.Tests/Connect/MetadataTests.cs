using System.Text.Json;
using TokenServer.Keys;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>The metadata documents list exactly what works (RFC 8414, OpenID Connect Discovery 1.0).</summary>
public sealed class MetadataTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task Both_addresses_have_the_same_document()
    {
        string openId = await server.Http.GetStringAsync("/.well-known/openid-configuration");
        (await server.Http.GetStringAsync("/.well-known/oauth-authorization-server")).Should().Be(openId);
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/.well-known/oauth-authorization-server")]
    [InlineData("/.well-known/jwks")]
    public async Task Metadata_and_keys_may_be_cached(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var answer = await server.SendAsync(request);
        answer.Status.Should().Be(200);
        answer.Headers.CacheControl!.Public.Should().BeTrue();
        answer.Headers.CacheControl.NoStore.Should().BeFalse();
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
    }

    [Theory]
    [InlineData("authorization_endpoint", "/connect/authorize")]
    [InlineData("pushed_authorization_request_endpoint", "/connect/par")]
    [InlineData("token_endpoint", "/connect/token")]
    [InlineData("introspection_endpoint", "/connect/introspect")]
    [InlineData("revocation_endpoint", "/connect/revoke")]
    [InlineData("userinfo_endpoint", "/connect/userinfo")]
    [InlineData("end_session_endpoint", "/connect/endsession")]
    [InlineData("jwks_uri", "/.well-known/jwks")]
    [InlineData("device_authorization_endpoint", "/connect/device")]
    public async Task Every_endpoint_has_its_address(string name, string path) => (await MetadataAsync()).Text(name).Should().Be(server.Address + path);

    [Fact]
    public async Task There_is_no_word_of_a_flow_that_does_not_exist()
    {
        var metadata = await MetadataAsync();
        metadata.Texts("response_types_supported").Should().Equal("code");
        metadata.Names().Should().NotContain(["registration_endpoint", "check_session_iframe", "backchannel_authentication_endpoint"]);
    }

    [Fact]
    public async Task Every_grant_type_that_is_listed_is_supported()
    {
        foreach (string type in (await MetadataAsync()).Texts("grant_types_supported"))
            (await server.TokenAsync("api", ("grant_type", type)))["error"].Should().Be("unauthorized_client", type);
    }

    [Fact]
    public async Task The_grant_types_are_listed() => (await MetadataAsync()).Texts("grant_types_supported").Should()
        .Contain(["password", "refresh_token", "client_credentials", "urn:tokenserver:grant-type:two_factor"]).And.Contain("authorization_code").And.NotContain("implicit");

    [Fact]
    public async Task The_scopes_are_listed() => (await MetadataAsync()).Texts("scopes_supported").Should().BeEquivalentTo("admin", "api", "email", "files", "offline_access", "openid", "profile");

    [Fact]
    public async Task The_algorithms_of_id_tokens_are_listed() => (await MetadataAsync()).Texts("id_token_signing_alg_values_supported").Should().BeEquivalentTo("RS256", "ES256");

    [Theory]
    [InlineData("token_endpoint_auth_methods_supported", "client_secret_basic client_secret_post private_key_jwt none")]
    [InlineData("introspection_endpoint_auth_methods_supported", "client_secret_basic client_secret_post private_key_jwt")]
    [InlineData("revocation_endpoint_auth_methods_supported", "client_secret_basic client_secret_post private_key_jwt none")]
    public async Task The_methods_of_client_authentication_are_listed(string name, string methods) => (await MetadataAsync()).Texts(name).Should().BeEquivalentTo(methods.Split(' '));

    [Fact]
    public async Task The_claims_of_id_tokens_and_UserInfo_are_listed_and_no_other()
    {
        var signedIn = await server.SignInAsync(scope: "openid profile email");
        var told = (await server.UserInfoAsync(signedIn["access_token"]!)).Json.Names().Union(Jwt.Claims(signedIn["id_token"]!).Names());
        (await MetadataAsync()).Texts("claims_supported").Should().BeEquivalentTo(told);
    }

    [Fact]
    public async Task The_issuer_is_the_one_in_the_tokens()
    {
        (await MetadataAsync()).Text("issuer").Should().Be(Jwt.Claims(await server.WorkerTokenAsync()).Text("iss"));
    }

    [Theory]
    [InlineData("https://issuer.example")]
    [InlineData("https://issuer.example/")]
    [InlineData("https://issuer.example/path")]
    public async Task The_issuer_is_the_setting_to_the_letter(string issuer)
    {
        await using var own = await TestServer.StartAsync(["--TokenServer:Issuer=" + issuer]);
        var metadata = await MetadataAsync(own);
        metadata.Text("issuer").Should().Be(issuer);
        metadata.Text("token_endpoint").Should().Be(issuer.TrimEnd('/') + "/connect/token");
        Jwt.Claims(await own.WorkerTokenAsync()).Text("iss").Should().Be(issuer);
    }

    [Fact]
    public async Task The_keys_are_public_and_of_both_algorithms_one_announced_ahead()
    {
        var keys = await KeysAsync(server);
        keys.GroupBy(k => k.Text("alg")).ToDictionary(g => g.Key, g => g.Count()).Should().BeEquivalentTo(new Dictionary<string, int> { ["ES256"] = 2, ["RS256"] = 2 });
        foreach (var key in keys)
        {
            key.Text("use").Should().Be("sig");
            key.Names().Should().BeSubsetOf(["kty", "crv", "x", "y", "n", "e", "use", "alg", "kid"]);
        }
        keys.Select(k => k.Text("kid")).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task A_key_is_announced_before_it_signs_and_stays_published_after()
    {
        await using var own = await TestServer.StartAsync();
        string[] before = [.. (await KeysAsync(own)).Select(k => k.Text("kid"))];
        await own.Get<KeyRing>().RotateAsync("ES256", "test");
        before.Should().Contain(Jwt.Header(await own.WorkerTokenAsync()).Text("kid"));
        (await KeysAsync(own)).Select(k => k.Text("kid")).Should().Contain(before).And.HaveCount(before.Length + 1);
    }

    private Task<JsonElement> MetadataAsync() => MetadataAsync(server);

    private static async Task<JsonElement> MetadataAsync(TestServer server) => JsonDocument.Parse(await server.Http.GetStringAsync("/.well-known/openid-configuration")).RootElement;

    private static async Task<JsonElement[]> KeysAsync(TestServer server) =>
        [.. JsonDocument.Parse(await server.Http.GetStringAsync("/.well-known/jwks")).RootElement.GetProperty("keys").EnumerateArray()];
}
