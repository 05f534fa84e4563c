using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>The Account face: signing in, refreshing, logging out (contract section 4).</summary>
public sealed class AccountContractTests
{
    private const string LoggedIn = """{"token":"<jwt>","expires_in":3600,"refreshToken":"<refresh>","user":{"id":"user_1","username":"jane","email":"jane@example.com"}}""";
    private const string WrongRefreshToken = "Invalid or expired refresh token";

    [Fact]
    public async Task A_right_password_gives_both_tokens_and_the_user()
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/v1/auth/login", $$"""{"username":"jane","password":"{{TestImport.Password}}"}""")).ShouldBe(200, LoggedIn);
        (await server.AccountLoginAsync("JANE")).ShouldBe(200, LoggedIn);
    }

    [Fact]
    public async Task Expires_in_follows_the_setting()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Lifetimes:AccessToken=00:10:00"]);
        var login = await server.AccountLoginAsync();
        login.Json.Number("expires_in").Should().Be(600);
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        (await server.GetAsync("/api/v1/auth/keys", login["token"])).ShouldFailPlainly(401, "Authentication required");
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = login["refreshToken"] })).Json.Number("expires_in").Should().Be(600);
    }

    [Theory]
    [InlineData("jane", "wrong")]
    [InlineData("nobody", TestImport.Password)]
    public async Task A_wrong_password_and_an_unknown_user_are_answered_alike(string user, string password)
    {
        await using var server = await TestServer.StartAsync();
        (await server.AccountLoginAsync(user, password)).ShouldFailPlainly(401, "Invalid credentials");
    }

    [Fact]
    public async Task An_unknown_user_is_told_where_that_is_switched_on()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:RevealUnknownUser=true"]);
        (await server.AccountLoginAsync("nobody")).ShouldFailPlainly(401, "User not found");
        (await server.AccountLoginAsync("jane", "wrong")).ShouldFailPlainly(401, "Invalid credentials");
        (await server.AccountLoginAsync()).ShouldBe(200, LoggedIn);
    }

    [Fact]
    public async Task With_a_second_factor_the_tokens_come_after_the_code()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.AccountLoginAsync("john");
        first.ShouldBe(401, """{"error":"Two-factor authentication required","requires_2fa":true,"temp_token":"<temp>"}""");
        (await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = first["temp_token"], code = "000000" })).ShouldFailPlainly(401, "Invalid verification code");
        (await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = first["temp_token"], code = server.TotpCode() })).ShouldBe(200,
            """{"token":"<jwt>","expires_in":3600,"refreshToken":"<refresh>","user":{"id":"user_2","username":"john","email":"john@example.com"}}""");
        (await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = first["temp_token"], code = server.TotpCode(1) })).ShouldFailPlainly(401, "Invalid or expired temp token");
    }

    [Fact]
    public async Task A_refresh_token_rotates()
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.AccountLoginAsync();
        var refreshed = await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = login["refreshToken"] });
        refreshed.ShouldBe(200, """{"token":"<jwt>","expires_in":3600,"refreshToken":"<refresh>"}""");
        refreshed["refreshToken"].Should().NotBe(login["refreshToken"]);
        (await server.GetAsync("/api/v1/auth/keys", refreshed["token"])).Status.Should().Be(200);
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = login["refreshToken"] }))["refreshToken"].Should().Be(refreshed["refreshToken"]);
    }

    [Fact]
    public async Task A_reused_refresh_token_ends_the_session()
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.AccountLoginAsync();
        var refreshed = await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = login["refreshToken"] });
        server.Clock.Advance(TimeSpan.FromSeconds(31));
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = login["refreshToken"] })).ShouldFailPlainly(401, WrongRefreshToken);
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = refreshed["refreshToken"] })).ShouldFailPlainly(401, WrongRefreshToken);
        (await server.GetAsync("/api/v1/auth/keys", refreshed["token"])).ShouldFailPlainly(401, "Authentication required");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_garbage_refresh_token_is_refused(string token)
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = token })).ShouldFailPlainly(401, WrongRefreshToken);
    }

    [Fact]
    public async Task An_expired_refresh_token_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        string? token = (await server.AccountLoginAsync())["refreshToken"];
        server.Clock.Advance(TimeSpan.FromDays(14));
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = token })).ShouldFailPlainly(401, WrongRefreshToken);
    }

    [Fact]
    public async Task Logging_out_kills_access_and_refresh_token()
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.AccountLoginAsync();
        (await server.PostJsonAsync("/api/v1/auth/logout", null, login["token"])).ShouldBe(200, """{"message":"Successfully logged out"}""");
        (await server.PostJsonAsync("/api/v1/auth/logout", null, login["token"])).ShouldFailPlainly(401, "Authentication required");
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = login["refreshToken"] })).ShouldFailPlainly(401, WrongRefreshToken);
        (await server.IsActiveAsync(login["token"]!)).Should().BeFalse();
    }

    [Theory]
    [InlineData("POST", "/api/v1/auth/logout")]
    [InlineData("POST", "/api/v1/auth/keys")]
    [InlineData("GET", "/api/v1/auth/keys")]
    [InlineData("DELETE", "/api/v1/auth/keys/key_1")]
    [InlineData("POST", "/api/v1/auth/password")]
    [InlineData("POST", "/api/v1/auth/2fa/setup")]
    [InlineData("POST", "/api/v1/auth/2fa/enable")]
    [InlineData("POST", "/api/v1/auth/2fa/disable")]
    public async Task Every_protected_route_asks_for_a_sessions_token(string method, string path)
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.AccountLoginAsync();
        string key = (await server.ApiKeyAsync(login["token"]!)).Key;
        foreach (string? bad in new[] { null, "garbage", login["refreshToken"], await server.WorkerTokenAsync(), "sk_live_000000000000000000000000" })
            (await server.CallAsync(method, path, bad)).ShouldFailPlainly(401, "Authentication required");
        (await server.CallAsync(method, path, key)).ShouldFailPlainly(403, "<text>");
        server.Clock.Advance(TimeSpan.FromHours(1));
        (await server.CallAsync(method, path, login["token"])).ShouldFailPlainly(401, "Authentication required");
    }
}
