using System.Text.Json;
using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Conformance;

/// <summary>
/// The modules of the OpenID Foundation's FAPI 2.0 Security Profile plan (fapi2-security-profile-final-test-plan) that concern client
/// assertions (<c>private_key_jwt</c>), each a test of its name, with what it checks. docs/conformance.md lists them, and what is not held.
/// </summary>
public sealed class Fapi2ClientAssertionTests(Fapi2ClientAssertionTests.Signer signer) : IClassFixture<Fapi2ClientAssertionTests.Signer>
{
    private readonly TestServer server = signer.Server;
    private readonly ClientKey key = signer.Key;

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint()
    {
        (await TokenAsync(ClientKey.Form(key.Assert(server, "fapi-signer")))).Status.Should().Be(200);
        Refused(await TokenAsync(("client_id", "fapi-signer")));
        Refused(await TokenAsync(ClientKey.Form("", ("client_id", "fapi-signer"))));
    }

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails() =>
        Refused(await TokenAsync(ClientKey.Form(key.Assert(server, "fapi-signer", new { exp = Now - 300 }))));

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails() =>
        Refused(await TokenAsync(ClientKey.Form(key.Assert(server, "fapi-signer", new { aud = "https://www.example.com/token" }))));

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails() =>
        Refused(await TokenAsync(ClientKey.Form(key.Assert(server, "fapi-signer", new { sub = (string?)null }))));

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_client_id_in_token_endpoint()
    {
        Refused(await TokenAsync(ClientKey.Form(key.Assert(server, "fapi-signer"), ("client_id", "fapi-other"))));
        // The second client's name, and an assertion of its that the first client's key signed.
        Refused(await TokenAsync(ClientKey.Form(key.Assert(server, "fapi-other"), ("client_id", "fapi-other"))));
    }

    [Fact]
    public async Task Fapi2_security_profile_final_ensure_signed_client_assertion_with_RS256_fails()
    {
        // As the suite has it: the registered key says that it signs by PS256.
        Refused(await TokenAsync(ClientKey.Form(new ClientKey("RS256").Assert(server, "fapi-probabilistic"))));
        (await TokenAsync(ClientKey.Form(new ClientKey("PS256").Assert(server, "fapi-probabilistic")))).Status.Should().Be(200);
    }

    [Fact]
    public async Task Fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted()
    {
        var pushed = await PushAsync(key.Assert(server, "fapi-signer", new { iat = Now + 8, nbf = Now + 8 }));
        pushed.Status.Should().Be(201, pushed.Body);
    }

    [Fact]
    public async Task Fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails() =>
        Refused(await PushAsync(key.Assert(server, "fapi-signer", new { iat = Now + 65, nbf = Now + 65, exp = Now + 125 })));

    [Fact]
    public async Task Fapi2_security_profile_final_par_test_array_as_audience_fails() =>
        Refused(await PushAsync(key.Assert(server, "fapi-signer", new { aud = new[] { server.Address, "https://www.example.com" } })));

    [Fact]
    public async Task Fapi2_security_profile_final_par_ensure_request_uri_is_bound_to_client()
    {
        var pushed = await PushAsync(key.Assert(server, "fapi-signer"));
        pushed.Status.Should().Be(201, pushed.Body);
        var browser = await Web.Browser.OfAsync(server);
        var page = await browser.GetAsync(CodeClient.Query([("client_id", "fapi-other"), ("request_uri", pushed["request_uri"]!)]));
        page.Status.Should().Be(400);
    }

    private long Now => server.Clock.GetUtcNow().ToUnixTimeSeconds();

    private static void Refused(Answer answer)
    {
        answer.Status.Should().BeOneOf([400, 401], answer.Body);
        answer["error"].Should().BeOneOf("invalid_client", "invalid_request");
    }

    private Task<Answer> TokenAsync(params (string, string)[] form) => server.TokenAsync(null, [("grant_type", "client_credentials"), .. form]);

    private Task<Answer> PushAsync(string assertion) => server.PostAsync("/connect/par", null, ClientKey.Form(assertion, CodeClient.Parameters("fapi-signer")));

    /// <summary>A server with clients that sign.</summary>
    public sealed class Signer : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;
        internal ClientKey Key { get; } = new();

        public async Task InitializeAsync()
        {
            Server = await TestServer.StartAsync(FaceRequests.NoLimits, isPatient: true);
            var jwk = new Dictionary<string, object>(new ClientKey("PS256").Jwk) { ["alg"] = "PS256" };
            await AddAsync("fapi-signer", Key.Jwks);
            await AddAsync("fapi-other", new ClientKey().Jwks);
            await AddAsync("fapi-probabilistic", JsonSerializer.SerializeToElement(new { keys = new[] { jwk } }));
        }

        public async Task DisposeAsync() => await Server.DisposeAsync();

        private async Task AddAsync(string client, JsonElement keys) => (await Server.Get<ClientRegistry>().AddAsync(new()
        {
            ClientId = client, TokenEndpointAuthMethod = "private_key_jwt", Jwks = keys, GrantTypes = ["client_credentials", "authorization_code"],
            RedirectUris = [CodeClient.Callback], RequirePushedAuthorizationRequests = true, ConsentType = "implicit", Scope = "openid api",
        }, "test")).Should().BeNull();
    }
}
