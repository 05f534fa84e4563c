using TokenServer.Clients;
using TokenServer.Pruning;
using TokenServer.Storage;
using TokenServer.Tests.Replicas;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>private_key_jwt (RFC 7523, contract section 9): what proves who a client is, and that it does so once.</summary>
public sealed class ClientAssertionTests(ClientAssertionTests.Signers signers) : IClassFixture<ClientAssertionTests.Signers>
{
    private const string Failed = """{"error":"invalid_client","error_description":"client authentication failed"}""";
    private readonly TestServer server = signers.Server;

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("PS256")]
    [InlineData("PS512")]
    public async Task A_signature_of_a_registered_key_is_good(string algorithm)
    {
        var key = new ClientKey(algorithm);
        await RegisterAsync(server, "by" + algorithm, key);
        var answer = await TokenAsync(key.Assert(server, "by" + algorithm));
        answer.Status.Should().Be(200, answer.Body);
        Jwt.Claims(answer["access_token"]!).Text("sub").Should().Be("by" + algorithm);
    }

    [Fact]
    public async Task Every_endpoint_that_authenticates_clients_takes_one()
    {
        string token = (await TokenAsync(signers.Key.Assert(server, "signer")))["access_token"]!;
        var told = await server.PostAsync("/connect/introspect", null, ClientKey.Form(signers.Key.Assert(server, "signer"), ("token", token)));
        (told.Status, told["active"], told["client_id"]).Should().Be((200, "True", "signer"));
        (await server.PostAsync("/connect/revoke", null, ClientKey.Form(signers.Key.Assert(server, "signer"), ("token", token)))).Status.Should().Be(200);
        (await server.IsActiveAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task Pushed_requests_and_devices_take_one_and_a_pushed_request_may_name_its_own_address()
    {
        var client = Registration("pusher", signers.Key);
        (client.GrantTypes, client.RedirectUris) = (["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"], ["https://app.example.com/back"]);
        (await server.Get<ClientRegistry>().AddAsync(client, "test")).Should().BeNull();
        (string, string)[] asked = [("response_type", "code"), ("redirect_uri", "https://app.example.com/back"), ("code_challenge", new string('c', 43)), ("code_challenge_method", "S256"), ("scope", "api")];
        foreach (string path in new[] { "", "/connect/token", "/connect/par" })
        {
            string assertion = signers.Key.Assert(server, "pusher", new { aud = server.Address + path });
            var pushed = await server.PostAsync("/connect/par", null, ClientKey.Form(assertion, asked));
            pushed.Status.Should().Be(201, pushed.Body);
            ShouldFail(await server.PostAsync("/connect/par", null, ClientKey.Form(assertion, asked)));
        }
        ShouldFail(await TokenAsync(signers.Key.Assert(server, "pusher", new { aud = server.Address + "/connect/par" })));
        string shown = signers.Key.Assert(server, "pusher");
        (await server.PostAsync("/connect/device", null, ClientKey.Form(shown, ("scope", "api"))))["device_code"].Should().NotBeNull();
        ShouldFail(await server.PostAsync("/connect/device", null, ClientKey.Form(shown, ("scope", "api"))));
    }

    [Fact]
    public async Task It_is_for_the_issuer_or_for_the_token_endpoint_and_its_type_and_times_may_be_said()
    {
        long now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        object[] good =
        [
            new { aud = server.Address }, new { aud = server.Address + "/connect/token" }, new { aud = new[] { server.Address, server.Address + "/connect/token" } },
            new { iat = now, nbf = now }, new { iat = now + 59, exp = now + 0.5 }, new { exp = now - 59 }, new { exp = now + 660 }, new { jti = new string('j', 200), extra = new { a = 1 } },
        ];
        foreach (object claims in good) (await TokenAsync(signers.Key.Assert(server, "signer", claims))).Status.Should().Be(200, claims.ToString());
        foreach (object header in new object[] { new { typ = "JWT" }, new { typ = "jwt" }, new { typ = "client-authentication+jwt" }, new { typ = "application/client-authentication+jwt" }, new { kid = (string?)null } })
            (await TokenAsync(signers.Key.Assert(server, "signer", header: header))).Status.Should().Be(200, header.ToString());
        (await TokenAsync(signers.Key.Assert(server, "signer"), ("client_id", "signer"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task It_is_good_once_whatever_the_request()
    {
        string assertion = signers.Key.Assert(server, "signer");
        (await TokenAsync(assertion)).Status.Should().Be(200);
        ShouldFail(await TokenAsync(assertion));
        ShouldFail(await server.PostAsync("/connect/introspect", null, ClientKey.Form(assertion, ("token", "x"))));
        ShouldFail(await server.PostAsync("/connect/revoke", null, ClientKey.Form(assertion, ("token", "x"))));
        string introspecting = signers.Key.Assert(server, "signer"), token = await server.WorkerTokenAsync();
        (await server.PostAsync("/connect/introspect", null, ClientKey.Form(introspecting, ("token", token))))["active"].Should().Be("True");
        ShouldFail(await server.PostAsync("/connect/introspect", null, ClientKey.Form(introspecting, ("token", token))));
    }

    [Fact]
    public async Task The_same_id_is_another_clients_own()
    {
        (await TokenAsync(signers.Key.Assert(server, "signer", new { jti = "shared" }))).Status.Should().Be(200);
        (await TokenAsync(signers.Both.Assert(server, "both", new { jti = "shared" }))).Status.Should().Be(200);
        ShouldFail(await TokenAsync(signers.Both.Assert(server, "both", new { jti = "shared" })));
    }

    [Fact]
    public async Task Of_64_at_once_one_wins()
    {
        await using var own = await TestServer.StartAsync(isPatient: true);
        await RegisterAsync(own, "signer", signers.Key);
        string assertion = signers.Key.Assert(own, "signer");
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => own.TokenAsync(null, ClientKey.Form(assertion, ("grant_type", "client_credentials")))));
        answers.Count(a => a.Status == 200).Should().Be(1);
        answers.Where(a => a.Status != 200).Should().OnlyContain(a => a.Status == 401 || a.Status == 429);
    }

    [PostgresFact]
    public async Task On_two_replicas_at_once_one_wins()
    {
        await using var replicas = await ReplicaSet.StartAsync(2, "--TokenServer:Issuer=https://id.example.com");
        await RegisterAsync(replicas[0], "signer", signers.Key);
        (await Eventually.TrueAsync(() => Task.FromResult(replicas[1].Get<ClientRegistry>().Find("signer") is not null), TimeSpan.FromMinutes(1))).Should().BeTrue();
        for (int i = 0; i < 4; i++)
        {
            string assertion = signers.Key.Assert(replicas[0], "signer", new { aud = "https://id.example.com" });
            var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => TokenAsync(replicas[n % 2], assertion)));
            answers.Count(a => a.Status == 200).Should().Be(1);
            answers.Where(a => a.Status != 200).Should().OnlyContain(a => a.Status == 401 || a.Status == 429);
        }
    }

    [Fact]
    public async Task One_that_was_used_is_used_after_a_restart_and_forgotten_when_it_is_over()
    {
        var own = await TestServer.StartAsync(["--TokenServer:Issuer=https://id.example.com"]);
        await RegisterAsync(own, "signer", signers.Key);
        string assertion = signers.Key.Assert(own, "signer", new { aud = "https://id.example.com" });
        (await TokenAsync(own, assertion)).Status.Should().Be(200);
        await own.StopAsync();
        await using (var again = await TestServer.StartAsync(["--TokenServer:Issuer=https://id.example.com"], folder: own.Folder, clock: own.Clock))
        {
            ShouldFail(await TokenAsync(again, assertion));
            again.Clock.Advance(TimeSpan.FromSeconds(119));
            await again.Get<Pruner>().RunAsync(default);
            Kept(again).Should().Be(1);
            again.Clock.Advance(TimeSpan.FromSeconds(2));
            await again.Get<Pruner>().RunAsync(default);
            Kept(again).Should().Be(0);
            ShouldFail(await TokenAsync(again, assertion));
        }
        await own.DisposeAsync();

        static long Kept(TestServer server) => server.Get<Database>().Read(s => s.First("""SELECT count(*) FROM "UsedIds" """, r => (object)r.GetInt64(0))) is long n ? n : 0;
    }

    [Fact]
    public async Task A_client_with_keys_and_a_secret_has_the_choice_until_its_registration_says_otherwise()
    {
        await server.Get<ClientRegistry>().AddAsync(Registration("chooser", signers.Key, method: null, secret: TestImport.Secret), "test");
        (await TokenAsync(signers.Key.Assert(server, "chooser"))).Status.Should().Be(200);
        (await server.TokenAsync("chooser", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        await ChangeAsync("chooser", r => r.TokenEndpointAuthMethod = "private_key_jwt");
        (await TokenAsync(signers.Key.Assert(server, "chooser"))).Status.Should().Be(200);
        ShouldFail(await server.TokenAsync("chooser", ("grant_type", "client_credentials")));
        await ChangeAsync("chooser", r => r.TokenEndpointAuthMethod = "client_secret_basic");
        ShouldFail(await TokenAsync(signers.Key.Assert(server, "chooser")));
        (await server.TokenAsync("chooser", ("grant_type", "client_credentials"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_key_that_is_taken_away_proves_nothing_at_once_and_another_does()
    {
        var (old, fresh) = (new ClientKey(kid: "old"), new ClientKey(kid: "fresh"));
        await RegisterAsync(server, "turning", old);
        string early = old.Assert(server, "turning");
        await ChangeAsync("turning", r => r.Jwks = ClientKey.SetOf(old, fresh));
        (await TokenAsync(early)).Status.Should().Be(200);
        (await TokenAsync(fresh.Assert(server, "turning"))).Status.Should().Be(200);
        await ChangeAsync("turning", r => r.Jwks = fresh.Jwks);
        ShouldFail(await TokenAsync(old.Assert(server, "turning")));
        (await TokenAsync(fresh.Assert(server, "turning"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task Whatever_else_is_registered_while_it_is_looked_at_it_stays_good_and_another_key_ends_it()
    {
        await RegisterAsync(server, "between", signers.Key);
        var clients = server.Get<ClientRegistry>();
        var assertion = server.Get<ClientAssertions>().Read(signers.Key.Assert(server, "between"), audience => audience == server.Address)!;
        await RegisterAsync(server, "beside", signers.Key);
        assertion.IsOf(clients.Find("between")!).Should().BeTrue();
        assertion.IsOf(clients.Find("beside")!).Should().BeFalse();
        await ChangeAsync("between", r => r.Jwks = new ClientKey().Jwks);
        assertion.IsOf(clients.Find("between")!).Should().BeFalse();
    }

    [Fact]
    public async Task A_revoked_client_proves_nothing()
    {
        await RegisterAsync(server, "gone", signers.Key);
        await server.Get<ClientRegistry>().RevokeAsync("gone", "test");
        ShouldFail(await TokenAsync(signers.Key.Assert(server, "gone")));
    }

    [Fact]
    public async Task Failures_count_against_the_address_and_a_good_one_passes_all_the_same()
    {
        await using var own = await TestServer.StartAsync();
        await RegisterAsync(own, "signer", signers.Key);
        for (int i = 0; i < 30; i++) ShouldFail(await TokenAsync(own, signers.Key.Assert(own, "signer", new { aud = "https://elsewhere.example.com" })));
        var limited = await TokenAsync(own, signers.Key.Assert(own, "signer", new { aud = "https://elsewhere.example.com" }));
        (limited.Status, limited["error"]).Should().Be((429, "slow_down"));
        (await TokenAsync(own, signers.Key.Assert(own, "signer"))).Status.Should().Be(200);
        own.AuditedEvents().Count(e => e == "client_authentication.failed").Should().Be(30);
    }

    [Fact]
    public async Task The_metadata_says_so()
    {
        var metadata = (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration"))).Json;
        foreach (string endpoint in new[] { "token_endpoint", "introspection_endpoint", "revocation_endpoint" })
        {
            metadata.Texts(endpoint + "_auth_methods_supported").Should().Contain("private_key_jwt");
            metadata.Texts(endpoint + "_auth_signing_alg_values_supported").Should()
                .BeEquivalentTo("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512");
        }
    }

    private static void ShouldFail(Answer answer) => (answer.Status, answer.Body).Should().Be((401, Failed));

    private Task<Answer> TokenAsync(string assertion, params (string, string)[] more) => TokenAsync(server, assertion, more);

    private static Task<Answer> TokenAsync(TestServer server, string assertion, params (string, string)[] more) =>
        server.TokenAsync(null, ClientKey.Form(assertion, [("grant_type", "client_credentials"), .. more]));

    private static ClientRegistration Registration(string id, ClientKey key, string? method = "private_key_jwt", string? secret = null) => new()
    {
        ClientId = id, ClientSecret = secret, TokenEndpointAuthMethod = method, Jwks = key.Jwks, GrantTypes = ["client_credentials"], Scope = "api", Introspection = true, Audiences = ["api"],
    };

    private static async Task RegisterAsync(TestServer server, string id, ClientKey key) =>
        (await server.Get<ClientRegistry>().AddAsync(Registration(id, key), "test")).Should().BeNull();

    private async Task ChangeAsync(string id, Action<ClientRegistration> change) => (await server.Get<ClientRegistry>().UpdateAsync(id, _ => true, r =>
    {
        change(r);
        return r;
    }, "test")).Refused.Should().BeNull();

    /// <summary>A server with two clients that sign.</summary>
    public sealed class Signers : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;
        internal ClientKey Key { get; } = new();
        internal ClientKey Both { get; } = new("RS256", kid: null);

        public async Task InitializeAsync()
        {
            Server = await TestServer.StartAsync(FaceRequests.NoLimits, isPatient: true);
            await RegisterAsync(Server, "signer", Key);
            await RegisterAsync(Server, "both", Both);
        }

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
