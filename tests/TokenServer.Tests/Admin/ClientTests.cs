using TokenServer.Tests.Support;

namespace TokenServer.Tests.Admin;

/// <summary>/admin/api/clients: register, read, change, delete (contract section 6).</summary>
public sealed class ClientTests(SharedAdmin shared) : IClassFixture<SharedAdmin>
{
    private readonly AdminServer admin = shared.Admin;

    [Fact]
    public async Task A_new_client_is_answered_with_everything_and_its_secret_works()
    {
        var answer = await admin.DoAsync("POST /clients", new { client_id = "new", client_name = "New", grant_types = new[] { "client_credentials" }, scope = "api", access_token_lifetime = 60 }, 201);
        answer.Headers.Location!.ToString().Should().Be("/admin/api/clients/new");
        answer.Headers.ETag!.IsWeak.Should().BeFalse();
        answer.ShouldBe(201, """
            {"client_id":"new","client_secret":"/^[A-Za-z0-9_-]{43}$/","client_name":"New","grant_types":["client_credentials"],"scope":"api","redirect_uris":[],
            "post_logout_redirect_uris":[],"response_types":[],"token_endpoint_auth_method":null,"jwks":null,"audiences":[],"exchange_audiences":[],
            "access_token_format":"jwt","access_token_lifetime":60,"id_token_signed_response_alg":"RS256","introspection":false,"consent_type":"explicit","require_pkce":true,
            "require_pushed_authorization_requests":false,"dpop_bound_access_tokens":false,"backchannel_logout_uri":null,"backchannel_logout_session_required":false,
            "client_uri":null,"logo_uri":null,"policy_uri":null,"tos_uri":null,"public":false,"status":"active","created_at":"2026-11-21T12:00:00Z","revoked_at":null,
            "old_secret_ends_at":null}
            """);
        (await TokenAsync("new", answer["client_secret"]!)).Status.Should().Be(200);
        (await admin.LastEntryAsync()).Text("event").Should().Be("client.added");
    }

    [Fact]
    public async Task A_public_client_gets_no_secret()
    {
        var answer = await admin.DoAsync("POST /clients", new { client_id = "app", token_endpoint_auth_method = "none", grant_types = new[] { "password" } }, 201);
        answer.Json.Names().Should().NotContain("client_secret");
        answer.Json.GetProperty("public").GetBoolean().Should().BeTrue();
        (await admin.CallAsync("POST /clients/app/secret")).ShouldBeProblem(409);
    }

    [Fact]
    public async Task A_client_id_that_is_taken_is_a_conflict()
    {
        (await admin.CallAsync("POST /clients", new { client_id = "web" })).ShouldBeProblem(409);
        (await admin.CallAsync("POST /clients", new { client_id = "first-party" })).Status.Should().BeOneOf(400, 409);
    }

    [Theory]
    [InlineData("""{}""", "client_id")]
    [InlineData("""{"client_id":"12"}""", "client_id")]
    [InlineData("""{"client_id":"a b"}""", "client_id")]
    [InlineData("""{"client_id":"x","client_secret":"mine"}""", "client_secret")]
    [InlineData("""{"client_id":"x","grant_types":"password"}""", "grant_types")]
    [InlineData("""{"client_id":"x","grant_types":[null]}""", "grant_types")]
    [InlineData("""{"client_id":"x","grant_types":null}""", "grant_types")]
    [InlineData("""{"client_id":"x","redirect_uris":["/here"]}""", "redirect_uris")]
    [InlineData("""{"client_id":"x","access_token_lifetime":0}""", "access_token_lifetime")]
    [InlineData("""{"client_id":"x","access_token_lifetime":99999999999}""", "access_token_lifetime")]
    [InlineData("""{"client_id":"x","access_token_lifetime":"60"}""", "access_token_lifetime")]
    [InlineData("""{"client_id":"x","introspection":"yes"}""", "introspection")]
    [InlineData("""{"client_id":"x","token_endpoint_auth_method":"none","grant_types":["client_credentials"]}""", "grant_types")]
    [InlineData("""{"client_id":"x","colour":"red"}""", "client_id, client_secret")]
    public async Task A_registration_that_is_wrong_is_refused_by_the_name_of_its_field(string body, string field)
    {
        var answer = await admin.CallAsync("POST /clients", body);
        answer.ShouldBeProblem(400);
        answer["detail"].Should().Contain(field);
        (await admin.ListAsync("/clients", "client_id")).Should().NotContain("x");
    }

