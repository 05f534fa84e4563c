using System.Text.Json;
using TokenServer.Clients;
using TokenServer.Import;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;
using TokenServer.Tests.Web.Console;

namespace TokenServer.Tests.Admin;

/// <summary>The metadata of clients of browsers, devices and keys (contract section 9): what goes together, and how each face takes it.</summary>
public sealed class ClientMetadataTests(RegistrationTests.Desk desk) : IClassFixture<RegistrationTests.Desk>
{
    private const string All = """
        {"client_id":"ID","client_name":"All","grant_types":["authorization_code","refresh_token"],"scope":"openid api","redirect_uris":["https://app.example.com/back","http://127.0.0.1/back"],
        "post_logout_redirect_uris":["https://app.example.com/"],"response_types":["code"],"token_endpoint_auth_method":"private_key_jwt","jwks":KEYS,"audiences":["api"],"exchange_audiences":["archive","files"],
        "access_token_format":"jwt","access_token_lifetime":60,"id_token_signed_response_alg":"ES256","introspection":true,"consent_type":"systematic","require_pkce":false,"require_pushed_authorization_requests":true,
        "dpop_bound_access_tokens":true,"backchannel_logout_uri":"https://app.example.com/out","backchannel_logout_session_required":true,"client_uri":"https://app.example.com/about","logo_uri":"https://app.example.com/logo.png",
        "policy_uri":"https://app.example.com/policy","tos_uri":"https://app.example.com/terms"}
        """;
    [Fact]
    public void Of_a_row_that_another_application_wrote_the_keys_that_are_keys_are_taken()
    {
        var one = new ClientKey("ES256", kid: "one");
        ClientKeys.OfRow(JsonSerializer.Serialize(new { keys = new object[] { 5, With(one, "d", "x"), With(one, "y", "AA"), one.Jwk } })).Keys.Should().ContainSingle().Which.Kid.Should().Be("one");
        ClientKeys.OfRow(JsonSerializer.Serialize(new { keys = Enumerable.Range(0, 500).Select(i => With(one, "kid", "k" + i)).ToArray()[..300] })).Keys.Count.Should().BeLessThanOrEqualTo(ClientKeys.Most);
        foreach (string text in (string[])["{", "[]", "null", "\"x\"", "{}", """{"keys":{}}""", """{"keys":[null]}""", """{"keys":[],"keys":[]}""", $$"""{"keys":[],"x":"{{new string('x', 70_000)}}"}"""])
        {
            ClientKeys.OfRow(text).Keys.Should().BeEmpty(text[..Math.Min(40, text.Length)]);
            ClientKeys.IsSame(text, one.Jwks.GetRawText()).Should().BeFalse();
            ClientKeys.IsSame(one.Jwks.GetRawText(), text).Should().BeFalse();
        }

        static Dictionary<string, object> With(ClientKey key, string member, object value) => new(key.Jwk) { [member] = value };
    }

    private static readonly ClientKey Key = new();
    private readonly AdminServer admin = desk.Admin;

    [Fact]
    public async Task Everything_is_answered_as_it_was_registered_and_no_secret_is_made()
    {
        var answer = await admin.DoAsync("POST /clients", Whole("api-made"), 201);
        answer.Json.Names().Should().NotContain("client_secret");
        ShouldSay(answer.Json, Whole("api-made"));
        var again = await admin.DoAsync("PATCH /clients/api-made", """{"client_name":"Other"}""");
        (again["client_name"], again.Json.GetProperty("jwks").GetRawText()).Should().Be(("Other", ClientKeys.TextOf(Key.Jwks)));
        (await admin.LastEntryAsync()).Text("detail").Should().Be("client_name");
        var client = admin.Server.Get<ClientRegistry>().Find("api-made")!;
        client.Row.ListPermissions().Should().Contain(["ept:authorization", "ept:pushed_authorization", "ept:end_session", "rst:code", "rsrc:files"]);
        client.Row.ListRequirements().Should().Equal("ft:par");
    }

    [Fact]
    public async Task An_import_takes_everything_and_again_changes_nothing()
    {
        await ImportAsync(Whole("imported"));
        string before = (await admin.DoAsync("GET /clients/imported")).Headers.ETag!.ToString();
        await ImportAsync(Whole("imported"));
        var answer = await admin.DoAsync("GET /clients/imported");
        answer.Headers.ETag!.ToString().Should().Be(before);
        ShouldSay(answer.Json, Whole("imported"));
    }

