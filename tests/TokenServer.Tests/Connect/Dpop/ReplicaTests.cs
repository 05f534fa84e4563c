using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Dpop;

/// <summary>Proofs and nonces at several replicas of one server (contract section 9).</summary>
public sealed class ReplicaTests
{
    private const string Issuer = "https://id.example.com";
    private readonly DpopKey key = new();

    [PostgresFact]
    public async Task A_proof_is_good_once_on_all_replicas_together_and_a_nonce_on_all_of_them()
    {
        await using var replicas = await ReplicaSet.StartAsync(2, "--TokenServer:Issuer=" + Issuer);
        (await replicas[0].Get<ClientRegistry>().AddAsync(new()
        {
            ClientId = "bound", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "api", DpopBoundAccessTokens = true,
        }, "test")).Should().BeNull();
        (await Eventually.TrueAsync(() => Task.FromResult(replicas[1].Get<ClientRegistry>().Find("bound") is not null), TimeSpan.FromMinutes(1))).Should().BeTrue();
        string nonce = (await Ask(replicas[0], Proof())).Nonce()!;
        for (int round = 0; round < 4; round++)
        {
            string proof = Proof(nonce);
            var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Ask(replicas[i % 2], proof)));
            answers.Count(a => a.Status == 200).Should().Be(1);
            foreach (var answer in answers.Where(a => a.Status != 200)) answer.ShouldBeRefused();
            (await Ask(replicas[1], Proof(nonce))).Status.Should().Be(200);
        }

        string Proof(string? given = null) => key.ForTokens(replicas[0], new { htu = Issuer + "/connect/token" }, nonce: given);
        static Task<Answer> Ask(TestServer replica, string proof) => replica.BoundAsync(proof, "bound", ("grant_type", "client_credentials"));
    }

    [PostgresFact]
    public async Task A_bound_token_is_shown_once_with_each_proof_on_all_replicas_together()
    {
        await using var replicas = await ReplicaSet.StartAsync(2, "--TokenServer:Issuer=" + Issuer);
        var tokens = await replicas[0].BoundAsync(key.ForTokens(replicas[0], new { htu = Issuer + "/connect/token" }), "mobile",
            ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "openid offline_access"));
        string token = tokens["access_token"]!, proof = key.Prove(replicas[0], "GET", "/connect/userinfo", token, new { htu = Issuer + "/connect/userinfo" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => replicas[i % 2].ShowAsync("GET", "/connect/userinfo", token, proof)));
        answers.Count(a => a.Status == 200).Should().Be(1);
        answers.Where(a => a.Status != 200).Should().OnlyContain(a => a.Status == 401);
        (string, string)[] refresh = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]!)];
        (await replicas[1].BoundAsync(new DpopKey().ForTokens(replicas[1], new { htu = Issuer + "/connect/token" }), "mobile", refresh)).ShouldBeRefused("invalid_grant");
        (await replicas[1].BoundAsync(key.ForTokens(replicas[1], new { htu = Issuer + "/connect/token" }), "mobile", refresh)).Status.Should().Be(200);
    }

    [PostgresFact]
    public async Task What_is_no_proof_is_none_at_any_replica_and_uses_nothing_up()
    {
        await using var replicas = await ReplicaSet.StartAsync(2, "--TokenServer:Issuer=" + Issuer);
        const string tokens = Issuer + "/connect/token", resource = Issuer + "/connect/userinfo";
        long now = replicas.Clock.GetUtcNow().ToUnixTimeSeconds();
        var secret = ((System.Security.Cryptography.ECDsa)key.Key.Key).ExportParameters(true);
        object[] wrongClaims =
        [
            new { htm = "GET" }, new { htm = "post" }, new { htm = "PUT" }, new { htm = (string?)null },
            new { htu = tokens + "/" }, new { htu = Issuer + "/connect/Token" }, new { htu = "http://id.example.com/connect/token" }, new { htu = Issuer + ":8443/connect/token" },
            new { htu = Issuer + ".evil.example/connect/token" }, new { htu = "https://id.example.com./connect/token" }, new { htu = "https://me@id.example.com/connect/token" },
            new { htu = Issuer + "/connect%2Ftoken" }, new { htu = Issuer + "//connect/token" }, new { htu = replicas[0].Address + "/connect/token" }, new { htu = "/connect/token" },
            new { htu = tokens, iat = now - 61 }, new { htu = tokens, iat = now + 61 }, new { htu = tokens, iat = now - 3600 }, new { htu = tokens, jti = (string?)null }, new { htu = tokens, nbf = now + 120 }, new { htu = tokens, exp = now - 61 },
        ];
        object[] wrongHeaders =
        [
            new { alg = "none" }, new { alg = "HS256" }, new { alg = "RS256" }, new { alg = "ES384" }, new { typ = "JWT" }, new { crit = new[] { "exp" } },
            new { jwk = new Dictionary<string, object>(key.Key.Jwk) { ["d"] = System.Buffers.Text.Base64Url.EncodeToString(secret.D) } }, new { jwk = new { kty = "oct", k = "c2VjcmV0" } },
            new { jwk = new DpopKey("PS256").Key.Jwk }, new { jwk = new DpopKey("ES384").Key.Jwk }, new { jwk = new DpopKey().Key.Jwk },
        ];
        int at = 0;
        foreach (object claims in wrongClaims) foreach (var replica in Both()) (await AskAsync(replica, key.ForTokens(replicas[0], claims))).ShouldBeRefused();
        foreach (object header in wrongHeaders) foreach (var replica in Both()) (await AskAsync(replica, key.ForTokens(replicas[0], new { htu = tokens }, header))).ShouldBeRefused();
        foreach (string htu in (string[])[tokens + "?a=b", tokens + "#f", "HTTPS://ID.EXAMPLE.COM:443/connect/token", Issuer + "/connect/./token", Issuer + "/%63onnect/token"])
            (await AskAsync(replicas[at++ % 2], key.ForTokens(replicas[0], new { htu }))).Status.Should().Be(200, htu);

        // A nonce of one is good at the other, until it is too old at both; one that is made up is at neither.
        string nonce = (await AskAsync(replicas[0], Proof(null))).Nonce()!;
        (await AskAsync(replicas[1], Proof(nonce))).Status.Should().Be(200);
        foreach (var replica in Both()) (await AskAsync(replica, Proof(new string('A', 32)))).ShouldBeRefused("use_dpop_nonce");
        replicas.Clock.Advance(TimeSpan.FromSeconds(301));
        foreach (var replica in Both()) (await AskAsync(replica, Proof(nonce))).ShouldBeRefused("use_dpop_nonce");

        // A token that is bound, shown at the other replica in every way but the right one.
        var got = await replicas[0].BoundAsync(Proof(null), "mobile", ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "openid offline_access"));
        string token = got["access_token"]!, good = Show(new { });
        foreach (var replica in Both())
        {
            (await replica.ShowAsync("GET", "/connect/userinfo", token, null, "Bearer")).Status.Should().Be(401);
            (await replica.ShowAsync("GET", "/connect/userinfo", token, good, "Bearer")).Status.Should().Be(401);
            (await replica.ShowAsync("GET", "/connect/userinfo", token, null)).Status.Should().Be(401);
            foreach (object claims in new object[] { new { ath = DpopKey.Hash("another") }, new { ath = (string?)null }, new { htm = "POST" }, new { htu = tokens } })
                (await replica.ShowAsync("GET", "/connect/userinfo", token, Show(claims))).Status.Should().Be(401, claims.ToString());
            (await replica.ShowAsync("GET", "/connect/userinfo", token, new DpopKey().Prove(replicas[0], "GET", "/connect/userinfo", token, new { htu = resource }))).Status.Should().Be(401);
            (string, string)[] refresh = [("grant_type", "refresh_token"), ("refresh_token", got["refresh_token"]!)];
            (await replica.BoundAsync(new DpopKey().ForTokens(replicas[0], new { htu = tokens }), "mobile", refresh)).ShouldBeRefused("invalid_grant");
            (await replica.TokenAsync(null, [("client_id", "mobile"), .. refresh])).ShouldBeRefused("invalid_grant");
        }
        (await replicas[1].ShowAsync("GET", "/connect/userinfo", token, good)).Status.Should().Be(200, "none of it has used that up");
        (await replicas[0].ShowAsync("GET", "/connect/userinfo", token, good)).Status.Should().Be(401);

        IEnumerable<TestServer> Both() => [replicas[0], replicas[1]];
        string Proof(string? given) => key.ForTokens(replicas[0], new { htu = tokens }, nonce: given);
        string Show(object claims) => key.Prove(replicas[0], "GET", "/connect/userinfo", token, With(claims));
        static Task<Answer> AskAsync(TestServer replica, string proof) => replica.BoundAsync(proof, "worker", ("grant_type", "client_credentials"));

        static Dictionary<string, object?> With(object claims)
        {
            var all = new Dictionary<string, object?> { ["htu"] = resource };
            foreach (var property in claims.GetType().GetProperties()) all[property.Name] = property.GetValue(claims);
            return all;
        }
    }

    [Fact]
    public async Task One_that_was_used_is_used_after_a_restart()
    {
        var own = await TestServer.StartAsync(["--TokenServer:Issuer=" + Issuer]);
        string proof = key.ForTokens(own, new { htu = Issuer + "/connect/token" });
        (await own.BoundAsync(proof, "worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        await own.StopAsync();
        await using (var again = await TestServer.StartAsync(["--TokenServer:Issuer=" + Issuer], folder: own.Folder, clock: own.Clock))
            (await again.BoundAsync(proof, "worker", ("grant_type", "client_credentials"))).ShouldBeRefused();
        await own.DisposeAsync();
    }

    [SqliteFact("used proofs are rows on PostgreSQL, which answers for them")]
    public async Task After_the_machine_stopped_a_proof_has_to_have_a_nonce_of_the_new_start()
    {
        var own = await TestServer.StartAsync(["--TokenServer:Issuer=" + Issuer]);
        string proof = key.ForTokens(own, new { htu = Issuer + "/connect/token" });
        (await own.BoundAsync(proof, "worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        await own.StopAsync();
        string run = Directory.GetFiles(own.Folder, "*.db", SearchOption.AllDirectories).Single() + ".used-proofs.run";
        File.Exists(run).Should().BeFalse("it ended in order");
        // What a machine leaves that lost its power, and with it the last second.
        await File.WriteAllTextAsync(run, "another run of the machine");
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(run)!, "*.used-proofs-*")) File.Delete(file);
        await using (var again = await TestServer.StartAsync(["--TokenServer:Issuer=" + Issuer], folder: own.Folder, clock: own.Clock))
        {
            var due = await again.BoundAsync(proof, "worker", ("grant_type", "client_credentials"));
            (due.Status, due["error"]).Should().Be((400, "use_dpop_nonce"));
            (await again.BoundAsync(key.ForTokens(again, new { htu = Issuer + "/connect/token" }, nonce: due.Nonce()), "worker", ("grant_type", "client_credentials")))
                .Status.Should().Be(200);
            again.Clock.Advance(TimeSpan.FromMinutes(12));
            (await again.BoundAsync(key.ForTokens(again, new { htu = Issuer + "/connect/token" }), "worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
        }
        await own.DisposeAsync();
    }
}
