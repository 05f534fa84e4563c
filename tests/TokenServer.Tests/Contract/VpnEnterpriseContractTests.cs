using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>The VPN Enterprise face at both of its prefixes (contract section 3).</summary>
public sealed class VpnEnterpriseContractTests
{
    private const string Old = "/auth", New = "/v1/auth";
    private const string Jane = """{"id":"usr_1","email":"jane@example.com","name":"Jane Doe","role":"admin","created_at":"2026-11-21T11:59:00Z","last_login":"2026-11-21T12:00:00Z"}""";
    private const string John = """{"id":"usr_2","email":"john@example.com","name":"John Roe","role":"user","created_at":"2026-11-21T11:59:00Z","last_login":"2026-11-21T12:00:00Z"}""";
    private const string Bob = """{"id":"usr_3","email":"bob@example.com","name":"bob","role":"user","created_at":"2026-11-21T11:59:00Z","last_login":"2026-11-21T12:00:00Z"}""";
    private const string WrongRefreshToken = "Invalid or expired refresh token";

    [Theory]
    [InlineData(Old)]
    [InlineData(New)]
    public async Task A_right_password_gives_both_tokens_and_the_user(string prefix)
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync(prefix + "/login", $$"""{"email": "jane@example.com","password": "{{TestImport.Password}}"}""")).ShouldBe(200, LoggedIn(Jane));
        (await server.VpnLoginAsync("bob", prefix: prefix)).ShouldBe(200, LoggedIn(Bob));
    }

    [Theory]
    [InlineData(Old, "jane", "wrong")]
    [InlineData(New, "jane", "wrong")]
    [InlineData(Old, "nobody", TestImport.Password)]
    [InlineData(New, "nobody", TestImport.Password)]
    public async Task A_wrong_password_and_an_unknown_user_are_answered_alike(string prefix, string user, string password)
    {
        await using var server = await TestServer.StartAsync(["--Accounts:RevealUnknownUser=true"]);
        (await server.VpnLoginAsync(user, password, prefix)).ShouldFail(401, "Invalid email or password");
    }

    [Theory]
    [InlineData(Old, New)]
    [InlineData(New, Old)]
    public async Task With_a_second_factor_the_tokens_come_after_the_code(string prefix, string other)
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.VpnLoginAsync("john", prefix: prefix);
        first.ShouldBe(401, """{"success":false,"error":"Two-factor authentication required","requires_2fa":true,"temp_token":"<temp>"}""");
        (await server.PostJsonAsync(other + "/verify-2fa", new { temp_token = first["temp_token"], code = server.TotpCode() })).ShouldBe(200, LoggedIn(John));
    }

    [Theory]
    [InlineData(Old)]
    [InlineData(New)]
    public async Task A_wrong_code_and_a_wrong_temp_token_are_told_apart(string prefix)
    {
        await using var server = await TestServer.StartAsync();
        string? temp = (await server.VpnLoginAsync("john", prefix: prefix))["temp_token"];
        (await server.PostJsonAsync(prefix + "/verify-2fa", new { temp_token = temp, code = "000000" })).ShouldFail(401, "Invalid verification code");
        (await server.PostJsonAsync(prefix + "/verify-2fa", new { temp_token = "temp_abc", code = server.TotpCode() })).ShouldFail(401, "Invalid or expired temp token");
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await server.PostJsonAsync(prefix + "/verify-2fa", new { temp_token = temp, code = server.TotpCode() })).ShouldFail(401, "Invalid or expired temp token");
    }

    [Theory]
    [InlineData(Old)]
    [InlineData(New)]
    public async Task Me_tells_who_is_signed_in_and_when_that_was(string prefix)
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.VpnLoginAsync(prefix: prefix))["token"]!;
        (await server.GetAsync(prefix + "/me", token)).ShouldBe(200, $$"""{"success":true,"user":{{Jane}}}""");
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        string later = (await server.VpnLoginAsync(prefix: prefix))["token"]!;
        (await server.GetAsync(prefix + "/me", later)).ShouldBe(200, $$"""{"success":true,"user":{{Jane.Replace("T12:00", "T12:10")}}}""");
    }

    [Theory]
    [InlineData(Old, New)]
    [InlineData(New, Old)]
    public async Task A_refresh_token_rotates(string prefix, string other)
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.VpnLoginAsync(prefix: prefix);
        var refreshed = await server.PostJsonAsync(other + "/refresh", new { refresh_token = login["refresh_token"] });
        refreshed.ShouldBe(200, """{"success":true,"token":"<jwt>","refresh_token":"<refresh>","token_type":"Bearer","expires_in":3600}""");
        refreshed["refresh_token"].Should().NotBe(login["refresh_token"]);
        (await server.GetAsync(prefix + "/me", refreshed["token"])).Status.Should().Be(200);
        (await server.PostJsonAsync(prefix + "/refresh", new { refresh_token = refreshed["refresh_token"] })).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_refresh_token_works_when_the_access_token_has_expired()
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.VpnLoginAsync();
        server.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        (await server.GetAsync("/auth/me", login["token"])).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.GetAsync("/auth/me", login["token"])).ShouldFail(401, "Token expired");
        var refreshed = await server.PostJsonAsync("/auth/refresh", new { refresh_token = login["refresh_token"] });
        (await server.GetAsync("/auth/me", refreshed["token"])).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_lost_answer_is_given_again_within_the_leeway_and_reuse_after_it_ends_the_session()
    {
        await using var server = await TestServer.StartAsync();
        string? first = (await server.VpnLoginAsync())["refresh_token"];
        var second = await server.PostJsonAsync("/auth/refresh", new { refresh_token = first });
        server.Clock.Advance(TimeSpan.FromSeconds(29));
        (await server.PostJsonAsync("/v1/auth/refresh", new { refresh_token = first }))["refresh_token"].Should().Be(second["refresh_token"]);
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = first })).ShouldFail(401, WrongRefreshToken);
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = second["refresh_token"] })).ShouldFail(401, WrongRefreshToken);
        (await server.GetAsync("/auth/me", second["token"])).ShouldFail(401, "Invalid token");
    }

    [Theory]
    [InlineData("rt_abc123def456...")]
    [InlineData("garbage")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_garbage_refresh_token_is_refused(string token)
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = token })).ShouldFail(401, WrongRefreshToken);
    }

    [Fact]
    public async Task A_refresh_token_ends_after_14_days_without_use()
    {
        await using var server = await TestServer.StartAsync();
        string? token = (await server.VpnLoginAsync())["refresh_token"], other = (await server.VpnLoginAsync())["refresh_token"];
        server.Clock.Advance(TimeSpan.FromDays(14) - TimeSpan.FromSeconds(1));
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = token })).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = other })).ShouldFail(401, WrongRefreshToken);
    }

    [Theory]
    [InlineData(Old, New, "{}")]
    [InlineData(New, Old, null)]
    public async Task Logging_out_kills_access_and_refresh_token(string prefix, string other, string? body)
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.VpnLoginAsync(prefix: prefix);
        (await server.PostJsonAsync(prefix + "/logout", body, login["token"])).ShouldBe(200, """{"success":true,"message":"Logged out"}""");
        (await server.GetAsync(other + "/me", login["token"])).ShouldFail(401, "Invalid token");
        (await server.PostJsonAsync(other + "/refresh", new { refresh_token = login["refresh_token"] })).ShouldFail(401, WrongRefreshToken);
        (await server.IsActiveAsync(login["token"]!)).Should().BeFalse();
    }

    [Theory]
    [InlineData("GET", "/auth/me")]
    [InlineData("GET", "/v1/auth/me")]
    [InlineData("POST", "/auth/logout")]
    [InlineData("POST", "/v1/auth/logout")]
    public async Task Protected_routes_have_InTunnels_three_texts(string method, string path)
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.VpnLoginAsync())["token"]!;
        (await server.CallAsync(method, path)).ShouldFail(401, "Authentication required");
        (await server.CallAsync(method, path, "garbage")).ShouldFail(401, "Invalid token");
        server.Clock.Advance(TimeSpan.FromHours(1));
        (await server.CallAsync(method, path, token)).ShouldFail(401, "Token expired");
    }

    [Theory]
    [InlineData(Old)]
    [InlineData(New)]
    public async Task An_API_key_stands_for_its_account_at_me_and_not_at_logout(string prefix)
    {
        await using var server = await TestServer.StartAsync();
        string key = (await server.ApiKeyAsync(await server.AccountTokenAsync())).Key;
        (await server.GetAsync(prefix + "/me", key)).ShouldBe(200, $$"""{"success":true,"user":{{Jane}}}""");
        (await server.PostJsonAsync(prefix + "/logout", null, key)).ShouldFail(403, "<text>");
        (await server.GetAsync(prefix + "/me", key)).Status.Should().Be(200);
    }

    private static string LoggedIn(string user) => $$"""{"success":true,"token":"<jwt>","refresh_token":"<refresh>","token_type":"Bearer","expires_in":3600,"user":{{user}}}""";
}
