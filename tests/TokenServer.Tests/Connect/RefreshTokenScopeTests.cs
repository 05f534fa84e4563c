using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>What a refresh may change: narrower scopes for one access token, never wider, never another client (contract section 1).</summary>
public sealed class RefreshTokenScopeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task A_refresh_without_scope_gives_the_sessions_scopes_and_an_id_token()
    {
        var answer = await server.RefreshAsync(await SignInAsync());
        answer["scope"].Should().Be("openid offline_access api");
        answer.Json.Names().Should().BeEquivalentTo("access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token");
    }

    [Fact]
    public async Task A_narrower_scope_narrows_the_access_token()
    {
        var answer = await RefreshAsync(await SignInAsync(), "api");
        answer["scope"].Should().Be("api");
        Jwt.Claims(answer["access_token"]!).Text("scope").Should().Be("api");
        answer.Json.Names().Should().NotContain("id_token");
    }

    [Fact]
    public async Task The_successor_of_a_narrowed_refresh_keeps_the_sessions_scopes()
    {
        var narrowed = await RefreshAsync(await SignInAsync(), "api");
        (await server.RefreshAsync(narrowed["refresh_token"]!))["scope"].Should().Be("openid offline_access api");
    }

    [Theory]
    [InlineData("api profile")]
    [InlineData("admin")]
    [InlineData("unheard-of")]
    public async Task A_wider_scope_is_refused_and_the_token_stays_unused(string scope)
    {
        string token = await SignInAsync();
        var refused = await RefreshAsync(token, scope);
        (refused.Status, refused["error"]).Should().Be((400, "invalid_scope"));
        (await server.IntrospectAsync(token, "web"))["active"].Should().Be("True");
        (await server.RefreshAsync(token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Another_clients_refresh_token_is_an_invalid_grant_and_stays_unused()
    {
        string token = await SignInAsync();
        var refused = await server.RefreshAsync(token, "other");
        (refused.Status, refused["error"]).Should().Be((400, "invalid_grant"));
        (await server.RefreshAsync(token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Another_clients_use_of_a_used_token_ends_no_session()
    {
        string first = await SignInAsync();
        string second = (await server.RefreshAsync(first))["refresh_token"]!, third = (await server.RefreshAsync(second))["refresh_token"]!;
        (await server.RefreshAsync(first, "other"))["error"].Should().Be("invalid_grant");
        (await server.RefreshAsync(third)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_missing_refresh_token_is_an_invalid_request()
    {
        var answer = await server.TokenAsync("web", ("grant_type", "refresh_token"));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Theory]
    [InlineData("rt_")]
    [InlineData("garbage")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("rt_ääääääääääääääääääääääääääääääääääääääääääää")]
    [InlineData("rt_                                           ")]
    public async Task A_made_up_refresh_token_is_an_invalid_grant(string token)
    {
        var answer = await server.RefreshAsync(token);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_grant"));
    }

    [Fact]
    public async Task An_access_token_is_no_refresh_token()
    {
        var signedIn = await server.SignInAsync();
        (await server.RefreshAsync(signedIn["access_token"]!))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_refreshed_access_token_belongs_to_the_same_session_and_tells_when_the_user_signed_in()
    {
        var signedIn = await server.SignInAsync();
        var before = Jwt.Claims(signedIn["access_token"]!);
        var after = Jwt.Claims((await server.RefreshAsync(signedIn["refresh_token"]!))["access_token"]!);
        after.Text("sid").Should().Be(before.Text("sid"));
        after.Number("auth_time").Should().Be(before.Number("auth_time"));
        after.Text("jti").Should().NotBe(before.Text("jti"));
    }

    private async Task<string> SignInAsync() => (await server.SignInAsync())["refresh_token"]!;

    private Task<Answer> RefreshAsync(string token, string scope) => server.TokenAsync("web", ("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope));
}