    [Fact]
    public async Task The_console_shows_and_keeps_everything()
    {
        await admin.DoAsync("POST /clients", Whole("shown"), 201);
        (await desk.Console.SubmitAsync("/admin/clients/shown", ("client_name", "Shown"))).ShouldGoTo("/admin/clients/shown", "ClientSaved");
        ShouldSay((await admin.DoAsync("GET /clients/shown")).Json, Whole("shown").Replace("\"All\"", "\"Shown\"", StringComparison.Ordinal));
        var refused = await desk.Console.SubmitAsync("/admin/clients/shown", ("jwks", "no <JSON>"));
        refused.Alert().Should().StartWith("Nothing was saved: “Its public keys (JWK Set)” must");
        refused.Body.Should().Contain("no &lt;JSON&gt;");
        var made = await desk.Console.SubmitAsync("/admin/clients/new", ("client_id", "entered"), ("token_endpoint_auth_method", "private_key_jwt"), ("jwks", Key.Jwks.GetRawText()));
        made.ShouldGoTo("/admin/clients/entered", "ClientAdded");
    }

    [Fact]
    public async Task What_a_registration_leaves_out_has_its_default()
    {
        var answer = await admin.DoAsync("POST /clients", """{"client_id":"plainest"}""", 201);
        foreach (var (name, value) in new[]
        {
            ("consent_type", "\"explicit\""), ("require_pkce", "true"), ("require_pushed_authorization_requests", "false"), ("dpop_bound_access_tokens", "false"), ("backchannel_logout_uri", "null"),
            ("backchannel_logout_session_required", "false"), ("jwks", "null"), ("response_types", "[]"), ("post_logout_redirect_uris", "[]"), ("exchange_audiences", "[]"), ("client_uri", "null"),
        })
            answer.Json.GetProperty(name).GetRawText().Should().Be(value, name);
        var coded = await admin.DoAsync("PATCH /clients/plainest", """{"grant_types":["authorization_code"],"redirect_uris":["https://app.example.com/"],"consent_type":"implicit"}""");
        (coded.Json.GetProperty("response_types").GetRawText(), coded["consent_type"], coded["require_pkce"]).Should().Be(("[\"code\"]", "implicit", "True"));
        admin.Server.Get<ClientRegistry>().Find("plainest")!.Row.ListRequirements().Should().Equal("ft:pkce");
        (await admin.DoAsync("PATCH /clients/plainest", """{"consent_type":null}"""))["consent_type"].Should().Be("explicit");
        await ImportAsync("""{"client_id":"web-before","client_secret":"x","consent_type":"implicit"}""");
        await ImportAsync("""{"client_id":"web-before","client_secret":"x"}""");
        (await admin.DoAsync("GET /clients/web-before"))["consent_type"].Should().Be("implicit", "what a file leaves out stays");
    }

