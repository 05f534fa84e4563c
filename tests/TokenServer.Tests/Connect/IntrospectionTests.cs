using TokenServer.Clients;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>What introspection tells, and whom (RFC 7662, contract section 1).</summary>
public sealed class IntrospectionTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Inactive = """{"active":false}""";
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task A_users_access_token_is_told_with_all_it_says()
    {
        string token = (await server.SignInAsync())["access_token"]!;
        var (told, claims) = ((await server.IntrospectAsync(token)).Json, Jwt.Claims(token));
        told.GetProperty("active").GetBoolean().Should().BeTrue();
        (told.Text("token_use"), told.Text("token_type"), told.Text("username")).Should().Be(("access", "Bearer", "jane"));
        foreach (string name in (string[])["iss", "sub", "aud", "client_id", "exp", "iat", "jti", "scope", "auth_time", "sid", "role"])
            told.GetProperty(name).ToString().Should().Be(claims.GetProperty(name).ToString());
    }

    [Fact]
    public async Task A_clients_own_access_token_is_told_without_a_user()
    {
        var told = (await server.IntrospectAsync(await server.WorkerTokenAsync())).Json;
        (told.Text("sub"), told.Text("client_id"), told.Text("token_use"), told.Text("scope")).Should().Be(("worker", "worker", "access", "api files"));
        told.Texts("aud").Should().BeEquivalentTo("api", "files", "archive");
        told.Names().Should().NotContain(["username", "sid", "auth_time", "role"]);
    }

    [Fact]
    public async Task A_refresh_token_is_told_to_the_client_that_has_it()
    {
        string token = (await server.SignInAsync())["refresh_token"]!;
        var told = (await server.IntrospectAsync(token, "web")).Json;
        told.GetProperty("active").GetBoolean().Should().BeTrue();
        (told.Text("token_use"), told.Text("aud"), told.Text("sub"), told.Text("username"), told.Text("scope")).Should().Be(("refresh", "web", "1", "jane", "openid offline_access api"));
        (told.Number("exp") - told.Number("iat")).Should().Be(14 * 24 * 3600);
        told.Names().Should().Contain(["iss", "client_id", "jti"]);
    }

    [Fact]
    public async Task A_refresh_token_is_told_to_no_other_client()
    {
        string token = (await server.SignInAsync())["refresh_token"]!;
        (await server.IntrospectAsync(token)).Body.Should().Be(Inactive);
    }

    [Fact]
    public async Task A_used_refresh_token_is_inactive()
    {
        string token = (await server.SignInAsync())["refresh_token"]!;
        await server.RefreshAsync(token);
        (await server.IntrospectAsync(token, "web")).Body.Should().Be(Inactive);
    }

    [Fact]
    public async Task An_access_token_for_other_audiences_is_inactive_to_a_stranger()
    {
        string token = (await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "files")))["access_token"]!;
        (await server.IntrospectAsync(token)).Body.Should().Be(Inactive);
    }

    [Fact]
    public async Task A_client_may_know_its_own_token_whatever_its_audience()
    {
        string token = (await server.SignInAsync(scope: "openid"))["access_token"]!;
        (await server.IsActiveAsync(token, "web")).Should().BeTrue();
        (await server.IsActiveAsync(token, "api")).Should().BeFalse();
    }

    [Fact]
    public async Task An_opaque_access_token_says_nothing_itself_and_is_told_like_any_other()
    {
        string token = await server.WorkerTokenAsync("opaque");
        token.Should().MatchRegex("^at_[A-Za-z0-9_-]{43}$");
        var told = (await server.IntrospectAsync(token)).Json;
        (told.Text("sub"), told.Text("token_use"), told.Text("aud"), told.Text("scope")).Should().Be(("opaque", "access", "api", "api"));
        (told.Number("exp") - told.Number("iat")).Should().Be(600);
    }

    [Fact]
    public async Task An_opaque_access_token_of_a_user_is_told_with_the_user()
    {
        string token = (await server.SignInAsync("opaque", scope: "openid api"))["access_token"]!;
        var told = (await server.IntrospectAsync(token)).Json;
        (told.Text("sub"), told.Text("username"), told.Text("role")).Should().Be(("1", "jane", "admin"));
        (await server.UserInfoAsync(token))["sub"].Should().Be("1");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("garbage")]
    [InlineData("ey")]
    [InlineData("ey.ey.ey")]
    [InlineData("..")]
    [InlineData("at_")]
    [InlineData("at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("eyäöü.eyJ.x")]
    [InlineData("at_😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀x")]
    [InlineData("' OR 1=1 --")]
    public async Task What_is_no_token_of_ours_is_exactly_inactive(string token)
    {
        if (token.Length == 0) token = new string('x', 60_000);
        var answer = await server.IntrospectAsync(token);
        (answer.Status, answer.Body).Should().Be((200, Inactive));
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
    }

    [Fact]
    public async Task An_id_token_is_no_token_to_introspect()
    {
        var signedIn = await server.SignInAsync();
        (await server.IntrospectAsync(signedIn["id_token"]!, "web")).Body.Should().Be(Inactive);
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    [InlineData("something_else")]
    public async Task A_hint_is_a_hint(string hint)
    {
        string token = await server.WorkerTokenAsync();
        (await server.PostAsync("/connect/introspect", "api", ("token", token), ("token_type_hint", hint))).Json.GetProperty("active").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task A_missing_token_is_an_invalid_request()
    {
        var answer = await server.PostAsync("/connect/introspect", "api");
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Fact]
    public async Task A_client_that_may_not_introspect_is_unauthorized()
    {
        var answer = await server.IntrospectAsync(await server.WorkerTokenAsync(), "worker");
        (answer.Status, answer["error"]).Should().Be((400, "unauthorized_client"));
    }

    [Fact]
    public async Task A_public_client_cannot_introspect()
    {
        var answer = await server.PostAsync("/connect/introspect", null, ("client_id", "mobile"), ("token", "x"));
        (answer.Status, answer["error"]).Should().Be((401, "invalid_client"));
    }

    [Fact]
    public async Task A_stranger_cannot_introspect()
    {
        var answer = await server.PostAsync("/connect/introspect", null, ("token", await server.WorkerTokenAsync()));
        (answer.Status, answer["error"]).Should().Be((401, "invalid_client"));
    }

    [Fact]
    public async Task An_audience_that_a_client_is_registered_with_is_one_it_may_know()
    {
        await server.Get<ClientRegistry>().AddAsync(new ClientRegistration { ClientId = "archive", ClientSecret = TestImport.Secret, Introspection = true, Audiences = ["archive", "tunnel"] }, "test");
        string token = (await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "files")))["access_token"]!;
        (await server.IsActiveAsync(token, "archive")).Should().BeTrue();
    }
}
