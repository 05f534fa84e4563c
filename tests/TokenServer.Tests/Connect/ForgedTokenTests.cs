using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Access tokens that this server did not issue, or not so, are exactly inactive (RFC 8725, contract section 1).</summary>
public sealed class ForgedTokenTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task A_token_put_together_as_the_server_does_is_active()
    {
        string token = Sign(Encoding.UTF8.GetBytes(await ClaimsAsync()));
        (await server.IsActiveAsync(token)).Should().BeTrue();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("")]
    public async Task Without_a_signature_a_token_is_inactive(string algorithm) =>
        await ExpectInactiveAsync(Jwt.Make(Header(algorithm, Key.KeyId), await ClaimsAsync(), _ => []));

    [Fact]
    public async Task A_token_of_a_foreign_key_is_inactive()
    {
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await ExpectInactiveAsync(Jwt.Make(Header("ES256", "foreign"), await ClaimsAsync(), signed => foreign.SignData(signed, HashAlgorithmName.SHA256)));
    }

    [Fact]
    public async Task A_token_of_a_foreign_key_under_our_kid_is_inactive()
    {
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await ExpectInactiveAsync(Jwt.Make(Header("ES256", Key.KeyId), await ClaimsAsync(), signed => foreign.SignData(signed, HashAlgorithmName.SHA256)));
    }

    [Fact]
    public async Task A_key_that_the_token_brings_along_does_not_count()
    {
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = foreign.ExportParameters(false).Q;
        string jwk = $$"""{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        string header = $$"""{"alg":"ES256","kid":"{{Key.KeyId}}","typ":"at+jwt","jwk":{{jwk}}}""";
        await ExpectInactiveAsync(Jwt.Make(header, await ClaimsAsync(), signed => foreign.SignData(signed, HashAlgorithmName.SHA256)));
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("RS256")]
    public async Task A_token_authenticated_by_HS256_under_a_public_key_is_inactive(string algorithm)
    {
        var key = server.Get<KeyRing>().Active(algorithm);
        var keys = JsonNode.Parse(await server.Http.GetStringAsync("/.well-known/jwks"))!["keys"]!.AsArray();
        byte[] published = Encoding.UTF8.GetBytes(keys.Single(k => (string)k!["kid"]! == key.KeyId)!.ToJsonString());
        await ExpectInactiveAsync(Jwt.Make(Header("HS256", key.KeyId), await ClaimsAsync(), signed => HMACSHA256.HashData(published, signed)));
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("jwt")]
    [InlineData("at+JWTx")]
    [InlineData("precheck+jwt")]
    [InlineData("")]
    public async Task A_token_of_another_type_is_inactive(string type) =>
        await ExpectInactiveAsync(Jwt.Make(Key, type, Encoding.UTF8.GetBytes(await ClaimsAsync())));

    [Fact]
    public async Task A_token_without_a_type_is_inactive() =>
        await ExpectInactiveAsync(Jwt.Make($$"""{"alg":"ES256","kid":"{{Key.KeyId}}"}""", await ClaimsAsync(), Signature));

    [Fact]
    public async Task A_token_with_extensions_that_must_be_understood_is_inactive() =>
        await ExpectInactiveAsync(Jwt.Make($$"""{"alg":"ES256","kid":"{{Key.KeyId}}","typ":"at+jwt","crit":["exp"]}""", await ClaimsAsync(), Signature));

    [Fact]
    public async Task A_token_under_the_id_tokens_algorithm_says_another_algorithm_than_its_key_has() =>
        await ExpectInactiveAsync(Jwt.Make(Header("RS256", Key.KeyId), await ClaimsAsync(), Signature));

    [Theory]
    [InlineData("exp", -1)]
    [InlineData("exp", 0)]
    [InlineData("iat", 61)]
    [InlineData("nbf", 61)]
    public async Task An_expired_or_not_yet_valid_token_is_inactive(string claim, int seconds) =>
        await ExpectInactiveAsync(Sign(Encoding.UTF8.GetBytes(await ClaimsAsync(c => c[claim] = server.Clock.GetUtcNow().ToUnixTimeSeconds() + seconds))));

    [Theory]
    [InlineData("exp")]
    [InlineData("iat")]
    [InlineData("iss")]
    [InlineData("sub")]
    [InlineData("aud")]
    [InlineData("client_id")]
    [InlineData("jti")]
    [InlineData("scope")]
    public async Task A_token_without_a_claim_that_must_be_there_is_inactive(string claim) =>
        await ExpectInactiveAsync(Sign(Encoding.UTF8.GetBytes(await ClaimsAsync(c => c.Remove(claim)))));

    [Fact]
    public async Task A_token_of_an_unknown_client_is_inactive() =>
        await ExpectInactiveAsync(Sign(Encoding.UTF8.GetBytes(await ClaimsAsync(c => c["client_id"] = "nobody"))));

    [Fact]
    public async Task A_token_of_another_issuer_is_inactive_where_the_issuer_is_set()
    {
        await using var own = await TestServer.StartAsync(["--TokenServer:Issuer=http://issuer.example"]);
        var claims = JsonNode.Parse(Jwt.Claims(await own.WorkerTokenAsync()).GetRawText())!.AsObject();
        claims["iss"] = "http://issuer.example/";
        string token = Jwt.Make(own.Get<KeyRing>().Active("ES256"), "at+jwt", Encoding.UTF8.GetBytes(claims.ToJsonString()));
        (await own.IntrospectAsync(token)).Body.Should().Be("""{"active":false}""");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_token_changed_in_any_part_is_inactive(int part)
    {
        string[] parts = (await server.WorkerTokenAsync()).Split('.');
        char[] text = parts[part].ToCharArray();
        text[text.Length / 2] = text[text.Length / 2] == 'A' ? 'B' : 'A';
        parts[part] = new string(text);
        await ExpectInactiveAsync(string.Join('.', parts));
    }

    [Fact]
    public async Task A_payload_under_another_tokens_signature_is_inactive()
    {
        string[] one = (await server.WorkerTokenAsync()).Split('.'), other = (await server.WorkerTokenAsync()).Split('.');
        await ExpectInactiveAsync($"{one[0]}.{other[1]}.{one[2]}");
    }

    [Theory]
    [InlineData("{0}=")]
    [InlineData("{0}==")]
    [InlineData("{0} ")]
    [InlineData(" {0}")]
    [InlineData("{0}\n")]
    [InlineData("{0}.")]
    [InlineData("{0}.x")]
    [InlineData("{0}AAAA")]
    public async Task A_token_spelled_otherwise_than_it_was_issued_is_inactive(string spelling) =>
        await ExpectInactiveAsync(spelling.Replace("{0}", await server.WorkerTokenAsync()));

    [Fact]
    public async Task A_signature_with_bits_to_spare_set_is_inactive()
    {
        string token = await server.WorkerTokenAsync();
        await ExpectInactiveAsync(token[..^1] + (char)(token[^1] + 1));
    }

    [Fact]
    public async Task A_reference_token_with_bits_to_spare_set_is_inactive()
    {
        string token = await server.WorkerTokenAsync("opaque");
        await ExpectInactiveAsync(token[..^1] + (char)(token[^1] + 1));
    }

    [Theory]
    [InlineData("{\"alg\":\"ES256\",\"kid\":\"\\ud800\",\"typ\":\"at+jwt\"}")]
    [InlineData("{\"alg\":\"\\udc00\",\"kid\":\"x\",\"typ\":\"at+jwt\"}")]
    [InlineData("{\"alg\":1,\"kid\":2,\"typ\":3}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("\"alg\"")]
    public async Task A_header_that_is_no_header_is_inactive(string header) => await ExpectInactiveAsync(Jwt.Make(header, await ClaimsAsync(), Signature));

    [Fact]
    public async Task A_header_that_is_not_UTF_8_is_inactive() =>
        await ExpectInactiveAsync(Jwt.Make([.. "{\"alg\":\"ES256\",\"kid\":\""u8, 0xFF, .. "\",\"typ\":\"at+jwt\"}"u8], await ClaimsAsync(), Signature));

    [Fact]
    public async Task A_deeply_nested_header_is_inactive() =>
        await ExpectInactiveAsync(Jwt.Make("{\"x\":" + new string('[', 2000) + new string(']', 2000) + "}", "{}", Signature));

    private SigningKey Key => server.Get<KeyRing>().Active("ES256");

    private string Sign(byte[] payload) => Jwt.Make(Key, "at+jwt", payload);

    private byte[] Signature(byte[] signed) => Jwt.Sign(Key, signed);

    private static string Header(string algorithm, string keyId) => $$"""{"alg":"{{algorithm}}","kid":"{{keyId}}","typ":"at+jwt"}""";

    // The claims of a live token, changed.
    private async Task<string> ClaimsAsync(Action<JsonObject>? change = null)
    {
        var claims = JsonNode.Parse(Jwt.Claims(await server.WorkerTokenAsync()).GetRawText())!.AsObject();
        change?.Invoke(claims);
        return claims.ToJsonString();
    }

    // Every endpoint that takes an access token says so.
    private async Task ExpectInactiveAsync(string token)
    {
        var answer = await server.IntrospectAsync(token);
        (answer.Status, answer.Body).Should().Be((200, """{"active":false}"""));
        (await server.PostAsync("/connect/userinfo", null, ("access_token", token))).Status.Should().Be(401);
        (await server.PostAsync("/connect/revoke", "worker", ("token", token))).Status.Should().Be(200);
    }
}
