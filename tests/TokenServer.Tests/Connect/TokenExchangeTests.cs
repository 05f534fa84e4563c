using System.Text.Json;
using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Token exchange (RFC 8693, contract section 9): less, or for others, never more; and it dies with what it came from.</summary>
public sealed class TokenExchangeTests(TokenExchangeTests.Gateways gateways) : IClassFixture<TokenExchangeTests.Gateways>
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:token-exchange", AccessToken = "urn:ietf:params:oauth:token-type:access_token";
    private readonly TestServer server = gateways.Server;

    [Fact]
    public async Task A_users_token_becomes_one_of_less_for_the_same_user_and_session()
    {
        var subject = await server.SignInAsync(scope: "openid offline_access api");
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        var answer = await ExchangeAsync(subject["access_token"]!);
        answer.Status.Should().Be(200, answer.Body);
        answer.Json.Names().Should().BeEquivalentTo("access_token", "issued_token_type", "token_type", "expires_in", "scope");
        (answer["issued_token_type"], answer["token_type"], answer["scope"]).Should().Be((AccessToken, "Bearer", "api"));
        JsonElement before = Jwt.Claims(subject["access_token"]!), after = Jwt.Claims(answer["access_token"]!);
        foreach (string same in new[] { "iss", "sub", "sid", "auth_time", "role" }) after.GetProperty(same).ToString().Should().Be(before.GetProperty(same).ToString(), same);
        (after.Text("client_id"), after.Text("aud"), after.Text("scope")).Should().Be(("gateway", "api", "api"));
        after.Number("exp").Should().Be(before.Number("exp"), "it does not live longer");
        after.Text("jti").Should().NotBe(before.Text("jti"));
        Jwt.Header(answer["access_token"]!).Text("typ").Should().Be("at+jwt");
        (await server.IsSignedByPublishedKeyAsync(answer["access_token"]!)).Should().BeTrue();
        (await server.IsActiveAsync(answer["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task A_clients_own_token_stands_for_that_client()
    {
        string subject = await server.WorkerTokenAsync();
        var answer = await ExchangeAsync(subject, ("scope", "files"), ("audience", "archive"));
        var claims = Jwt.Claims(answer["access_token"]!);
        (claims.Text("sub"), claims.Text("client_id"), claims.Text("aud"), claims.Text("scope")).Should().Be(("worker", "gateway", "archive", "files"));
        claims.Names().Should().NotContain(["sid", "auth_time", "role", "act"]);
    }

    [Fact]
    public async Task Audience_and_resource_name_what_the_registration_lists()
    {
        string subject = await BobAsync();
        Audiences(await ExchangeAsync(subject, ("audience", "files"))).Should().Equal("files");
        Audiences(await ExchangeAsync(subject, ("audience", "files"), ("resource", "https://id.example.com"))).Should().Equal("files", "https://id.example.com");
        Audiences(await ExchangeAsync(subject, ("resource", "https://id.example.com"))).Should().Equal("https://id.example.com");
        foreach (var (name, value) in new[]
        {
            ("audience", "api"), ("audience", "FILES"), ("audience", "files archive"), ("resource", "https://other.example.com"), ("resource", "files"), ("resource", "/files"),
            ("resource", "https://id.example.com#part"), ("resource", "https://id.example.com/"), ("audience", new string('a', 9000)),
        })
            Error(await ExchangeAsync(subject, (name, value))).Should().Be((400, "invalid_target"), "{0}={1}", name, value);
        string narrow = (await ExchangeAsync(subject, ("audience", "files")))["access_token"]!;
        Audiences(await ExchangeAsync(narrow)).Should().Equal(["files"], "what was narrowed does not widen again");
    }

    [Fact]
    public async Task Scopes_are_the_tokens_and_the_clients()
    {
        string subject = (await server.SignInAsync(user: "bob", scope: "openid profile offline_access api"))["access_token"]!;
        (await ExchangeAsync(subject, ("scope", "openid")))["scope"].Should().Be("openid");
        foreach (string scope in new[] { "files", "profile", "offline_access", "admin", "api files", "nothing", "api offline_access" })
            Error(await ExchangeAsync(subject, ("scope", scope))).Should().Be((400, "invalid_scope"), scope);
        string administrators = (await server.SignInAsync(scope: "openid api admin"))["access_token"]!;
        Error(await ExchangeAsync(administrators, ("scope", "admin"))).Should().Be((400, "invalid_scope"), "that is for this server alone");
        var answer = await ExchangeAsync((await server.SignInAsync(user: "bob", scope: "openid profile"))["access_token"]!);
        (answer.Status, answer["scope"]).Should().Be((200, ""), "nothing of it is the client's");
    }

    [Fact]
    public async Task With_openid_it_reads_UserInfo_and_brings_no_id_token()
    {
        string subject = (await server.SignInAsync(user: "bob", scope: "openid api"))["access_token"]!;
        var answer = await ExchangeAsync(subject, ("scope", "openid api"));
        answer.Json.Names().Should().NotContain(["id_token", "refresh_token"]);
        (await server.UserInfoAsync(answer["access_token"]!))["sub"].Should().Be(Jwt.Claims(subject).Text("sub"));
    }

    [Fact]
    public async Task An_actor_is_named_and_nested_when_there_is_another()
    {
        string subject = await BobAsync(), worker = await server.WorkerTokenAsync(), jane = (await server.SignInAsync())["access_token"]!;
        var once = await ExchangeAsync(subject, ("actor_token", worker), ("actor_token_type", AccessToken));
        Act(once).Should().Be("""{"sub":"worker"}""");
        var twice = await ExchangeAsync(once["access_token"]!, "second", ("actor_token", jane), ("actor_token_type", AccessToken));
        string act = $$$"""{"sub":"{{{Jwt.Claims(jane).Text("sub")}}}","act":{"sub":"worker"}}""";
        Act(twice).Should().Be(act);
        var on = await ExchangeAsync(twice["access_token"]!, "second");
        Act(on).Should().Be(act, "who acted before is not forgotten");
        for (int i = 0; i < 2; i++)
        {
            var told = await server.IntrospectAsync(on["access_token"]!);
            (told["active"], told["client_id"], told["username"], told.Json.GetProperty("act").GetRawText()).Should().Be(("True", "second", "bob", act));
        }
    }

    [Fact]
    public async Task It_may_be_exchanged_eight_times_and_no_more()
    {
        string token = await BobAsync();
        for (int i = 0; i < 8; i++) token = (await ExchangeAsync(token, ("actor_token", token), ("actor_token_type", AccessToken)))["access_token"]!;
        (await server.IsActiveAsync(token)).Should().BeTrue();
        Error(await ExchangeAsync(token)).Should().Be((400, "invalid_request"));
    }

    [Fact]
    public async Task A_client_that_wants_them_opaque_gets_them_opaque()
    {
        string subject = await BobAsync();
        var answer = await ExchangeAsync(subject, "opaque-gateway", ("audience", "files"), ("actor_token", subject), ("actor_token_type", AccessToken));
        answer["access_token"].Should().StartWith("at_");
        var told = await server.IntrospectAsync(answer["access_token"]!, "opaque-gateway");
        (told["active"], told["aud"], told["sub"], told["client_id"]).Should().Be(("True", "files", Jwt.Claims(subject).Text("sub"), "opaque-gateway"));
        told.Json.GetProperty("act").Text("sub").Should().Be(Jwt.Claims(subject).Text("sub"));
        var again = await ExchangeAsync(answer["access_token"]!, "second");
        (again.Status, Jwt.Claims(again["access_token"]!).Text("sid")).Should().Be((200, Jwt.Claims(subject).Text("sid")));
        await server.PostAsync("/connect/revoke", "opaque-gateway", ("token", answer["access_token"]!));
        (await server.IsActiveAsync(again["access_token"]!)).Should().BeFalse();
        (await server.IsActiveAsync(subject)).Should().BeTrue();
    }

    [Fact]
    public async Task It_dies_with_the_session()
    {
        var subject = await server.SignInAsync(user: "bob");
        string first = (await ExchangeAsync(subject["access_token"]!))["access_token"]!, second = (await ExchangeAsync(first, "second"))["access_token"]!;
        (await server.IsActiveAsync(second)).Should().BeTrue();
        await server.PostAsync("/connect/revoke", "web", ("token", subject["refresh_token"]!));
        foreach (string token in new[] { first, second }) (await server.IsActiveAsync(token)).Should().BeFalse();
        Error(await ExchangeAsync(first)).Should().Be((400, "invalid_request"));
    }

    [Fact]
    public async Task It_dies_with_the_account_the_token_and_the_client_that_it_came_from()
    {
        await using var own = await Gateways.StartAsync();
        string bobs = (await own.SignInAsync("other", "bob"))["access_token"]!, workers = await own.WorkerTokenAsync(), opaque = await own.WorkerTokenAsync("opaque");
        string ofBob = await TokenAsync(own, bobs), ofWorker = await TokenAsync(own, workers), ofOpaque = await TokenAsync(own, opaque), ofJane = await TokenAsync(own, (await own.SignInAsync())["access_token"]!);
        foreach (string token in new[] { ofBob, ofWorker, ofOpaque, ofJane }) (await own.IsActiveAsync(token)).Should().BeTrue();
        await own.PostAsync("/connect/revoke", "worker", ("token", workers));
        (await own.IsActiveAsync(ofWorker)).Should().BeFalse();
        await own.PostAsync("/connect/revoke", "opaque", ("token", opaque));
        (await own.IsActiveAsync(ofOpaque)).Should().BeFalse();
        await own.Get<ClientRegistry>().RevokeAsync("other", "test");
        (await own.IsActiveAsync(ofBob)).Should().BeFalse("its session was that client's");
        await own.Get<ClientRegistry>().RestoreAsync("other", "test");
        (await own.IsActiveAsync(ofBob)).Should().BeFalse();
        var accounts = own.Get<UserAccounts>();
        await accounts.DisableAsync(accounts.FindByLogin("jane")!, "test");
        (await own.IsActiveAsync(ofJane)).Should().BeFalse();
    }

    [Fact]
    public async Task It_dies_with_the_client_that_got_it_and_what_it_came_from_does_not()
    {
        await using var own = await Gateways.StartAsync();
        string subject = await own.WorkerTokenAsync(), token = await TokenAsync(own, subject);
        await own.Get<ClientRegistry>().RevokeAsync("gateway", "test");
        ((await own.IsActiveAsync(token)), await own.IsActiveAsync(subject)).Should().Be((false, true));
    }

    [Fact]
    public async Task Revoked_by_its_client_it_dies_alone()
    {
        var subject = await server.SignInAsync(user: "bob");
        string token = (await ExchangeAsync(subject["access_token"]!))["access_token"]!, other = (await ExchangeAsync(subject["access_token"]!))["access_token"]!;
        await server.PostAsync("/connect/revoke", "gateway", ("token", token));
        (await server.IsActiveAsync(token), await server.IsActiveAsync(other), await server.IsActiveAsync(subject["access_token"]!)).Should().Be((false, true, true));
        (await server.RefreshAsync(subject["refresh_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_session_may_be_older_than_the_client_that_exchanges_its_token()
    {
        string subject = await BobAsync();
        await server.Get<ClientRegistry>().AddAsync(Gateways.Gateway("young"), "test");
        var answer = await ExchangeAsync(subject, "young");
        (await server.IsActiveAsync(answer["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task It_never_lives_longer_than_what_it_came_from()
    {
        await using var own = await Gateways.StartAsync();
        string subject = await own.WorkerTokenAsync("opaque");
        own.Clock.Advance(TimeSpan.FromSeconds(590));
        var answer = await ExchangeAsync(own, subject, "gateway");
        answer["expires_in"].Should().Be("10");
        own.Clock.Advance(TimeSpan.FromSeconds(10));
        Error(await ExchangeAsync(own, subject, "gateway")).Should().Be((400, "invalid_request"));
        (await own.IsActiveAsync(answer["access_token"]!)).Should().BeFalse();
        (await ExchangeAsync(own, await own.WorkerTokenAsync(), "brief"))["expires_in"].Should().Be("30", "the client's own lifetime");
    }

    [Fact]
    public async Task It_stands_for_nobody_at_this_server_itself()
    {
        string token = (await ExchangeAsync(await BobAsync()))["access_token"]!;
        foreach (string path in new[] { "/auth/me", "/v1/auth/me", "/api/tunnels", "/api/v1/auth/keys", "/admin/api/clients" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new("Bearer", token);
            (await server.SendAsync(request)).Status.Should().BeOneOf([401, 403], path);
        }
    }

    [Fact]
    public async Task It_is_in_the_audit_trail()
    {
        string subject = await BobAsync();
        await ExchangeAsync(subject, ("audience", "files"));
        server.Get<TokenServer.Storage.Database>().Read(s => s.First(
            """SELECT "Actor", "Target", "Detail" FROM "Audit" WHERE "Event"='token.exchanged' ORDER BY "Id" DESC LIMIT 1""", r => $"{r.GetString(0)} {r.GetString(1)} {r.GetString(2)}"))
            .Should().Be($"gateway {Jwt.Claims(subject).Text("sid")} scope: api; audience: files");
    }

    [Fact]
    public async Task What_makes_no_sense_is_an_invalid_request()
    {
        var session = await server.SignInAsync(user: "bob");
        string subject = session["access_token"]!, precious = $"subject_token={subject}&subject_token_type={AccessToken}";
        foreach (string form in new[]
        {
            "", $"subject_token_type={AccessToken}", $"subject_token={subject}", $"subject_token={subject}&subject_token_type=access_token",
            $"subject_token={subject}&subject_token_type=urn:ietf:params:oauth:token-type:jwt", $"subject_token={session["refresh_token"]}&subject_token_type={AccessToken}",
            $"subject_token={session["refresh_token"]}&subject_token_type=urn:ietf:params:oauth:token-type:refresh_token", $"subject_token={session["id_token"]}&subject_token_type={AccessToken}",
            $"subject_token=x&subject_token_type={AccessToken}", $"subject_token={new string('x', 20_000)}&subject_token_type={AccessToken}", $"subject_token={subject}x&subject_token_type={AccessToken}",
            $"{precious}&subject_token={subject}", $"{precious}&scope=api&scope=api", $"{precious}&audience=files&audience=archive", $"{precious}&resource=%ff", $"{precious}&audience=%00",
            $"{precious}&requested_token_type=urn:ietf:params:oauth:token-type:id_token", $"{precious}&requested_token_type=urn:ietf:params:oauth:token-type:refresh_token", $"{precious}&requested_token_type=x",
            $"{precious}&actor_token={subject}", $"{precious}&actor_token_type={AccessToken}", $"{precious}&actor_token=x&actor_token_type={AccessToken}",
            $"{precious}&actor_token={subject}&actor_token_type=urn:ietf:params:oauth:token-type:jwt", $"{precious}&actor_token={session["refresh_token"]}&actor_token_type={AccessToken}",
        })
            Error(await RawAsync("gateway", form)).Should().Be((400, "invalid_request"), form);
        Error(await RawAsync("web", precious)).Should().Be((400, "unauthorized_client"));
        (await RawAsync("nobody", precious)).Status.Should().Be(401);
        (await RawAsync("gateway", precious + $"&requested_token_type={AccessToken}&unknown=1")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_public_client_cannot_have_the_grant() =>
        (await server.Get<ClientRegistry>().AddAsync(new() { ClientId = "public", GrantTypes = [Grant] }, "test")).Should().StartWith("grant_types has " + Grant);

    private static string Act(Answer answer) => Jwt.Claims(answer["access_token"]!).GetProperty("act").GetRawText();

    private static (int, string?) Error(Answer answer) => (answer.Status, answer["error"]);

    private static IEnumerable<string> Audiences(Answer answer)
    {
        answer.Status.Should().Be(200, answer.Body);
        var aud = Jwt.Claims(answer["access_token"]!).GetProperty("aud");
        return aud.ValueKind == JsonValueKind.String ? [aud.GetString()!] : aud.EnumerateArray().Select(a => a.GetString()!);
    }

    private async Task<string> BobAsync() => (await server.SignInAsync(user: "bob"))["access_token"]!;

    private Task<Answer> ExchangeAsync(string subject, params (string, string)[] more) => ExchangeAsync(server, subject, "gateway", more);

    private Task<Answer> ExchangeAsync(string subject, string client, params (string, string)[] more) => ExchangeAsync(server, subject, client, more);

    private static async Task<string> TokenAsync(TestServer server, string subject) => (await ExchangeAsync(server, subject, "gateway"))["access_token"]!;

    private static Task<Answer> ExchangeAsync(TestServer server, string subject, string client, params (string, string)[] more) =>
        server.TokenAsync(client, [("grant_type", Grant), ("subject_token", subject), ("subject_token_type", AccessToken), .. more]);

    private async Task<Answer> RawAsync(string client, string form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new StringContent($"grant_type={Grant}&{form}") };
        request.Content.Headers.ContentType = new("application/x-www-form-urlencoded");
        request.Headers.Authorization = OAuth.Basic(client, TestImport.Secret);
        return await server.SendAsync(request);
    }

    /// <summary>A server with clients that exchange tokens.</summary>
    public sealed class Gateways : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await StartAsync();

        public async Task DisposeAsync() => await Server.DisposeAsync();

        internal static async Task<TestServer> StartAsync()
        {
            var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, "--TokenServer:Issuer=https://id.example.com"], isPatient: true);
            foreach (var client in new[] { Gateway("gateway"), Gateway("second"), Gateway("opaque-gateway", format: "opaque"), Gateway("brief", lifetime: 30) })
                (await server.Get<ClientRegistry>().AddAsync(client, "test")).Should().BeNull();
            return server;
        }

        internal static ClientRegistration Gateway(string id, string? format = null, int? lifetime = null) => new()
        {
            ClientId = id, ClientSecret = TestImport.Secret, GrantTypes = [Grant], Scope = "openid api files", ExchangeAudiences = ["files", "archive", "https://id.example.com"],
            AccessTokenFormat = format, AccessTokenLifetime = lifetime, Introspection = true,
        };
    }
}
