using TokenServer.Accounts.TwoFactor;
using TokenServer.Tests.Support;
using Authenticator = TokenServer.Tests.Support.Authenticator;

namespace TokenServer.Tests.Contract;

/// <summary>The Account face: password and second factor (contract section 4).</summary>
public sealed class AccountCredentialTests
{
    private const string NewPassword = "a new and better one";

    [Fact]
    public async Task A_changed_password_is_the_only_one()
    {
        await using var server = await TestServer.StartAsync();
        (await ChangeAsync(server, await server.AccountTokenAsync())).ShouldBe(200, """{"message":"<text>"}""");
        (await server.AccountLoginAsync()).ShouldFailPlainly(401, "Invalid credentials");
        (await server.InTunnelLoginAsync()).ShouldFail(401, "Invalid email or password");
        (await server.VpnLoginAsync(password: NewPassword)).Status.Should().Be(200);
        (await server.SignInAsync(password: NewPassword)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_changed_password_ends_every_other_session_and_leaves_keys_and_tunnels()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddIntrospectorAsync("relay", "tunnel");
        var current = await server.AccountLoginAsync();
        string token = current["token"]!, key = (await server.ApiKeyAsync(token)).Key, tunnel = (await server.TunnelAsync(token)).Token, bob = await server.AccountTokenAsync("bob");
        string inTunnel = await server.SessionTokenAsync();
        var (vpn, oauth) = (await server.VpnLoginAsync(), await server.SignInAsync());
        (await ChangeAsync(server, token)).Status.Should().Be(200);
        (await server.GetAsync("/api/tunnels", inTunnel)).ShouldFail(401, "Invalid token");
        (await server.GetAsync("/auth/me", vpn["token"])).ShouldFail(401, "Invalid token");
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = vpn["refresh_token"] })).Status.Should().Be(401);
        (await server.IsActiveAsync(oauth["access_token"]!)).Should().BeFalse();
        (await server.RefreshAsync(oauth["refresh_token"]!))["error"].Should().Be("invalid_grant");
        foreach (string good in new[] { token, key, bob }) (await server.GetAsync("/auth/me", good)).Status.Should().Be(200);
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = current["refreshToken"] })).Status.Should().Be(200);
        (await server.IsActiveAsync(tunnel, "relay")).Should().BeTrue();
    }

    [Theory]
    [InlineData("short")]
    [InlineData("1234567")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("ababababab")]
    [InlineData("jane@example.com")]
    [InlineData("JANE@example.com")]
    public async Task A_weak_password_is_bad_input_and_changes_nothing(string weak)
    {
        await using var server = await TestServer.StartAsync();
        (await ChangeAsync(server, await server.AccountTokenAsync(), next: weak)).ShouldFailPlainly(400, "/.*new_password.*/");
        (await server.AccountLoginAsync()).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("""{"new_password":"a new and better one"}""", "current_password")]
    [InlineData("""{"current_password":"x"}""", "new_password")]
    [InlineData("""{"current_password":"","new_password":"a new and better one"}""", "current_password")]
    public async Task A_missing_password_is_named(string body, string field)
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/v1/auth/password", body, await server.AccountTokenAsync())).ShouldFailPlainly(400, $"/.*{field}.*/");
    }

    [Fact]
    public async Task A_wrong_current_password_counts_for_the_lockout_of_all_faces()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=3"]);
        string token = await server.AccountTokenAsync();
        for (int i = 0; i < 3; i++) (await ChangeAsync(server, token, current: "wrong")).ShouldFailPlainly(401, "Invalid credentials");
        (await ChangeAsync(server, token)).ShouldFailPlainly(401, "Invalid credentials");
        (await server.AccountLoginAsync()).ShouldFailPlainly(401, "Invalid credentials");
        (await server.InTunnelLoginAsync()).ShouldFail(401, "Invalid email or password");
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await ChangeAsync(server, token)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("/password")]
    [InlineData("/2fa/setup")]
    [InlineData("/2fa/enable")]
    [InlineData("/2fa/disable")]
    public async Task Ten_minutes_after_signing_in_it_takes_a_new_sign_in(string route)
    {
        await using var server = await TestServer.StartAsync();
        var login = await server.AccountLoginAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        (await server.PostJsonAsync("/api/v1/auth" + route, "{}", login["token"])).ShouldFailPlainly(403, "Sign in again");
        var refreshed = await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = login["refreshToken"] });
        (await server.PostJsonAsync("/api/v1/auth" + route, "{}", refreshed["token"])).ShouldFailPlainly(403, "Sign in again");
        (await server.PostJsonAsync("/api/v1/auth" + route, "{}", await server.AccountTokenAsync())).Status.Should().NotBe(403);
    }

    [Fact]
    public async Task Within_ten_minutes_a_password_is_changed()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        (await ChangeAsync(server, token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Setting_up_gives_secret_address_and_picture_and_changes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var setup = await SetUpAsync(server, await server.AccountTokenAsync("bob"));
        setup.ShouldBe(200, """{"secret":"/^[A-Z2-7]{32}$/","otpauth_uri":"/^otpauth://totp/.*bob\\?.*$/","qr_svg":"/^(?s)<svg .*</svg>\\s*$/"}""");
        setup["otpauth_uri"].Should().Contain("secret=" + setup["secret"]);
        (await server.AccountLoginAsync("bob")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Enabling_takes_a_code_and_gives_ten_recovery_codes()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync("bob"), secret = (await SetUpAsync(server, token))["secret"]!;
        (await server.PostJsonAsync("/api/v1/auth/2fa/enable", new { code = "000000" }, token)).ShouldFailPlainly(400, "<text>");
        (await server.AccountLoginAsync("bob")).Status.Should().Be(200);
        var enabled = await server.PostJsonAsync("/api/v1/auth/2fa/enable", new { code = Code(server, secret) }, token);
        enabled.ShouldBe(200, $$"""{"recovery_codes":[{{string.Join(',', Enumerable.Repeat("\"<text>\"", 10))}}]}""");
        enabled.Json.Texts("recovery_codes").Should().OnlyHaveUniqueItems();
        (await server.AccountLoginAsync("bob")).ShouldBe(401, """{"error":"Two-factor authentication required","requires_2fa":true,"temp_token":"<temp>"}""");
        (await server.InTunnelLoginAsync("bob")).ShouldBe(200, """{"success":false,"requires_2fa":true,"temp_token":"<temp>"}""");
        (await server.SignInAsync(user: "bob"))["error"].Should().Be("mfa_required");
    }

    [Fact]
    public async Task While_it_is_on_nothing_can_be_set_up()
    {
        await using var server = await TestServer.StartAsync();
        var (token, secret, _) = await EnableAsync(server);
        (await SetUpAsync(server, token)).ShouldFailPlainly(409, "<text>");
        (await server.PostJsonAsync("/api/v1/auth/2fa/enable", new { code = Code(server, secret, 1) }, token)).ShouldFailPlainly(400, "<text>");
        (await VerifyAsync(server, Code(server, secret, 1))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_second_set_up_takes_the_place_of_the_first()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.AccountTokenAsync("bob"), first = (await SetUpAsync(server, token))["secret"]!, second = (await SetUpAsync(server, token))["secret"]!;
        (await server.PostJsonAsync("/api/v1/auth/2fa/enable", new { code = Code(server, first) }, token)).ShouldFailPlainly(400, "<text>");
        (await server.PostJsonAsync("/api/v1/auth/2fa/enable", new { code = Code(server, second) }, token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Without_a_set_up_no_code_enables_it()
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/v1/auth/2fa/enable", new { code = "123456" }, await server.AccountTokenAsync("bob"))).ShouldFailPlainly(400, "<text>");
    }

    [Fact]
    public async Task The_code_that_enabled_it_signs_nobody_in()
    {
        await using var server = await TestServer.StartAsync();
        string secret = (await EnableAsync(server)).Secret;
        (await VerifyAsync(server, Code(server, secret))).ShouldFailPlainly(401, "Invalid verification code");
        (await VerifyAsync(server, Code(server, secret, 1))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once()
    {
        await using var server = await TestServer.StartAsync();
        string code = (await EnableAsync(server)).RecoveryCodes[0];
        (await VerifyAsync(server, code)).Status.Should().Be(200);
        (await VerifyAsync(server, code)).ShouldFailPlainly(401, "Invalid verification code");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disabling_takes_password_and_a_code_of_either_kind(bool recoveryCode)
    {
        await using var server = await TestServer.StartAsync();
        var (token, secret, codes) = await EnableAsync(server);
        string code = recoveryCode ? codes[3] : Code(server, secret, 1);
        (await DisableAsync(server, token, "wrong", code)).ShouldFailPlainly(401, "Invalid credentials");
        (await DisableAsync(server, token, TestImport.Password, "000000")).ShouldFailPlainly(401, "<text>");
        (await server.AccountLoginAsync("bob")).Status.Should().Be(401);
        (await DisableAsync(server, token, TestImport.Password, code)).ShouldBe(200, """{"message":"<text>"}""");
        (await server.AccountLoginAsync("bob")).Status.Should().Be(200);
        (await SetUpAsync(server, token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_is_not_on_cannot_be_disabled()
    {
        await using var server = await TestServer.StartAsync();
        (await DisableAsync(server, await server.AccountTokenAsync("bob"), TestImport.Password, "123456")).Status.Should().Be(401);
    }

    [Fact]
    public async Task Old_recovery_codes_are_dead_after_disabling_and_enabling_again()
    {
        await using var server = await TestServer.StartAsync();
        var (token, _, codes) = await EnableAsync(server);
        await DisableAsync(server, token, TestImport.Password, codes[0]);
        await EnableAsync(server, token);
        (await VerifyAsync(server, codes[1])).ShouldFailPlainly(401, "Invalid verification code");
    }

    private static Task<Answer> ChangeAsync(TestServer server, string token, string current = TestImport.Password, string next = NewPassword) =>
        server.PostJsonAsync("/api/v1/auth/password", new { current_password = current, new_password = next }, token);

    private static Task<Answer> SetUpAsync(TestServer server, string token) => server.PostJsonAsync("/api/v1/auth/2fa/setup", null, token);

    private static Task<Answer> DisableAsync(TestServer server, string token, string password, string code) => server.PostJsonAsync("/api/v1/auth/2fa/disable", new { password, code }, token);

    private static async Task<Answer> VerifyAsync(TestServer server, string code) =>
        await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = (await server.AccountLoginAsync("bob"))["temp_token"], code });

    // Turns on bob's second factor.
    private static async Task<(string Token, string Secret, string[] RecoveryCodes)> EnableAsync(TestServer server, string? token = null)
    {
        token ??= await server.AccountTokenAsync("bob");
        string secret = (await SetUpAsync(server, token))["secret"]!;
        var enabled = await server.PostJsonAsync("/api/v1/auth/2fa/enable", new { code = Code(server, secret) }, token);
        return (token, secret, [.. enabled.Json.Texts("recovery_codes")]);
    }

    private static string Code(TestServer server, string secret, int steps = 0) => Authenticator.Code(secret, server.Clock.GetUtcNow(), steps);
}
