using System.Buffers.Text;
using System.Text.Json;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// Metadata and keys: OpenIddict makes a URI of the issuer, which adds a slash, and lists what belongs to flows that are not there
/// (contract section 1).
/// </summary>
public sealed class DiscoveryTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("https://issuer.example")]
    [InlineData("https://issuer.example/")]
    [InlineData("https://issuer.example/path")]
    public async Task The_issuer_is_the_same_text_everywhere_and_every_address_stands_under_it(string issuer)
    {
        await using var own = await TestServer.StartAsync(["--TokenServer:Issuer=" + issuer]);
        var signedIn = await own.SignInAsync(scope: "openid");
        foreach (string kind in (string[])["access_token", "id_token"]) Jwt.Claims(signedIn[kind]!).Text("iss").Should().Be(issuer);
        Jwt.Claims(signedIn["access_token"]!).Text("aud").Should().Be(issuer);
        foreach (string token in (string[])[signedIn["access_token"]!, (await own.SignInAsync(scope: "offline_access"))["refresh_token"]!])
            (await own.IntrospectAsync(token, "web"))["iss"].Should().Be(issuer);
        (await own.UserInfoAsync(signedIn["access_token"]!)).Status.Should().Be(200);
        foreach (string document in (string[])[Calls.Configuration, Calls.Server])
        {
            var metadata = (await own.AskAsync("GET", document)).Json;
            metadata.Text("issuer").Should().Be(issuer);
            foreach (var (name, path) in new[]
            {
                ("token_endpoint", Calls.Token), ("introspection_endpoint", Calls.Introspect), ("revocation_endpoint", Calls.Revoke),
                ("userinfo_endpoint", Calls.UserInfo), ("jwks_uri", Calls.Jwks),
            })
                metadata.Text(name).Should().Be(issuer.TrimEnd('/') + path);
        }
    }

    [Fact]
    public async Task Nothing_is_listed_of_flows_and_features_that_are_not_there()
    {
        (await server.AskAsync("GET", Calls.Configuration)).Json.Names().Should().NotContain(
        [
            "registration_endpoint", "check_session_iframe", "require_pushed_authorization_requests", "mtls_endpoint_aliases",
        ]);
    }

    [Fact]
    public async Task What_is_not_supported_by_default_is_said_to_be_so()
    {
        var metadata = (await server.AskAsync("GET", Calls.Configuration)).Json;
        metadata.Texts("subject_types_supported").Should().Equal("public");
        foreach (string name in (string[])["claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported"])
            metadata.GetProperty(name).ValueKind.Should().Be(JsonValueKind.False, name);
    }

    [Fact]
    public async Task No_list_names_anything_twice_and_no_member_is_null()
    {
        foreach (var member in (await server.AskAsync("GET", Calls.Configuration)).Json.EnumerateObject())
        {
            member.Value.ValueKind.Should().NotBe(JsonValueKind.Null, member.Name);
            if (member.Value.ValueKind == JsonValueKind.Array)
                member.Value.EnumerateArray().Should().OnlyHaveUniqueItems(v => v.GetString());
        }
    }

    [Theory]
    [InlineData(Calls.Configuration)]
    [InlineData(Calls.Server)]
    [InlineData(Calls.Jwks)]
    public async Task A_parameter_in_the_address_changes_nothing(string path)
    {
        string body = (await server.AskAsync("GET", path)).Body;
        (await server.AskAsync("GET", path + "?client_id=web&client_id=web&request=x")).Body.Should().Be(body);
    }

    [Fact]
    public async Task A_key_is_told_with_its_public_parts_in_base64url_and_nothing_more()
    {
        foreach (var key in (await server.AskAsync("GET", Calls.Jwks)).Json.GetProperty("keys").EnumerateArray())
        {
            bool isEc = key.Text("kty") == "EC";
            string[] parts = isEc ? ["crv", "x", "y"] : ["n", "e"];
            key.Names().Should().BeEquivalentTo([.. parts, "kty", "use", "alg", "kid"]);
            (key.Text("kty"), key.Text("alg"), key.Text("use")).Should().Be((isEc ? "EC" : "RSA", isEc ? "ES256" : "RS256", "sig"));
            if (isEc) (key.Text("crv"), Length(key, "x"), Length(key, "y")).Should().Be(("P-256", 32, 32));
            else (Length(key, "n"), key.Text("e")).Should().Be((256, "AQAB"));
        }
    }

    [Fact]
    public async Task Every_algorithm_that_is_listed_has_a_key_and_every_key_an_algorithm_that_is_listed()
    {
        var listed = (await server.AskAsync("GET", Calls.Configuration)).Json.Texts("id_token_signing_alg_values_supported");
        var keys = (await server.AskAsync("GET", Calls.Jwks)).Json.GetProperty("keys").EnumerateArray();
        keys.Select(k => k.Text("alg")).Distinct().Should().BeEquivalentTo(listed);
    }

    private static int Length(JsonElement key, string name)
    {
        key.Text(name).Should().MatchRegex("^[A-Za-z0-9_-]+$");
        return Base64Url.DecodeFromChars(key.Text(name)).Length;
    }
}