    [Theory]
    [InlineData("""{"grant_types":["authorization_code"]}""", "grant_types has authorization_code, which wants redirect_uris")]
    [InlineData("""{"response_types":["code"]}""", "response_types")]
    [InlineData("""{"response_types":["token"]}""", "response_types")]
    [InlineData("""{"grant_types":["authorization_code"],"redirect_uris":["https://a.example.com/"],"response_types":[]}""", "response_types")]
    [InlineData("""{"grant_types":["authorization_code"],"redirect_uris":["https://a.example.com/"],"response_types":["code","id_token"]}""", "response_types")]
    [InlineData("""{"require_pkce":false}""", "require_pkce")]
    [InlineData("""{"token_endpoint_auth_method":"none","grant_types":["authorization_code"],"redirect_uris":["https://a.example.com/"],"require_pkce":false}""", "require_pkce")]
    [InlineData("""{"token_endpoint_auth_method":"none","grant_types":["urn:ietf:params:oauth:grant-type:token-exchange"]}""", "grant_types")]
    [InlineData("""{"token_endpoint_auth_method":"private_key_jwt"}""", "token_endpoint_auth_method")]
    [InlineData("""{"token_endpoint_auth_method":"tls_client_auth"}""", "token_endpoint_auth_method")]
    [InlineData("""{"consent_type":"external"}""", "consent_type")]
    [InlineData("""{"exchange_audiences":["tunnel"]}""", "exchange_audiences")]
    [InlineData("""{"exchange_audiences":["filez"]}""", "exchange_audiences")]
    [InlineData("""{"exchange_audiences":[""]}""", "exchange_audiences")]
    [InlineData("""{"post_logout_redirect_uris":["http://app.example.com/"]}""", "post_logout_redirect_uris")]
    [InlineData("""{"post_logout_redirect_uris":["https://app.example.com/#end"]}""", "post_logout_redirect_uris")]
    [InlineData("""{"post_logout_redirect_uris":null}""", "post_logout_redirect_uris")]
    [InlineData("""{"backchannel_logout_uri":"http://app.example.com/out"}""", "backchannel_logout_uri")]
    [InlineData("""{"backchannel_logout_uri":"https://jane@app.example.com/out"}""", "backchannel_logout_uri")]
    [InlineData("""{"backchannel_logout_uri":"https://app.example.com/out#x"}""", "backchannel_logout_uri")]
    [InlineData("""{"backchannel_logout_uri":"com.example.app:/out"}""", "backchannel_logout_uri")]
    [InlineData("""{"client_uri":"http://app.example.com/"}""", "client_uri")]
    [InlineData("""{"logo_uri":"javascript:alert(1)"}""", "logo_uri")]
    [InlineData("""{"policy_uri":"/policy"}""", "policy_uri")]
    [InlineData("""{"tos_uri":"https://app.example.com/LONG"}""", "tos_uri")]
    [InlineData("""{"tos_uri":5}""", "tos_uri")]
    [InlineData("""{"require_pkce":"no"}""", "require_pkce")]
    public async Task What_does_not_go_together_is_refused_by_the_name_of_its_field(string members, string field)
    {
        string body = "{\"client_id\":\"odd\"," + members[1..].Replace("LONG", new string('l', 2_000), StringComparison.Ordinal);
        var answer = await admin.CallAsync("POST /clients", body);
        answer.ShouldBeProblem(400);
        answer["detail"].Should().Contain(field);
        string imported = body.Contains("\"none\"", StringComparison.Ordinal) || body.Contains("private_key", StringComparison.Ordinal) ? body : body[..^1] + ",\"client_secret\":\"x\"}";
        (await FluentActions.Awaiting(() => ImportAsync(imported)).Should().ThrowAsync<ImportException>()).WithMessage($"*clients[0]*{field}*");
    }

    [Fact]
    public async Task A_set_of_keys_holds_public_keys_that_can_sign_and_nothing_else()
    {
        var rsa = new ClientKey("RS256");
        foreach (var keys in new[] { Key, rsa, new ClientKey("ES384"), new ClientKey("ES512", kid: null) })
        {
            var jwk = keys.Jwk;
            (jwk["use"], jwk["x5t"], jwk["extra"]) = ("sig", "dropped", new { a = 1 });
            var answer = await admin.DoAsync("POST /clients", new { client_id = "keyed", jwks = new { keys = new[] { jwk }, more = 1 } }, 201);
            answer.Json.GetProperty("jwks").Names().Should().Equal("keys");
            answer.Json.GetProperty("jwks").GetProperty("keys")[0].Names().Should().NotContain(["x5t", "extra"]);
            await admin.DoAsync("DELETE /clients/keyed");
        }
        using var small = System.Security.Cryptography.RSA.Create(1024);
        string modulus = System.Buffers.Text.Base64Url.EncodeToString(small.ExportParameters(false).Modulus);
        object[] wrong =
        [
            5, "x", Array.Empty<object>(), new { }, new { keys = 5 }, new { keys = Array.Empty<object>() }, new { keys = new object[] { 5 } }, new { keys = new[] { new { kty = "oct", k = "c2VjcmV0" } } },
            new { keys = Enumerable.Range(0, 11).Select(i => With(Key, "kid", i.ToString())) }, new { keys = new[] { Key.Jwk, Key.Jwk } },
            Set(With(Key, "d", "x")), Set(With(rsa, "p", "x")), Set(With(rsa, "k", "x")), Set(With(Key, "crv", "secp256k1")), Set(With(Key, "crv", "P-384")), Set(With(Key, "x", Key.Jwk["y"])), Set(With(Key, "x", "!!")),
            Set(With(Key, "y", 5)), Set(With(Key, "kty", "OKP")), Set(With(Key, "use", "enc")), Set(With(Key, "alg", "ES384")), Set(With(Key, "alg", "none")), Set(With(rsa, "alg", "HS256")), Set(With(rsa, "n", modulus)),
            Set(With(rsa, "n", LedByZero((string)rsa.Jwk["n"]))), Set(With(rsa, "e", "AAEAAQ")), Set(With(rsa, "e", "AAE")), Set(With(rsa, "e", "")), Set(With(rsa, "n", "")),
            Set(With(rsa, "e", "AQ")), Set(With(rsa, "e", "Ag")), Set(With(Key, "kid", new string('k', 201))), Set(With(Key, "kid", "")),
        ];
        foreach (object keys in wrong)
        {
            var answer = await admin.CallAsync("POST /clients", new { client_id = "keyed", jwks = keys });
            answer.ShouldBeProblem(400, because: JsonSerializer.Serialize(keys));
            answer["detail"].Should().Contain("jwks");
        }
        (await admin.CallAsync("POST /clients", new { client_id = "keyed", token_endpoint_auth_method = "none", jwks = Key.Jwks }))["detail"].Should().Be("jwks is for confidential clients only");

        static string LedByZero(string number) => System.Buffers.Text.Base64Url.EncodeToString([0, .. System.Buffers.Text.Base64Url.DecodeFromChars(number)]);
        static object Set(Dictionary<string, object> jwk) => new { keys = new[] { jwk } };

        static Dictionary<string, object> With(ClientKey key, string member, object value) => new(key.Jwk) { [member] = value };
    }

