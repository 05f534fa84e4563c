using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// Client authentication is one at all three endpoints: OpenIddict has three texts for its failures, and 400 for one (contract section 1).
/// </summary>
public sealed class CallerTests
{
    private const string JwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", Odd = "a:b%c+d", OddSecret = "p:%&+ä €";

    [Theory]
    [InlineData(Calls.Token)]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task Every_failure_answers_alike_in_the_form(string path)
    {
        await using var server = await TestServer.StartAsync();
        await RevokedAsync(server);
        string secret = Uri.EscapeDataString(TestImport.Secret);
        string[] callers =
        [
            "", "client_id=nobody", $"client_id=nobody&client_secret={secret}",
            "client_id=web&client_secret=wrong", "client_id=web",
            "client_id=web&client_secret=", $"client_id=WEB&client_secret={secret}",
            $"client_id=mobile&client_secret={secret}", $"client_secret={secret}",
            $"client_id=gone&client_secret={secret}",
            $"client_id=web&client_assertion_type={JwtBearer}&client_assertion=ey.ey.ey",
        ];
        foreach (string caller in callers)
        {
            var answer = await server.FormAsync(path, "grant_type=client_credentials&token=x&" + caller);
            answer.ShouldBeError(401, "invalid_client");
            answer["error_description"].Should().Be((await server.FormAsync(path, "token=x"))["error_description"], caller);
            answer.Headers.WwwAuthenticate.Should().BeEmpty(caller);
        }
    }

    [Theory]
    [InlineData(Calls.Token)]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task Every_failure_answers_alike_in_the_header_and_names_scheme_and_realm(string path)
    {
        await using var server = await TestServer.StartAsync();
        await RevokedAsync(server);
        string? description = null;
        foreach (var (client, secret) in new[]
        {
            ("nobody", TestImport.Secret), ("web", "wrong"), ("web", ""), ("WEB", TestImport.Secret),
            ("mobile", TestImport.Secret), ("", TestImport.Secret), ("gone", TestImport.Secret), ("plain", TestImport.Secret),
        })
        {
            var answer = await server.FormAsync(path, "grant_type=password&token=x", client, secret);
            answer.ShouldBeError(401, "invalid_client");
            answer["error_description"].Should().Be(description ??= answer["error_description"], client);
            answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.ToString().Should().StartWith("Basic realm=\"");
        }
    }

    [Theory]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task Id_and_secret_in_the_header_are_form_encoded(string path)
    {
        await using var server = await TestServer.StartAsync();
        await AddAsync(server, new ClientRegistration { ClientId = Odd, ClientSecret = OddSecret, Introspection = true });
        (await server.FormAsync(path, "token=x", Odd, OddSecret)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task A_secret_is_good_in_the_form(string path)
    {
        await using var server = await TestServer.StartAsync();
        (await ByFormAsync(server, path, "web")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task Two_methods_at_once_are_an_invalid_request(string path)
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostAsync(path, "web", ("token", "x"), ("client_secret", TestImport.Secret))).ShouldBeError(400, "invalid_request");
        (await server.PostAsync(path, "web", ("token", "x"), ("client_id", "web"), ("client_secret", TestImport.Secret)))
            .ShouldBeError(400, "invalid_request");
        (await server.PostAsync(path, "web", ("token", "x"), ("client_id", "api"))).ShouldBeError(400, "invalid_request");
    }

    [Theory]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task The_same_client_id_beside_the_header_does_no_harm(string path)
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostAsync(path, "web", ("token", "x"), ("client_id", "web"))).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task The_method_that_a_client_is_registered_with_is_the_only_one_it_may_use(string path)
    {
        await using var server = await TestServer.StartAsync();
        await AddAsync(server, Strict("by-header", "client_secret_basic"));
        await AddAsync(server, Strict("by-form", "client_secret_post"));
        (await server.PostAsync(path, "by-header", ("token", "x"))).Status.Should().Be(200);
        (await server.PostAsync(path, "by-form", ("token", "x"))).ShouldBeError(401, "invalid_client");
        (await ByFormAsync(server, path, "by-form")).Status.Should().Be(200);
        (await ByFormAsync(server, path, "by-header")).ShouldBeError(401, "invalid_client");
    }

    [Fact]
    public async Task An_empty_secret_of_a_public_client_is_none()
    {
        await using var server = await TestServer.StartAsync();
        (await server.FormAsync(Calls.Revoke, "token=x&client_id=mobile&client_secret=")).Status.Should().Be(200);
        (await server.FormAsync(Calls.Token, "grant_type=nothing&client_id=mobile&client_secret="))
            .ShouldBeError(400, "unsupported_grant_type");
    }

    [Theory]
    [InlineData("client_assertion=ey.ey.ey")]
    [InlineData("client_assertion_type=" + JwtBearer)]
    [InlineData("client_assertion=ey.ey.ey&client_assertion_type=unheard-of")]
    public async Task Half_a_client_assertion_gets_no_token(string assertion)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.FormAsync(Calls.Token, "grant_type=client_credentials&client_id=worker&" + assertion);
        answer.Status.Should().BeOneOf(400, 401);
        answer["error"].Should().BeOneOf("invalid_client", "invalid_request");
    }

    [Fact]
    public async Task A_wrong_secret_uses_up_no_refresh_token()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync())["refresh_token"]!;
        (await server.FormAsync(Calls.Token, $"grant_type=refresh_token&refresh_token={token}", "web", "wrong"))
            .ShouldBeError(401, "invalid_client");
        (await server.IsActiveAsync(token, "web")).Should().BeTrue();
    }

    private static Task<Answer> ByFormAsync(TestServer server, string path, string client) =>
        server.PostAsync(path, null, ("client_id", client), ("client_secret", TestImport.Secret), ("token", "x"));

    private static ClientRegistration Strict(string id, string method) =>
        new() { ClientId = id, ClientSecret = TestImport.Secret, Introspection = true, TokenEndpointAuthMethod = method };

    private static async Task RevokedAsync(TestServer server)
    {
        await AddAsync(server, new ClientRegistration { ClientId = "gone", ClientSecret = TestImport.Secret, Introspection = true });
        await server.Get<ClientRegistry>().RevokeAsync("gone", "test");
    }

    private static async Task AddAsync(TestServer server, ClientRegistration client) =>
        (await server.Get<ClientRegistry>().AddAsync(client, "test")).Should().BeNull();
}
