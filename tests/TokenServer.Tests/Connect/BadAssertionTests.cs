using System.Security.Cryptography;
using System.Text;
using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>What is no proof of who a client is (RFC 7523 section 3; FAPI's modules client-assertion-with-wrong-aud-fails,
/// -with-exp-is-5-minutes-in-past-fails, -with-no-sub-fails): all of it answers alike.</summary>
public sealed class BadAssertionTests(BadAssertionTests.Signer signer) : IClassFixture<BadAssertionTests.Signer>
{
    private const string Failed = """{"error":"invalid_client","error_description":"client authentication failed"}""", Elsewhere = "https://elsewhere.example.com";
    private readonly TestServer server = signer.Server;
    private readonly ClientKey key = signer.Key;

    [Fact]
    public async Task Claims_that_are_missing_wrong_or_of_another_type_prove_nothing()
    {
        Func<long, object>[] wrong =
        [
            _ => new { exp = (long?)null }, now => new { exp = now - 61 }, now => new { exp = now - 300 }, now => new { exp = now + 661 }, now => new { exp = now + 3600 }, _ => new { exp = "soon" }, _ => new { exp = -1 }, _ => new { exp = 1e300 },
            _ => new { jti = (string?)null }, _ => new { jti = "" }, _ => new { jti = 7 }, _ => new { jti = new string('j', 201) },
            _ => new { sub = (string?)null }, _ => new { sub = "worker" }, _ => new { sub = 5 }, _ => new { iss = (string?)null }, _ => new { iss = "worker" }, _ => new { iss = "worker", sub = "worker" }, _ => new { iss = "nobody", sub = "nobody" },
            _ => new { iss = "first-party", sub = "first-party" }, _ => new { iss = "mobile", sub = "mobile" },
            _ => new { aud = (string?)null }, _ => new { aud = Elsewhere }, _ => new { aud = new[] { server.Address, Elsewhere } }, _ => new { aud = Array.Empty<string>() }, _ => new { aud = new object[] { server.Address, 5 } },
            _ => new { aud = server.Address + "/connect/introspect" }, _ => new { aud = server.Address.ToUpperInvariant() }, _ => new { aud = "" },
            now => new { nbf = now + 61 }, now => new { iat = now + 61 }, _ => new { nbf = "now" }, _ => new { iat = true },
        ];
        foreach (var claims in wrong)
        {
            LetFailuresPass();
            object said = claims(server.Clock.GetUtcNow().ToUnixTimeSeconds());
            ShouldFail(await TokenAsync(ClientKey.Form(key.Assert(server, "signer", said))), said.ToString());
        }
    }

    [Fact]
    public async Task Another_signature_header_or_form_proves_nothing()
    {
        string good = key.Assert(server, "signer"), claims = good.Split('.')[1];
        byte[] exported = key.Key.ExportSubjectPublicKeyInfo();
        string payload = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(claims));
        string[] wrong =
        [
            new ClientKey().Assert(server, "signer"), new ClientKey("RS256").Assert(server, "signer"), key.Assert(server, "signer", header: new { kid = "two" }),
            key.Assert(server, "signer", header: new { alg = "ES384" }), key.Assert(server, "signer", header: new { alg = "RS256" }), key.Assert(server, "signer", header: new { alg = (string?)null }),
            key.Assert(server, "signer", header: new { crit = new[] { "b64" }, b64 = true }), key.Assert(server, "signer", header: new { typ = "at+jwt" }), key.Assert(server, "signer", header: new { typ = "dpop+jwt" }),
            Jwt.Make("""{"alg":"none"}""", payload, _ => []), Jwt.Make("""{"alg":"HS256","kid":"one"}""", payload, data => HMACSHA256.HashData(exported, data)),
            good[..^2], good + ".", good + ".x", "." + good, "..", "x", good.Replace('.', ' '), claims, key.AssertRaw("[]"), key.AssertRaw(""), key.AssertRaw("null"), key.AssertRaw(payload[..^1]),
            key.AssertRaw(payload[..^1] + ",\"iss\":\"signer\"}"), key.AssertRaw([.. "{\"iss\":\""u8, 0xFF, .. "\"}"u8]), key.Assert(server, "signer", new { filler = new string('f', 8192) }),
            good + new string('A', 50_000),
        ];
        foreach (string assertion in wrong) await ShouldFailAsync(assertion, assertion[..Math.Min(60, assertion.Length)]);
        (await TokenAsync(ClientKey.Form(good))).Status.Should().Be(200, "none of it has used that up");
    }

    [Fact]
    public async Task A_client_that_has_no_keys_or_must_use_its_secret_proves_nothing_with_them()
    {
        foreach (string client in new[] { "worker", "mobile", "plain" }) await ShouldFailAsync(key.Assert(server, client), client);
        await ShouldFailAsync(key.Assert(server, "secretive"), "its registration says client_secret_post");
        var mixed = await TokenAsync(ClientKey.Form(key.Assert(server, "signer"), ("client_id", "worker")));
        (mixed.Status, mixed.Body).Should().Be((401, Failed));
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        var introspected = await server.PostAsync("/connect/introspect", null, ClientKey.Form(key.Assert(server, "signer", new { aud = Elsewhere }), ("token", "x")));
        (introspected.Status, introspected.Body).Should().Be((401, Failed));
    }

    [Fact]
    public async Task Two_methods_or_half_of_one_are_an_invalid_request()
    {
        string good = key.Assert(server, "signer");
        (await TokenAsync(ClientKey.Form(good, ("client_id", "signer"), ("client_secret", TestImport.Secret))))["error"].Should().Be("invalid_request");
        (await server.TokenAsync("worker", ClientKey.Form(good, ("grant_type", "client_credentials"))))["error"].Should().Be("invalid_request");
        (await TokenAsync(("client_assertion", good)))["error"].Should().Be("invalid_request");
        (await TokenAsync(("client_assertion_type", ClientKey.AssertionType), ("client_id", "signer")))["error"].Should().Be("invalid_request");
        (await TokenAsync([.. ClientKey.Form(good), .. ClientKey.Form(good)]))["error"].Should().Be("invalid_request");
        (await TokenAsync(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), ("client_assertion", good)))["error"].Should().Be("invalid_client");
        (await TokenAsync(ClientKey.Form(good))).Status.Should().Be(200, "none of it has used that up");
    }

    private async Task ShouldFailAsync(string assertion, string? because)
    {
        LetFailuresPass();
        ShouldFail(await TokenAsync(ClientKey.Form(assertion)), because);
    }

    private static void ShouldFail(Answer answer, string? because) => (answer.Status, answer.Body).Should().Be((401, Failed), because);

    // So that the limit on failures is none of these tests'.
    private void LetFailuresPass() => server.Clock.Advance(TimeSpan.FromMilliseconds(2100));

    private Task<Answer> TokenAsync(params (string, string)[] form) => server.TokenAsync(null, [("grant_type", "client_credentials"), .. form]);

    /// <summary>A server with a client that signs, and one that may not.</summary>
    public sealed class Signer : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;
        internal ClientKey Key { get; } = new();

        public async Task InitializeAsync()
        {
            Server = await TestServer.StartAsync(FaceRequests.NoLimits, isPatient: true);
            var clients = Server.Get<ClientRegistry>();
            (await clients.AddAsync(new() { ClientId = "signer", TokenEndpointAuthMethod = "private_key_jwt", Jwks = Key.Jwks, GrantTypes = ["client_credentials"], Introspection = true }, "test")).Should().BeNull();
            (await clients.AddAsync(new()
            {
                ClientId = "secretive", ClientSecret = TestImport.Secret, TokenEndpointAuthMethod = "client_secret_post", Jwks = Key.Jwks, GrantTypes = ["client_credentials"],
            }, "test")).Should().BeNull();
        }

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