    [Fact]
    public async Task A_public_client_stays_public_and_keys_may_follow_a_secret_and_go_before_one()
    {
        (await admin.CallAsync("PATCH /clients/mobile", new { token_endpoint_auth_method = "private_key_jwt", jwks = Key.Jwks })).ShouldBeProblem(400);
        await admin.DoAsync("POST /clients", new { client_id = "moving" }, 201);
        await admin.DoAsync("PATCH /clients/moving", new { token_endpoint_auth_method = "private_key_jwt", jwks = Key.Jwks });
        (await admin.LastEntryAsync()).Text("detail").Should().StartWith("token_endpoint_auth_method: private_key_jwt; jwks: ");
        (await admin.CallAsync("PATCH /clients/moving", """{"jwks":null}""")).ShouldBeProblem(400);
        await admin.DoAsync("POST /clients", new { client_id = "back", token_endpoint_auth_method = "private_key_jwt", jwks = Key.Jwks }, 201);
        (await admin.CallAsync("PATCH /clients/back", """{"token_endpoint_auth_method":"client_secret_basic"}""")).ShouldBeProblem(400);
        (await admin.DoAsync("POST /clients/back/secret"))["client_secret"].Should().HaveLength(43);
        (await admin.DoAsync("PATCH /clients/back", """{"token_endpoint_auth_method":"client_secret_basic","jwks":null}"""))["token_endpoint_auth_method"].Should().Be("client_secret_basic");
    }

    [Fact]
    public async Task A_logout_address_on_this_machine_is_for_development()
    {
        const string Json = """{"client_id":"local","client_secret":"x","backchannel_logout_uri":"http://localhost:5002/out"}""";
        await ImportAsync(Json);
        var rules = new RegistrationRules(admin.Server.Get<ScopeRegistry>(), admin.Server.Get<KnownClients>(), admin.Server.Get<TokenServer.Foundation.Issuer>(),
            new Microsoft.Extensions.Hosting.Internal.HostingEnvironment { EnvironmentName = "Production" });
        rules.ProblemOf(JsonSerializer.Deserialize(Json, ImportJson.Default.ClientRegistration)!, Coming.Nothing).Should().StartWith("backchannel_logout_uri must be an absolute https address");
    }

    private static string Whole(string id) => All.Replace("\"ID\"", $"\"{id}\"", StringComparison.Ordinal).Replace("KEYS", ClientKeys.TextOf(Key.Jwks), StringComparison.Ordinal);

    private static void ShouldSay(JsonElement answer, string registered)
    {
        foreach (var member in JsonDocument.Parse(registered).RootElement.EnumerateObject())
        {
            if (member.Name == "grant_types") answer.Texts(member.Name).Should().BeEquivalentTo(member.Value.EnumerateArray().Select(g => g.GetString()));
            else answer.GetProperty(member.Name).GetRawText().Should().Be(member.Value.GetRawText(), member.Name);
        }
    }

    private Task ImportAsync(string client) =>
        admin.Server.Get<Importer>().ApplyAsync(ImportDocument.Parse(System.Text.Encoding.UTF8.GetBytes($$"""{"clients":[{{client}}]}""")), "test");
}
