using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>Behaviour of OpenIddict's own tests of the token endpoint that no other test of ours holds (contract section 1).</summary>
public sealed class ExchangeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task Every_grant_tells_type_lifetime_and_scope_of_its_token()
    {
        var signedIn = await server.SignInAsync(scope: "openid offline_access");
        var answers = new[]
        {
            (signedIn, "openid offline_access"),
            (await server.RefreshAsync(signedIn["refresh_token"]!), "openid offline_access"),
            (await server.TokenAsync("worker", ("grant_type", "client_credentials"), ("scope", "api")), "api"),
            (await server.TokenAsync("opaque", ("grant_type", "client_credentials")), "api"),
        };
        foreach (var (answer, scope) in answers)
        {
            (answer.Status, answer["token_type"], answer["scope"]).Should().Be((200, "Bearer", scope));
            answer.Json.Number("expires_in").Should().BePositive();
            answer.Headers.CacheControl!.ToString().Should().Be("no-store");
            answer.Headers.Pragma.ToString().Should().Be("no-cache");
        }
    }

    [Fact]
    public async Task Expires_in_is_the_lifetime_of_the_access_token()
    {
        var answer = await server.SignInAsync();
        var claims = Jwt.Claims(answer["access_token"]!);
        answer.Json.Number("expires_in").Should().Be(claims.Number("exp") - claims.Number("iat"));
    }

    [Fact]
    public async Task A_public_client_refreshes_by_its_client_id()
    {
        var signedIn = await server.TokenAsync(null, ("client_id", "mobile"), ("grant_type", "password"), ("username", "bob"),
            ("password", TestImport.Password), ("scope", "offline_access"));
        string token = signedIn["refresh_token"]!;
        (await server.TokenAsync(null, ("grant_type", "refresh_token"), ("refresh_token", token))).ShouldBeError(401, "invalid_client");
        (await server.RefreshAsync(token, "other")).ShouldBeError(400, "invalid_grant");
        var answer = await server.TokenAsync(null, ("client_id", "mobile"), ("grant_type", "refresh_token"), ("refresh_token", token));
        answer.Status.Should().Be(200);
        answer["refresh_token"].Should().MatchRegex("^rt_[A-Za-z0-9_-]{43}$").And.NotBe(token);
    }

    [Theory]
    [InlineData("web", "access_token")]
    [InlineData("web", "id_token")]
    [InlineData("opaque", "access_token")]
    [InlineData("opaque", "id_token")]
    public async Task No_other_token_is_a_refresh_token(string client, string kind)
    {
        string token = (await server.SignInAsync(client, scope: "openid"))[kind]!;
        (await server.RefreshAsync(token)).ShouldBeError(400, "invalid_grant");
    }

    [Fact]
    public async Task A_refresh_token_changed_in_its_last_character_is_an_invalid_grant_and_ends_nothing()
    {
        string token = (await server.SignInAsync())["refresh_token"]!;
        string changed = token[..^1] + (token[^1] == 'A' ? 'Q' : 'A');
        (await server.RefreshAsync(changed)).ShouldBeError(400, "invalid_grant");
        (await server.RefreshAsync(token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Without_a_leeway_a_second_use_ends_the_session()
    {
        await using var own = await TestServer.StartAsync(["--TokenServer:Lifetimes:RefreshTokenReuseLeeway=00:00:00"]);
        string token = (await own.SignInAsync())["refresh_token"]!;
        var next = await own.RefreshAsync(token);
        own.Clock.Advance(TimeSpan.FromSeconds(1));
        (await own.RefreshAsync(token)).ShouldBeError(400, "invalid_grant");
        (await own.RefreshAsync(next["refresh_token"]!)).ShouldBeError(400, "invalid_grant");
        (await own.IsActiveAsync(next["access_token"]!)).Should().BeFalse();
    }

    [Fact]
    public async Task A_client_without_any_grant_may_still_introspect_and_revoke()
    {
        (await server.TokenAsync("api", ("grant_type", "client_credentials"))).ShouldBeError(400, "unauthorized_client");
        (await server.PostAsync(Calls.Introspect, "api", ("token", "x"))).Status.Should().Be(200);
        (await server.PostAsync(Calls.Revoke, "api", ("token", "x"))).Status.Should().Be(200);
    }
}