    [Fact]
    public async Task A_merge_patch_replaces_what_it_names_removes_what_is_null_and_leaves_the_rest()
    {
        await CreateAsync("patched", """{"client_id":"patched","client_name":"Before","grant_types":["password"],"scope":"api","audiences":["api"],"access_token_lifetime":60,"introspection":true,"access_token_format":"opaque"}""");
        var answer = await admin.DoAsync("PATCH /clients/patched", """{"client_name":null,"access_token_lifetime":null,"audiences":null,"introspection":null,"scope":"api files"}""");
        (answer["client_name"], answer["access_token_lifetime"], answer["scope"], answer["introspection"], answer["access_token_format"]).Should().Be(("", "", "api files", "False", "opaque"));
        answer.Json.Texts("grant_types").Should().Equal("password");
        answer.Json.Texts("audiences").Should().BeEmpty();
        answer.Json.Names().Should().NotContain("client_secret");
    }

    [Theory]
    [InlineData("application/merge-patch+json", 200)]
    [InlineData("application/json; charset=utf-8", 200)]
    [InlineData("text/plain", 415)]
    [InlineData(null, 415)]
    public async Task A_patch_is_JSON(string? type, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/admin/api/clients/plain") { Content = new ByteArrayContent("{}"u8.ToArray()) };
        request.Headers.Authorization = new("Bearer", admin.Token);
        if (type is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        (await admin.Server.SendAsync(request)).Status.Should().Be(status);
    }

    [Theory]
    [InlineData("""{"client_id":"other"}""")]
    [InlineData("""{"client_secret":"mine"}""")]
    [InlineData("""{"client_secret":null}""")]
    [InlineData("""{"client_id":null}""")]
    [InlineData("""{"status":"revoked"}""")]
    [InlineData("""{"public":true}""")]
    [InlineData("""{"token_endpoint_auth_method":"none"}""")]
    [InlineData("""{"scope":["api"]}""")]
    [InlineData("""{"scope":"a\\b"}""")]
    [InlineData("""{"access_token_format":"paper"}""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    public async Task A_patch_that_makes_no_sense_changes_nothing(string body)
    {
        string before = (await admin.DoAsync("GET /clients/worker")).Body;
        (await admin.CallAsync("PATCH /clients/worker", body)).ShouldBeProblem(400);
        (await admin.DoAsync("GET /clients/worker")).Body.Should().Be(before);
    }

    [Fact]
    public async Task A_public_client_stays_public_and_a_confidential_one_keeps_its_secret()
    {
        (await admin.CallAsync("PATCH /clients/mobile", """{"token_endpoint_auth_method":"client_secret_basic"}""")).ShouldBeProblem(400);
        (await admin.CallAsync("PATCH /clients/mobile", """{"introspection":true}""")).ShouldBeProblem(400);
        (await admin.DoAsync("PATCH /clients/mobile", """{"token_endpoint_auth_method":null,"client_name":"Mobile"}"""))["public"].Should().Be("True");
        await admin.DoAsync("PATCH /clients/worker", """{"client_name":"Worker","token_endpoint_auth_method":"client_secret_basic"}""");
        (await admin.Server.TokenAsync("worker", ("grant_type", "client_credentials"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_change_with_a_stale_ETag_is_refused_and_one_with_the_right_one_is_made()
    {
        await CreateAsync("tagged");
        string seen = await TagAsync("tagged");
        string next = (await admin.CallAsync("PATCH /clients/tagged", """{"client_name":"One"}""", ("If-Match", seen))).Headers.ETag!.ToString();
        next.Should().NotBe(seen).And.Be(await TagAsync("tagged"));
        (await admin.CallAsync("PATCH /clients/tagged", """{"client_name":"Two"}""", ("If-Match", seen))).ShouldBeProblem(412);
        (await admin.DoAsync("GET /clients/tagged"))["client_name"].Should().Be("One");
        (await admin.CallAsync("PATCH /clients/tagged", """{"client_name":"Three"}""", ("If-Match", "*"))).Status.Should().Be(200);
    }

    [Fact]
    public async Task Each_ETag_of_If_Match_counts_and_a_weak_one_never_does()
    {
        await CreateAsync("listed");
        string seen = await TagAsync("listed");
        (await PatchAsync("W/" + seen)).ShouldBeProblem(412);
        (await PatchAsync("\"old\"", "\"older\"")).ShouldBeProblem(412);
        (await PatchAsync("nonsense")).ShouldBeProblem(412);
        (await PatchAsync($"\"old\", {seen}")).Status.Should().Be(200);

        Task<Answer> PatchAsync(params string[] tags) => admin.CallAsync("PATCH /clients/listed", """{"client_name":"Listed"}""", [.. tags.Select(t => ("If-Match", t))]);
    }

    [Theory]
    [InlineData("W/{0}", "weak")]
    [InlineData("W/\"other\"", "weak")]
    [InlineData("W/{0}, W/\"other\"", "weak")]
    [InlineData("unquoted", "quotes")]
    [InlineData("'single'", "quotes")]
    [InlineData("\"other\"", "in the meantime")]
    public async Task What_is_wrong_with_If_Match_is_told(string tag, string word)
    {
        await admin.CallAsync("POST /clients", """{"client_id":"told"}""");
        var answer = await admin.CallAsync("PATCH /clients/told", """{"client_name":"Told"}""", ("If-Match", tag.Replace("{0}", await TagAsync("told"))));
        answer.ShouldBeProblem(412);
        answer["detail"].Should().Contain(word);
    }

    [Theory]
    [InlineData("POST /clients/etags/revoke")]
    [InlineData("POST /clients/etags/restore")]
    [InlineData("POST /clients/etags/secret")]
    public async Task Every_change_gives_another_ETag(string call)
    {
        await admin.CallAsync("POST /clients", """{"client_id":"etags"}""");
        if (call.EndsWith("restore", StringComparison.Ordinal)) await admin.DoAsync("POST /clients/etags/revoke");
        string seen = await TagAsync("etags");
        await admin.DoAsync(call);
        (await TagAsync("etags")).Should().NotBe(seen);
    }

    [Fact]
    public async Task Of_many_changes_from_one_ETag_one_is_made()
    {
        await CreateAsync("raced");
        string seen = await TagAsync("raced");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => admin.CallAsync("PATCH /clients/raced", $$"""{"client_name":"N{{i}}"}""", ("If-Match", seen))));
        answers.Select(a => a.Status).Order().Should().Equal([200, .. Enumerable.Repeat(412, 9)]);
    }

    [Fact]
    public async Task A_client_id_of_an_address_can_be_administered()
    {
        const string Id = "https://app.example.com/a?x#y";
        await CreateAsync(Id);
        string path = "/clients/" + Uri.EscapeDataString(Id);
        (await admin.DoAsync("GET " + path))["client_id"].Should().Be(Id);
        (await admin.DoAsync($"POST {path}/revoke"))["dry_run"].Should().Be("False");
        (await admin.DoAsync("GET " + path))["status"].Should().Be("revoked");
    }

    [Fact]
    public async Task The_servers_own_client_is_nobodys_to_administer()
    {
        string token = await ((Door)Door.Account).TokenAsync(admin.Server);
        (await admin.ListAsync("/clients?limit=200", "client_id")).Should().NotContain("first-party");
        foreach (string call in (string[])["GET /clients/first-party", "PATCH /clients/first-party", "POST /clients/first-party/secret", "POST /clients/first-party/revoke", "POST /clients/first-party/restore"])
            (await admin.CallAsync(call, call.StartsWith("PATCH", StringComparison.Ordinal) ? "{}" : null)).ShouldBeProblem(404, because: call);
        await admin.CallAsync("DELETE /clients/first-party");
        (await admin.Server.IsActiveAsync(token)).Should().BeTrue();
    }

    [Theory]
    [InlineData("GET /clients/nobody")]
    [InlineData("PATCH /clients/nobody")]
    [InlineData("POST /clients/nobody/secret")]
    [InlineData("POST /clients/nobody/revoke")]
    [InlineData("POST /clients/nobody/revoke?dry_run=true")]
    [InlineData("POST /clients/nobody/restore")]
    [InlineData("GET /clients/WEB")]
    public async Task A_client_that_is_not_there_is_404(string call) => (await admin.CallAsync(call, call.StartsWith("PATCH", StringComparison.Ordinal) ? "{}" : null)).ShouldBeProblem(404);

    [Fact]
    public async Task Clients_are_listed_by_status()
    {
        await CreateAsync("idle");
        await admin.DoAsync("POST /clients/idle/revoke");
        (await admin.ListAsync("/clients?status=revoked", "client_id")).Should().Contain("idle").And.NotContain("web");
        (await admin.ListAsync("/clients?status=active&limit=200", "client_id")).Should().Contain("web").And.NotContain("idle");
        (await admin.CallAsync("GET /clients?status=gone")).ShouldBeProblem(400);
    }

    private Task<Answer> CreateAsync(string id, string? body = null) => admin.DoAsync("POST /clients", body ?? System.Text.Json.JsonSerializer.Serialize(new { client_id = id }), 201);

    private async Task<string> TagAsync(string id) => (await admin.DoAsync("GET /clients/" + id)).Headers.ETag!.ToString();

    private Task<Answer> TokenAsync(string client, string secret) =>
        admin.Server.TokenAsync(null, ("client_id", client), ("client_secret", secret), ("grant_type", "client_credentials"));
}
