using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>The client_credentials grant (contract section 1).</summary>
public sealed class ClientCredentialsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task A_client_gets_an_access_token_and_nothing_else()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"));
        answer.Status.Should().Be(200);
        answer.Json.Names().Should().BeEquivalentTo("access_token", "token_type", "expires_in", "scope");
        answer["scope"].Should().Be("api files");
    }

    [Fact]
    public async Task The_subject_is_the_client_itself_and_there_is_no_session()
    {
        var claims = Jwt.Claims(await server.WorkerTokenAsync());
        (claims.Text("sub"), claims.Text("client_id")).Should().Be(("worker", "worker"));
        claims.Names().Should().NotContain(["sid", "auth_time", "role"]);
    }

    [Fact]
    public async Task The_audience_is_the_resources_of_the_scopes()
    {
        var claims = Jwt.Claims(await server.WorkerTokenAsync());
        claims.Texts("aud").Should().BeEquivalentTo("api", "files", "archive");
    }

    [Fact]
    public async Task The_scope_narrows_the_audience()
    {
        var answer = await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "files"));
        answer["scope"].Should().Be("files");
        Jwt.Claims(answer["access_token"]!).Texts("aud").Should().BeEquivalentTo("files", "archive");
    }

    [Fact]
    public async Task Scopes_without_resources_have_the_issuer_as_audience()
    {
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "operator", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "admin" }, "test");
        var answer = await server.TokenAsync("operator", ("grant_type", "client_credentials"), ("scope", "admin"));
        answer["scope"].Should().Be("admin");
        Jwt.Claims(answer["access_token"]!).Text("aud").Should().Be(server.Address);
    }

    [Fact]
    public async Task The_admin_scope_is_never_given_unasked()
    {
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "caretaker", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "admin api" }, "test");
        (await server.TokenAsync("caretaker", ("grant_type", "client_credentials")))["scope"].Should().Be("api");
    }

    [Theory]
    [InlineData("openid")]
    [InlineData("offline_access")]
    [InlineData("openid api")]
    public async Task Scopes_for_users_are_refused(string scope)
    {
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "both", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "openid offline_access api" }, "test");
        var answer = await server.TokenAsync("both", ("grant_type", "client_credentials"), ("scope", scope));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_scope"));
    }

    [Fact]
    public async Task A_public_client_may_not_use_it()
    {
        var answer = await server.TokenAsync(null, ("client_id", "mobile"), ("grant_type", "client_credentials"));
        (answer.Status, answer["error"]).Should().Be((400, "unauthorized_client"));
    }

    [Fact]
    public async Task A_public_client_cannot_be_registered_with_it() =>
        (await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "bold", GrantTypes = ["client_credentials"] }, "test")).Should().Contain("confidential");

    [Fact]
    public async Task A_client_may_have_a_lifetime_of_its_own()
    {
        (await server.TokenAsync("opaque", ("grant_type", "client_credentials"))).Json.Number("expires_in").Should().Be(600);
    }
}
