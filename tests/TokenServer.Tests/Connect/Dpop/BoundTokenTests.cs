using TokenServer.Clients;
using TokenServer.Tests.Connect.Device;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Dpop;

/// <summary>A proof at the token endpoint binds what every grant gives (RFC 9449 section 5, contract section 9).</summary>
public sealed class BoundTokenTests(DpopServer shared) : IClassFixture<DpopServer>
{
    private readonly TestServer server = shared.Server;
    private readonly DpopKey key = new(), other = new();

    [Fact]
    public async Task Introspection_says_so_of_signed_and_of_opaque_tokens()
    {
        foreach (string client in (string[])["worker", "opaque"])
        {
            string token = (await server.BoundAsync(key, client))["access_token"]!;
            for (int i = 0; i < 2; i++)
            {
                var told = await server.IntrospectAsync(token);
                (told["active"], told["token_type"], told.Json.GetProperty("cnf").GetRawText()).Should().Be(("True", "DPoP", $$"""{"jkt":"{{key.Thumbprint}}"}"""), client);
            }
        }
        (await server.IntrospectAsync(await server.WorkerTokenAsync())).Json.Names().Should().NotContain("cnf");
    }

    [Fact]
    public async Task What_was_decided_before_is_remembered_without_its_key()
    {
        (string, string) grant = ("grant_type", "client_credentials");
        for (int i = 0; i < 3; i++)
        {
            foreach (var one in (DpopKey[])[key, other])
                Jwt.Claims((await server.BoundAsync(one))["access_token"]!).GetProperty("cnf").Text("jkt").Should().Be(one.Thumbprint);
            var unbound = await server.TokenAsync("worker", grant);
            (unbound["token_type"], Jwt.Claims(unbound["access_token"]!).TryGetProperty("cnf", out _)).Should().Be(("Bearer", false));
            (await server.BoundAsync("garbage", "worker", grant)).ShouldBeRefused();
        }
        string proof = key.ForTokens(server), nonce = (await server.BoundAsync(key, "bound")).Nonce()!;
        (await server.BoundAsync(proof, "worker", grant)).Status.Should().Be(200);
        (await server.BoundAsync(proof, "worker", grant)).ShouldBeRefused();
        for (int i = 0; i < 2; i++)
        {
            (await server.BoundAsync(key, "bound", nonce)).Status.Should().Be(200);
            (await server.BoundAsync(key, "bound")).ShouldBeRefused("use_dpop_nonce");
            (await server.TokenAsync("bound", grant)).ShouldBeRefused();
        }
    }

    [Fact]
    public async Task A_registration_that_comes_to_demand_proofs_counts_at_once()
    {
        await using var own = await TestServer.StartAsync(FaceRequests.NoLimits, DpopRequests.Import, isPatient: true);
        for (int i = 0; i < 2; i++) (await own.WorkerTokenAsync()).Should().NotBeNull();
        (await own.BoundAsync(key)).Status.Should().Be(200);
        (await own.Get<ClientRegistry>().UpdateAsync("worker", _ => true, r =>
        {
            r.DpopBoundAccessTokens = true;
            return r;
        }, "test")).Refused.Should().BeNull();
        (await own.TokenAsync("worker", ("grant_type", "client_credentials"))).ShouldBeRefused();
        (await own.BoundAsync(key)).ShouldBeRefused("use_dpop_nonce");
    }

