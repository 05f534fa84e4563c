using System.Net.Http.Headers;
using System.Text;
using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>How clients authenticate, and that every failure looks alike (contract section 1).</summary>
public sealed class ClientAuthenticationTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Failed = """{"error":"invalid_client","error_description":"client authentication failed"}""";
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task A_secret_is_good_in_the_header() => (await BasicAsync("worker:" + TestImport.Secret.Replace(' ', '+'))).Status.Should().Be(200);

    [Fact]
    public async Task A_secret_is_good_in_the_form() => (await PostAsync(("client_id", "worker"), ("client_secret", TestImport.Secret))).Status.Should().Be(200);

    [Fact]
    public async Task The_name_of_the_scheme_ignores_case()
    {
        string credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes("worker:" + TestImport.Secret));
        (await SendAsync("bAsIc " + credentials)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Id_and_secret_in_the_header_are_form_encoded()
    {
        const string Id = "a:b%c+d", Secret = "p:%&+ä €";
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = Id, ClientSecret = Secret, GrantTypes = ["client_credentials"], Scope = "api" }, "test");
        var answer = await BasicAsync($"{Uri.EscapeDataString(Id)}:{Uri.EscapeDataString(Secret).Replace("%20", "+")}");
        answer.Status.Should().Be(200);
        Jwt.Claims(answer["access_token"]!).Text("sub").Should().Be(Id);
    }

    [Fact]
    public async Task The_same_client_id_in_the_form_beside_the_header_does_no_harm() =>
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("client_id", "worker"))).Status.Should().Be(200);

    [Fact]
    public async Task Two_methods_in_one_request_are_an_invalid_request()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("client_id", "worker"), ("client_secret", TestImport.Secret));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Fact]
    public async Task A_secret_in_the_form_beside_the_header_is_an_invalid_request()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("client_secret", TestImport.Secret));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Fact]
    public async Task Another_client_id_in_the_form_beside_the_header_is_an_invalid_request()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("client_id", "web"));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Theory]
    [InlineData("nobody", TestImport.Secret)]
    [InlineData("worker", "wrong")]
    [InlineData("worker", null)]
    [InlineData("WORKER", TestImport.Secret)]
    [InlineData("mobile", TestImport.Secret)]
    [InlineData(null, TestImport.Secret)]
    [InlineData(null, null)]
    public async Task Every_failure_in_the_form_answers_alike(string? id, string? secret)
    {
        var form = new List<(string, string)> { ("grant_type", "client_credentials") };
        if (id is not null) form.Add(("client_id", id));
        if (secret is not null) form.Add(("client_secret", secret));
        var answer = await server.TokenAsync(null, [.. form]);
        (answer.Status, answer.Body).Should().Be((401, Failed));
        answer.Headers.WwwAuthenticate.Should().BeEmpty();
    }

    [Theory]
    [InlineData("nobody:x")]
    [InlineData("worker:wrong")]
    [InlineData("worker:")]
    [InlineData("worker")]
    [InlineData(":secret")]
    [InlineData("")]
    [InlineData("mobile:secret")]
    [InlineData("worker:%zz")]
    [InlineData("worker:%")]
    [InlineData("worker:%ff")]
    [InlineData("worker:%00")]
    [InlineData("plain:secret+of+a+test+client")]
    public async Task Every_failure_in_the_header_answers_alike_and_names_the_scheme(string credentials)
    {
        var answer = await BasicAsync(credentials);
        (answer.Status, answer.Body).Should().Be((401, Failed));
        answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.Scheme.Should().Be("Basic");
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic d29ya2Vy%")]
    public async Task A_malformed_header_is_a_failure_like_any_other(string header)
    {
        var answer = await SendAsync(header);
        (answer.Status, answer.Body).Should().Be((401, Failed));
    }

    [Fact]
    public async Task A_public_client_that_introspects_with_the_header_is_told_the_scheme()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/introspect") { Content = new FormUrlEncodedContent([KeyValuePair.Create("token", "x")]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("mobile:"u8));
        var answer = await server.SendAsync(request);
        (answer.Status, answer.Body).Should().Be((401, Failed));
        answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.Scheme.Should().Be("Basic");
    }

    [Fact]
    public async Task The_method_that_a_client_is_registered_with_is_the_only_one_it_may_use()
    {
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "strict", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "api", TokenEndpointAuthMethod = "client_secret_basic" }, "test");
        (await BasicAsync("strict:" + TestImport.Secret)).Status.Should().Be(200);
        var answer = await PostAsync(("client_id", "strict"), ("client_secret", TestImport.Secret));
        (answer.Status, answer.Body).Should().Be((401, Failed));
    }

    [Fact]
    public async Task A_revoked_client_answers_as_an_unknown_one()
    {
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "gone", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "api" }, "test");
        await server.Get<ClientRegistry>().RevokeAsync("gone", "test");
        var answer = await PostAsync(("client_id", "gone"), ("client_secret", TestImport.Secret));
        (answer.Status, answer.Body).Should().Be((401, Failed));
    }

    [Fact]
    public async Task A_rotated_secret_takes_the_place_of_the_old_one_at_once()
    {
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "turning", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "api" }, "test");
        (await PostAsync(("client_id", "turning"), ("client_secret", TestImport.Secret))).Status.Should().Be(200);
        string? secret = await server.Get<ClientRegistry>().RotateSecretAsync("turning", "test");
        (await PostAsync(("client_id", "turning"), ("client_secret", TestImport.Secret))).Status.Should().Be(401);
        (await PostAsync(("client_id", "turning"), ("client_secret", secret!))).Status.Should().Be(200);
    }

    private Task<Answer> PostAsync(params (string, string)[] form) => server.TokenAsync(null, [.. form, ("grant_type", "client_credentials")]);

    private Task<Answer> BasicAsync(string credentials) => SendAsync("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));

    private async Task<Answer> SendAsync(string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]) };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await server.SendAsync(request);
    }
}
