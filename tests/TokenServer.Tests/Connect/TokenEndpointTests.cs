using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>What all grants share: the answer's headers, the grant types, the scopes (contract section 1).</summary>
public sealed class TokenEndpointTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task A_token_answer_is_never_stored()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"));
        answer.Status.Should().Be(200);
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
        answer.Headers.Pragma.ToString().Should().Be("no-cache");
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
    }

    [Fact]
    public async Task An_error_is_never_stored()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "nothing"));
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
        answer.Headers.Pragma.ToString().Should().Be("no-cache");
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
    }

    [Fact]
    public async Task A_missing_grant_type_is_an_invalid_request() => Expect(await server.TokenAsync("worker"), 400, "invalid_request");

    [Fact]
    public async Task An_empty_grant_type_is_a_missing_one() => Expect(await server.TokenAsync("worker", ("grant_type", "")), 400, "invalid_request");

    [Theory]
    [InlineData("implicit")]
    [InlineData("Password")]
    public async Task An_unknown_grant_type_is_unsupported(string type) => Expect(await server.TokenAsync("worker", ("grant_type", type)), 400, "unsupported_grant_type");

    [Theory]
    [InlineData("worker", "password")]
    [InlineData("worker", "refresh_token")]
    [InlineData("web", "client_credentials")]
    [InlineData("plain", "urn:tokenserver:grant-type:two_factor")]
    [InlineData("api", "client_credentials")]
    [InlineData("web", "urn:ietf:params:oauth:grant-type:device_code")]
    public async Task A_grant_type_that_the_client_does_not_list_is_not_for_it(string client, string type)
    {
        var answer = client == "plain"
            ? await server.TokenAsync(null, ("client_id", client), ("client_secret", TestImport.Secret), ("grant_type", type))
            : await server.TokenAsync(client, ("grant_type", type));
        Expect(answer, 400, "unauthorized_client");
    }

    [Fact]
    public async Task The_client_is_authenticated_before_its_grant_is_looked_at() =>
        Expect(await server.TokenAsync(null, ("client_id", "nobody"), ("grant_type", "nothing")), 401, "invalid_client");

    [Theory]
    [InlineData("unheard-of")]
    [InlineData("api unheard-of")]
    [InlineData("files")]
    [InlineData("API")]
    [InlineData("api\topenid")]
    public async Task A_scope_that_is_unknown_or_not_the_clients_is_refused_before_credentials_are_looked_at(string scope) =>
        Expect(await server.SignInAsync(user: "no one", password: "wrong", scope: scope), 400, "invalid_scope");

    [Fact]
    public async Task The_admin_scope_is_refused_to_a_client_that_does_not_list_it_before_credentials_are_looked_at() =>
        Expect(await server.SignInAsync("other", user: "no one", password: "wrong", scope: "admin"), 400, "invalid_scope");

    [Fact]
    public async Task Scopes_asked_for_twice_are_granted_once()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "api files  api"));
        answer["scope"].Should().Be("api files");
    }

    [Fact]
    public async Task An_empty_scope_counts_as_none()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", ""));
        answer["scope"].Should().Be("api files");
    }

    [Fact]
    public async Task An_unknown_parameter_is_ignored() =>
        (await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("colour", "blue"))).Status.Should().Be(200);

    [Fact]
    public async Task An_error_has_a_code_and_a_description_in_printable_ASCII()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "für-alle"));
        answer.Json.Names().Should().Equal("error", "error_description");
        answer["error_description"].Should().MatchRegex("^[ -~]+$");
    }

    private static void Expect(Answer answer, int status, string error) => (answer.Status, answer["error"]).Should().Be((status, error));
}