    [Fact]
    public async Task A_public_clients_refresh_token_is_bound()
    {
        var tokens = await server.SignInAsync(key);
        Jwt.Claims(tokens["access_token"]!).GetProperty("cnf").Text("jkt").Should().Be(key.Thumbprint);
        string refresh = tokens["refresh_token"]!;
        (await Refresh(refresh, null)).ShouldBeRefused("invalid_grant");
        (await Refresh(refresh, other)).ShouldBeRefused("invalid_grant");
        (await server.BoundAsync("garbage", "mobile", ("grant_type", "refresh_token"), ("refresh_token", refresh))).ShouldBeRefused();
        var next = await Refresh(refresh, key);
        (next.Status, next["token_type"]).Should().Be((200, "DPoP"), next.Body);
        (await Refresh(refresh, key))["refresh_token"].Should().Be(next["refresh_token"], "the leeway gives the same successor");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await Refresh(refresh, other)).ShouldBeRefused("invalid_grant");
        (await Refresh(refresh, null)).ShouldBeRefused("invalid_grant");
        (await Refresh(next["refresh_token"]!, key)).Status.Should().Be(200, "who has not the key cannot end the session");
    }

    [Fact]
    public async Task A_public_client_may_begin_to_prove_a_key_and_has_to_from_then_on()
    {
        var tokens = await server.TokenAsync(null, ("client_id", "mobile"), ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "offline_access api"));
        tokens = await Refresh(tokens["refresh_token"]!, null);
        tokens["token_type"].Should().Be("Bearer");
        string before = tokens["refresh_token"]!;
        tokens = await Refresh(before, key);
        tokens["token_type"].Should().Be("DPoP");
        (await Refresh(tokens["refresh_token"]!, null)).ShouldBeRefused("invalid_grant");
        (await Refresh(before, null)).ShouldBeRefused("invalid_grant");
        (await Refresh(tokens["refresh_token"]!, other)).ShouldBeRefused("invalid_grant");
        (await Refresh(tokens["refresh_token"]!, key)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_confidential_client_proves_itself_and_may_change_its_key()
    {
        var tokens = await server.SignInAsync(key, "web");
        (string, string)[] Refreshing() => [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]!)];
        tokens = await server.BoundAsync(other.ForTokens(server), "web", Refreshing());
        Jwt.Claims(tokens["access_token"]!).GetProperty("cnf").Text("jkt").Should().Be(other.Thumbprint);
        (await server.TokenAsync("web", Refreshing()))["token_type"].Should().Be("Bearer");
    }

    [Fact]
    public async Task The_second_factor_binds_too()
    {
        var first = await server.BoundAsync(key.ForTokens(server), "mobile", ("grant_type", "password"), ("username", "john"), ("password", TestImport.Password), ("scope", "offline_access api"));
        first["error"].Should().Be("mfa_required");
        (string, string)[] second = [("grant_type", "urn:tokenserver:grant-type:two_factor"), ("temp_token", first["temp_token"]!), ("code", server.TotpCode())];
        var tokens = await server.BoundAsync(key.ForTokens(server), "mobile", second);
        (tokens.Status, tokens["token_type"]).Should().Be((200, "DPoP"), tokens.Body);
        (await Refresh(tokens["refresh_token"]!, null)).ShouldBeRefused("invalid_grant");
        (await Refresh(tokens["refresh_token"]!, key)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_device_binds_its_tokens()
    {
        var asked = await server.PostAsync("/connect/device", null, ("client_id", "tv"), ("scope", "offline_access api"));
        (string, string)[] poll = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", asked["device_code"]!)];
        (await server.BoundAsync(key.ForTokens(server), "tv", poll)).ShouldBeRefused("authorization_pending");
        (await (await Browser.OfAsync(server)).DecideAsync(asked["user_code"]!)).Status.Should().BeLessThan(400);
        (await server.BoundAsync("garbage", "tv", poll)).ShouldBeRefused();
        var tokens = await server.BoundAsync(key.ForTokens(server), "tv", poll);
        (tokens.Status, tokens["token_type"]).Should().Be((200, "DPoP"), tokens.Body);
        (await server.TokenAsync(null, ("client_id", "tv"), ("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"]!))).ShouldBeRefused("invalid_grant");
    }

    [Fact]
    public async Task What_is_bound_is_exchanged_for_what_is_bound()
    {
        string subject = (await server.SignInAsync(key))["access_token"]!, plain = await server.WorkerTokenAsync();
        (await Exchange(subject, null)).ShouldBeRefused();
        var exchanged = await Exchange(subject, other);
        (exchanged.Status, exchanged["token_type"]).Should().Be((200, "DPoP"), exchanged.Body);
        Jwt.Claims(exchanged["access_token"]!).GetProperty("cnf").Text("jkt").Should().Be(other.Thumbprint);
        (await server.IntrospectAsync(exchanged["access_token"]!)).Json.GetProperty("cnf").Text("jkt").Should().Be(other.Thumbprint);
        string own = (await server.BoundAsync(key, "gate"))["access_token"]!;
        (await Exchange(own, other)).ShouldBeRefused();
        (await Exchange(own, key)).Status.Should().Be(200);
        (await Exchange(plain, null))["token_type"].Should().Be("Bearer");
        (await Exchange(plain, key))["token_type"].Should().Be("DPoP");
        (string, string)[] actor = [("actor_token", own), ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token")];
        (await Exchange(plain, null, actor)).ShouldBeRefused();
        (await Exchange(plain, other, actor)).ShouldBeRefused();
        Jwt.Claims((await Exchange(plain, key, actor))["access_token"]!).GetProperty("act").Text("sub").Should().Be("gate");
    }

    private Task<Answer> Refresh(string token, DpopKey? by)
    {
        (string, string)[] form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        return by is null ? server.TokenAsync(null, [("client_id", "mobile"), .. form]) : server.BoundAsync(by.ForTokens(server), "mobile", form);
    }

    private Task<Answer> Exchange(string subject, DpopKey? by, params (string, string)[] more)
    {
        (string, string)[] form = [("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("subject_token", subject), ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"), .. more];
        return by is null ? server.TokenAsync("gate", form) : server.BoundAsync(by.ForTokens(server), "gate", form);
    }
}
