using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TokenServer.Storage;
using TokenServer.Tests.Support;
using TokenServer.Tokens.Dpop;

namespace TokenServer.Tests.Connect.Dpop;

/// <summary>Every check of RFC 9449 section 4.3 at the token endpoint: what is no proof binds nothing and gives nothing.</summary>
public sealed class ProofTests(DpopServer shared) : IClassFixture<DpopServer>
{
    private readonly TestServer server = shared.Server;
    private readonly DpopKey key = new();

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("Ed25519")]
    [InlineData("EdDSA")]
    public async Task A_proof_binds_the_access_token_to_its_key(string algorithm)
    {
        var own = new DpopKey(algorithm);
        for (int i = 0; i < 2; i++)
        {
            var answer = await server.BoundAsync(own);
            answer.Status.Should().Be(200, answer.Body);
            answer["token_type"].Should().Be("DPoP");
            Jwt.Claims(answer["access_token"]!).GetProperty("cnf").GetRawText().Should().Be($$"""{"jkt":"{{own.Thumbprint}}"}""");
        }
    }

    [Fact]
    public async Task Without_a_proof_nothing_is_bound()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"));
        answer["token_type"].Should().Be("Bearer");
        Jwt.Claims(answer["access_token"]!).Names().Should().NotContain("cnf");
        answer.Nonce().Should().BeNull();
    }

    [Fact]
    public async Task The_metadata_says_what_a_proof_may_be_signed_with()
    {
        foreach (string path in (string[])["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"])
            (await server.CallAsync("GET", path)).Json.Texts("dpop_signing_alg_values_supported").Should().Equal("ES256", "ES384", "ES512", "Ed25519", "EdDSA", "PS256", "PS384", "PS512");
    }

    [Fact]
    public async Task A_proof_is_good_once_whatever_the_request()
    {
        string proof = key.ForTokens(server);
        (await Ask(proof)).Status.Should().Be(200);
        for (int i = 0; i < 3; i++) (await Ask(proof)).ShouldBeRefused();
        (await server.BoundAsync(proof, "opaque", ("grant_type", "client_credentials"))).ShouldBeRefused();
        string same = key.ForTokens(server, new { jti = "once" });
        (await Ask(same)).Status.Should().Be(200);
        (await Ask(key.ForTokens(server, new { jti = "once", iat = Now - 1 }))).ShouldBeRefused();
        (await Ask(new DpopKey().ForTokens(server, new { jti = "once" }))).Status.Should().Be(200, "the id is another key's, too");
    }

    [Fact]
    public async Task Of_32_at_once_one_wins()
    {
        string proof = key.ForTokens(server);
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Ask(proof)));
        answers.Count(a => a.Status == 200).Should().Be(1);
        foreach (var answer in answers.Where(a => a.Status != 200)) answer.ShouldBeRefused();
    }

    [Fact]
    public async Task It_is_for_this_method_and_this_address()
    {
        foreach (object claims in new object[]
        {
            new { htm = "GET" }, new { htm = "post" }, new { htm = "" }, new { htm = (string?)null }, new { htm = 1 },
            new { htu = (string?)null }, new { htu = "" }, new { htu = "/connect/token" }, new { htu = server.Address }, new { htu = server.Address + "/connect/token/" },
            new { htu = server.Address + "/connect/introspect" }, new { htu = server.Address + "/Connect/Token" }, new { htu = "https://other.example/connect/token" },
            new { htu = server.Address.Replace("http:", "https:", StringComparison.Ordinal) + "/connect/token" }, new { htu = server.Address.Replace("http://", "http://user@", StringComparison.Ordinal) + "/connect/token" },
            new { htu = "ftp://x/connect/token" }, new { htu = 7 }, new { htu = new[] { server.Address + "/connect/token" } },
        }) (await Ask(key.ForTokens(server, claims))).ShouldBeRefused();
    }

    [Fact]
    public async Task Query_and_fragment_are_no_part_of_the_address_and_its_spelling_is_normalized()
    {
        var address = new Uri(server.Address);
        foreach (string htu in (string[])
        [
            server.Address + "/connect/token?a=1", server.Address + "/connect/token#f", server.Address + "/connect/./token", server.Address + "/x/../connect/token",
            $"HTTP://{address.Host.ToUpperInvariant()}:{address.Port}/connect/token", server.Address + "/%63onnect/token",
        ]) (await Ask(key.ForTokens(server, new { htu }))).Status.Should().Be(200, htu);
        await using var own = await TestServer.StartAsync(["--TokenServer:Issuer=https://id.example.com/tenant"], DpopRequests.Import, isPatient: true);
        foreach (string htu in (string[])["https://id.example.com/tenant/connect/token", "https://ID.example.com:443/tenant/connect/token"])
            (await own.BoundAsync(key.ForTokens(own, new { htu }), "worker", ("grant_type", "client_credentials"))).Status.Should().Be(200, htu);
        foreach (string htu in (string[])[own.Address + "/connect/token", "https://id.example.com/connect/token", "https://id.example.com:8443/tenant/connect/token", "http://id.example.com/tenant/connect/token"])
            (await own.BoundAsync(key.ForTokens(own, new { htu }), "worker", ("grant_type", "client_credentials"))).ShouldBeRefused();
        // A name that is not ASCII is written as browsers and the issuer write it.
        await using var umlaut = await TestServer.StartAsync(["--TokenServer:Issuer=https://xn--bcher-kva.example"], DpopRequests.Import, isPatient: true);
        foreach (string htu in (string[])["https://xn--bcher-kva.example/connect/token", "https://XN--BCHER-KVA.example:443/connect/token"])
            (await umlaut.BoundAsync(key.ForTokens(umlaut, new { htu }), "worker", ("grant_type", "client_credentials"))).Status.Should().Be(200, htu);
        foreach (string htu in (string[])["https://bucher.example/connect/token", "https://xn--bcher-kva.example.evil.example/connect/token", "https://b\u00fccher.example.evil.example/connect/token"])
            (await umlaut.BoundAsync(key.ForTokens(umlaut, new { htu }), "worker", ("grant_type", "client_credentials"))).ShouldBeRefused();
    }

    [Fact]
    public async Task It_is_for_now_give_or_take_a_minute()
    {
        foreach (long off in (long[])[-60, -59, 0, 59, 60]) (await Ask(key.ForTokens(server, new { iat = Now + off }))).Status.Should().Be(200, $"{off}");
        (await Ask(key.ForTokens(server, new { iat = Now + 0.5 }))).Status.Should().Be(200);
        (await Ask(key.ForTokens(server, new { nbf = Now, exp = Now + 300 }))).Status.Should().Be(200);
        foreach (object claims in new object[]
        {
            new { iat = Now - 61 }, new { iat = Now + 61 }, new { iat = Now - 3600 }, new { iat = Now + 3600 }, new { iat = 0 }, new { iat = -1 }, new { iat = 1e300 },
            new { iat = long.MaxValue }, new { iat = "now" }, new { iat = (long?)null }, new { exp = Now - 60 }, new { nbf = Now + 61 }, new { exp = "x" }, new { nbf = "x" },
        }) (await Ask(key.ForTokens(server, claims))).ShouldBeRefused();
    }

    [Fact]
    public async Task Its_claims_are_there_and_of_their_types()
    {
        foreach (object claims in new object[]
        {
            new { jti = (string?)null }, new { jti = "" }, new { jti = 1 }, new { jti = new string('j', 201) }, new { nonce = 1 }, new { ath = 1 }, new { nonce = new[] { "x" } },
        }) (await Ask(key.ForTokens(server, claims))).ShouldBeRefused();
        foreach (object claims in new object[] { new { jti = new string('j', 200) }, new { more = new { a = 1 } }, new { iss = "me", aud = "you" } })
            (await Ask(key.ForTokens(server, claims))).Status.Should().Be(200);
        foreach (string payload in (string[])["[]", "7", "null", "{", "", $$"""{"jti":"a","jti":"b","htm":"POST","htu":"{{server.Address}}/connect/token","iat":{{Now}}}""", "{\"jti\":\"\\ud800\"}"])
            (await Ask(key.Key.AssertRaw(payload, new { typ = "dpop+jwt", jwk = key.Key.Jwk }))).ShouldBeRefused();
    }

    [Fact]
    public async Task Its_header_says_that_it_is_a_proof()
    {
        (await Ask(key.ForTokens(server, header: new { typ = "DPOP+jwt", kid = "any", more = 1 }))).Status.Should().Be(200);
        foreach (object header in new object[]
        {
            new { typ = (string?)null }, new { typ = "JWT" }, new { typ = "at+jwt" }, new { typ = 1 }, new { crit = new[] { "exp" } },
            new { alg = (string?)null }, new { alg = "none" }, new { alg = "NONE" }, new { alg = "HS256" }, new { alg = "RS256" }, new { alg = "ES384" }, new { alg = "PS256" }, new { alg = "EdDSA" }, new { alg = "" },
        }) (await Ask(key.ForTokens(server, header: header))).ShouldBeRefused();
    }

    [Fact]
    public async Task Its_key_is_public_and_the_signature_is_its_own()
    {
        var secret = ((ECDsa)key.Key.Key).ExportParameters(true);
        Dictionary<string, object> With(string name, object value) => new(key.Key.Jwk) { [name] = value };
        foreach (object? jwk in new object?[]
        {
            null, 7, "x", Array.Empty<object>(), new { }, new { kty = "oct", k = "c2VjcmV0" }, With("d", System.Buffers.Text.Base64Url.EncodeToString(secret.D)), With("d", ""), With("k", "x"),
            new DpopKey().Key.Jwk, new DpopKey("ES384").Key.Jwk, new DpopKey("PS256").Key.Jwk, With("use", "enc"), With("alg", "ES384"), With("crv", "P-384"), With("crv", "secp256k1"), With("kty", "OKP"),
            With("x", ""), With("x", "AAAA"), With("y", key.Key.Jwk["x"]), With("kty", "RSA"), new { kty = "RSA", n = "AQAB", e = "AQAB" }, With("x", key.Key.Jwk["x"] + "="), With("x", key.Key.Jwk["x"] + " "),
            new Dictionary<string, object>(new DpopKey("PS256").Key.Jwk) { ["N"] = "!!!!", ["E"] = "AQ" },
        }) (await Ask(key.ForTokens(server, header: new { jwk }))).ShouldBeRefused();
        string proof = key.ForTokens(server);
        string[] parts = proof.Split('.');
        foreach (string bad in (string[])
        [
            $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}", $"{parts[0]}.{parts[1]}.AAAA", $"{parts[0]}.{parts[1]}.{new string('A', 86)}", $"{proof}.x", $"{proof}=", "", " ", "garbage", "a.b.c", proof[..^4] + "AAAA",
            new('x', 20_000), $"{parts[0]}.{Other(parts[1])}.{parts[2]}",
        ]) (await Ask(bad)).ShouldBeRefused();
        (await Ask(proof)).Status.Should().Be(200, "none of them has used it up");
    }

    [Fact]
    public async Task An_Edwards_key_is_of_its_curve_and_no_point_that_signs_everything()
    {
        var own = new DpopKey("Ed25519");
        string x = (string)own.Key.Jwk["x"];
        // The neutral element: a lax verifier takes this one signature of it for any text.
        string neutral = System.Buffers.Text.Base64Url.EncodeToString([1, .. new byte[31]]);
        foreach (object jwk in new object[]
        {
            new { kty = "OKP", crv = "Ed25519" }, new { kty = "OKP", x }, new { kty = "OKP", crv = "X25519", x }, new { kty = "OKP", crv = "Ed448", x }, new { kty = "EC", crv = "Ed25519", x },
            new { kty = "OKP", crv = "Ed25519", x, d = x }, new { kty = "OKP", crv = "Ed25519", x, alg = "ES256" }, new { kty = "OKP", crv = "Ed25519", x, alg = "EdDSA" }, new { kty = "OKP", crv = "Ed25519", x, use = "enc" },
            new { kty = "OKP", crv = "Ed25519", x = x[..^2] }, new { kty = "OKP", crv = "Ed25519", x = x + "AA" }, new { kty = "OKP", crv = "Ed25519", x = x + "=" }, new DpopKey("Ed25519").Key.Jwk,
        }) (await Ask(own.ForTokens(server, header: new { jwk }))).ShouldBeRefused();
        string claims = JsonSerializer.Serialize(new { jti = "neutral", htm = "POST", htu = server.Address + "/connect/token", iat = Now });
        string header = JsonSerializer.Serialize(new { typ = "dpop+jwt", alg = "Ed25519", jwk = new { kty = "OKP", crv = "Ed25519", x = neutral } });
        (await Ask(Jwt.Make(header, claims, _ => [1, .. new byte[63]]))).ShouldBeRefused();
        string proof = own.ForTokens(server);
        int at = proof.LastIndexOf('.') + 10;
        (await Ask($"{proof[..at]}{(proof[at] == 'A' ? 'B' : 'A')}{proof[(at + 1)..]}")).ShouldBeRefused();
        (await Ask(proof)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_signature_by_a_secret_that_everybody_knows_is_none()
    {
        // RFC 8725 section 2.1: the public key as the secret of an HMAC.
        byte[] jwk = JsonSerializer.SerializeToUtf8Bytes(key.Key.Jwk);
        string claims = JsonSerializer.Serialize(new { jti = "mac", htm = "POST", htu = server.Address + "/connect/token", iat = Now });
        foreach (string alg in (string[])["HS256", "none"])
        {
            string header = JsonSerializer.Serialize(new { typ = "dpop+jwt", alg, jwk = key.Key.Jwk });
            (await Ask(Jwt.Make(header, claims, data => alg == "none" ? [] : HMACSHA256.HashData(jwk, data)))).ShouldBeRefused();
        }
    }

    [Fact]
    public async Task A_certificate_beside_the_key_signs_nothing()
    {
        var own = new DpopKey("PS256");
        using var other = RSA.Create(2048);
        var now = server.Clock.GetUtcNow();
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=other", other, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var jwk = new Dictionary<string, object>(own.Key.Jwk) { ["x5c"] = new[] { Convert.ToBase64String(certificate.RawData) } };
        string header = JsonSerializer.Serialize(new { typ = "dpop+jwt", alg = "PS256", jwk });
        string claims = JsonSerializer.Serialize(new { jti = "certificate", htm = "POST", htu = server.Address + "/connect/token", iat = Now });
        (await Ask(Jwt.Make(header, claims, data => other.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)))).ShouldBeRefused();
        (await Ask(own.ForTokens(server))).Status.Should().Be(200);
    }

    [Fact]
    public async Task There_is_one_header_of_it()
    {
        (string, string) grant = ("grant_type", "client_credentials");
        (await server.ProveAsync([key.ForTokens(server), key.ForTokens(server)], "/connect/token", "worker", grant)).ShouldBeRefused();
        (await server.ProveAsync([$"{key.ForTokens(server)}, {key.ForTokens(server)}"], "/connect/token", "worker", grant)).ShouldBeRefused();
        (await server.ProveAsync([key.ForTokens(server)], "/connect/token", "worker", grant)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_client_that_is_nobody_is_told_so_first()
    {
        var answer = await server.BoundAsync("garbage", "nobody", ("grant_type", "client_credentials"));
        (answer.Status, answer["error"]).Should().Be((401, "invalid_client"));
        string proof = key.ForTokens(server);
        (await server.BoundAsync(proof, "nobody", ("grant_type", "client_credentials")))["error"].Should().Be("invalid_client");
        (await Ask(proof)).Status.Should().Be(200, "it was not used");
    }

    [Fact]
    public async Task A_stranger_who_names_a_public_client_has_nothing_written()
    {
        long before = Kept();
        foreach (var (client, grant) in ((string, (string, string)[])[])
        [
            ("mobile", [("grant_type", "refresh_token"), ("refresh_token", "rt_" + new string('A', 43))]), ("mobile", [("grant_type", "refresh_token"), ("refresh_token", "x")]),
            ("tv", [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", "dc_" + new string('A', 43))]),
            ("app", [("grant_type", "authorization_code"), ("code", "ac_" + new string('A', 43)), ("redirect_uri", "com.example.app:/cb"), ("code_verifier", CodeClient.Verifier)]),
        ]) (await server.BoundAsync(key.ForTokens(server), client, grant)).ShouldBeRefused("invalid_grant");
        Kept().Should().Be(before);

        long Kept() => (server.Get<IUsedProofs>() is RememberedProofs remembered ? remembered.Count : 0) + Rows();
        long Rows() => server.Get<Database>().Read(s => s.First("""SELECT count(*) FROM "UsedIds" """, r => (object)r.GetInt64(0))) is long n ? n : 0;
    }

    private long Now => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    private Task<Answer> Ask(string proof) => server.BoundAsync(proof, "worker", ("grant_type", "client_credentials"));

    private static string Other(string payload) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(payload)).Replace("proof", "prooF", StringComparison.Ordinal)));
}
