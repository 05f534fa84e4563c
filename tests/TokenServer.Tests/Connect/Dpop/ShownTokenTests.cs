using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Dpop;

/// <summary>A token that is bound to a key is good on this server's own routes with a proof of it, and no other way (RFC 9449 section 7).</summary>
public sealed class ShownTokenTests(DpopServer shared) : IClassFixture<DpopServer>
{
    private const string Algorithms = "algs=\"ES256 ES384 ES512 Ed25519 EdDSA PS256 PS384 PS512\"";
    private readonly TestServer server = shared.Server;
    private readonly DpopKey key = new();

    public static TheoryData<string, string> Routes => new()
    {
        { "GET", "/connect/userinfo" }, { "POST", "/connect/userinfo" }, { "GET", "/api/tunnels" }, { "GET", "/auth/me" }, { "GET", "/v1/auth/me" }, { "GET", "/api/v1/auth/keys" }, { "GET", "/admin/api/clients" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task With_a_proof_it_is_good_and_each_proof_once(string method, string path)
    {
        string token = await TokenAsync(), proof = key.Prove(server, method, path, token);
        foreach (string scheme in (string[])["DPoP", "dpop", "DPOP"])
        {
            proof = key.Prove(server, method, path, token);
            var answer = await server.ShowAsync(method, path, token, proof, scheme);
            answer.Status.Should().Be(200, answer.Body);
            answer.Nonce().Should().NotBeNull();
        }
        Refused(await server.ShowAsync(method, path, token, proof), "invalid_dpop_proof");
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Without_a_proof_or_as_Bearer_it_is_refused_with_a_challenge(string method, string path)
    {
        string token = await TokenAsync();
        Refused(await server.ShowAsync(method, path, token, null, "Bearer"), "invalid_token");
        Refused(await server.ShowAsync(method, path, token, key.Prove(server, method, path, token), "Bearer"), "invalid_token");
        Refused(await server.ShowAsync(method, path, token, null), "invalid_dpop_proof");
        Refused(await server.ShowAsync(method, path, token, "garbage"), "invalid_dpop_proof");
        Refused(await server.ShowAsync(method, path, token, new DpopKey().Prove(server, method, path, token)), "invalid_dpop_proof");
        foreach (object claims in new object[]
        {
            new { ath = (string?)null }, new { ath = DpopKey.Hash(token + "x") }, new { ath = "" }, new { htm = "PUT" }, new { htu = server.Address + path + "/1" }, new { htu = server.Address + "/connect/token" },
            new { iat = 1 }, new { nonce = "x" },
        })
        {
            var answer = await server.ShowAsync(method, path, token, key.Prove(server, method, path, token, claims));
            Refused(answer, claims.ToString()!.Contains("nonce", StringComparison.Ordinal) ? "use_dpop_nonce" : "invalid_dpop_proof");
        }
        (await server.ShowAsync(method, path, token, key.Prove(server, method, path, token))).Status.Should().Be(200);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task What_is_bound_to_no_key_is_Bearer(string method, string path)
    {
        string token = (await server.SignInAsync(user: "jane", scope: "openid profile api admin"))["access_token"]!;
        (await server.ShowAsync(method, path, token, null, "Bearer")).Status.Should().Be(200);
        Refused(await server.ShowAsync(method, path, token, key.Prove(server, method, path, token)), "invalid_token");
    }

    [Fact]
    public async Task The_faces_keep_their_shapes()
    {
        string token = await TokenAsync();
        (await server.ShowAsync("GET", "/auth/me", token, null, "Bearer")).Body.Should().Be("""{"success":false,"error":"Invalid token"}""");
        (await server.ShowAsync("GET", "/api/tunnels", token, "x")).Body.Should().Be("""{"success":false,"error":"Invalid token"}""");
        (await server.ShowAsync("GET", "/api/v1/auth/keys", token, null)).Body.Should().Be("""{"error":"Authentication required"}""");
        (await server.ShowAsync("GET", "/admin/api/clients", token, null))["error"].Should().Be("invalid_dpop_proof");
        (await server.ShowAsync("GET", "/connect/userinfo", token, null, "Bearer"))["error"].Should().Be("invalid_token");
    }

    [Fact]
    public async Task A_client_that_is_always_bound_has_to_sign_a_nonce_here_too()
    {
        string nonce = (await server.BoundAsync(key, "bound")).Nonce()!;
        string token = (await server.SignInAsync(key, "bound", "openid profile api admin", "jane", nonce))["access_token"]!;
        foreach (string path in (string[])["/connect/userinfo", "/auth/me", "/admin/api/clients"])
        {
            var told = await server.ShowAsync("GET", path, token, key.Prove(server, "GET", path, token));
            Refused(told, "use_dpop_nonce");
            var answer = await server.ShowAsync("GET", path, token, key.Prove(server, "GET", path, token, nonce: told.Nonce()));
            (answer.Status, answer.Nonce()).Should().Be((200, null), answer.Body);
        }
    }

    [Fact]
    public async Task A_query_is_no_part_of_the_address_and_a_body_is_the_proofs_own_affair()
    {
        string token = await TokenAsync(), path = "/admin/api/clients";
        (await server.ShowAsync("GET", path + "?limit=1", token, key.Prove(server, "GET", path, token))).Status.Should().Be(200);
        (await server.ShowAsync("GET", path + "?limit=1", token, key.Prove(server, "GET", path + "?limit=2#x", token))).Status.Should().Be(200);
        (await server.ShowAsync("POST", "/api/tunnels", token, key.Prove(server, "POST", "/api/tunnels", token), body: new { name = "one" })).Status.Should().Be(201);
        (await server.ShowAsync("POST", "/admin/api/scopes", token, key.Prove(server, "POST", "/admin/api/scopes", token), body: new { name = "made" })).Status.Should().Be(201);
        (await server.ShowAsync("HEAD", "/auth/me", token, key.Prove(server, "HEAD", "/auth/me", token))).Status.Should().Be(200);
    }

    [Fact]
    public async Task In_a_form_it_is_shown_without_a_proof_and_refused()
    {
        string token = await TokenAsync();
        Refused(await server.ProveAsync([key.Prove(server, "POST", "/connect/userinfo", token)], "/connect/userinfo", null, ("access_token", token)), "invalid_token");
        string plain = (await server.SignInAsync(user: "jane"))["access_token"]!;
        (await server.PostAsync("/connect/userinfo", null, ("access_token", plain))).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_has_ended_is_refused_and_other_kinds_of_tokens_are_Bearer_alone()
    {
        string token = await TokenAsync(), path = "/auth/me";
        (await server.ShowAsync("POST", "/auth/logout", token, key.Prove(server, "POST", "/auth/logout", token))).Status.Should().Be(200);
        var ended = await server.ShowAsync("GET", path, token, key.Prove(server, "GET", path, token));
        (ended.Status, ended.Headers.WwwAuthenticate.ToString()).Should().Be((401, "DPoP realm=\"TokenServer\", error=\"invalid_token\""));
        string plain = (await server.SignInAsync(user: "jane"))["access_token"]!;
        string apiKey = (await server.AddKeyAsync(plain)).Key;
        (await server.ShowAsync("GET", path, apiKey, null, "Bearer")).Status.Should().Be(200);
        Refused(await server.ShowAsync("GET", path, apiKey, key.Prove(server, "GET", path, apiKey)), "invalid_token");
    }

    [Fact]
    public async Task Who_may_not_is_told_so_by_the_scheme_that_was_used()
    {
        string token = (await server.BoundAsync(key))["access_token"]!, path = "/admin/api/clients";
        var answer = await server.ShowAsync("GET", path, token, key.Prove(server, "GET", path, token));
        (answer.Status, answer.Headers.WwwAuthenticate.ToString()).Should().Be((403, "DPoP realm=\"TokenServer\", error=\"insufficient_scope\""), answer.Body);
    }

    [Fact]
    public async Task The_routes_of_servers_take_no_bound_token_of_an_administrator()
    {
        string token = await TokenAsync();
        (await server.ShowAsync("POST", "/revoke", token, null, "Bearer", new { server_id = "srv_0000000000000000" })).Status.Should().Be(401);
        string plain = (await server.SignInAsync(user: "jane", scope: "openid api admin"))["access_token"]!;
        (await server.ShowAsync("POST", "/revoke", plain, null, "Bearer", new { server_id = "srv_0000000000000000" })).Status.Should().NotBe(401);
    }

    private async Task<string> TokenAsync() => (await server.SignInAsync(key, "web", "openid profile api admin", "jane"))["access_token"]!;

    private static void Refused(Answer answer, string error)
    {
        answer.Status.Should().Be(401, answer.Body);
        string challenge = answer.Headers.WwwAuthenticate.ToString();
        challenge.Should().StartWith($"DPoP realm=\"TokenServer\", error=\"{error}\", error_description=\"").And.EndWith(Algorithms);
        if (error == "use_dpop_nonce") answer.Nonce().Should().NotBeNull();
    }
}
