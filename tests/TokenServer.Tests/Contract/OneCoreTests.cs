using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>One core behind all faces: sessions, refresh tokens, lockout and second factor hold everywhere; the limits are each face's own (contract section 0).</summary>
public sealed class OneCoreTests
{
    [Fact]
    public async Task A_token_of_one_face_is_good_on_every_face_that_takes_one()
    {
        await using var server = await TestServer.StartAsync();
        string[] tokens = [await server.SessionTokenAsync(), (await server.VpnLoginAsync())["token"]!, await server.AccountTokenAsync(), (await server.SignInAsync())["access_token"]!];
        foreach (string token in tokens)
        {
            foreach (string path in new[] { "/api/tunnels", "/auth/me", "/v1/auth/me", "/api/v1/auth/keys" }) (await server.GetAsync(path, token)).Status.Should().Be(200, path);
            (await server.IsActiveAsync(token)).Should().BeTrue();
        }
    }

    [Theory]
    [InlineData("/api/logout")]
    [InlineData("/auth/logout")]
    [InlineData("/v1/auth/logout")]
    [InlineData("/api/v1/auth/logout")]
    public async Task Logging_out_by_any_face_ends_a_session_of_any_face(string logout)
    {
        await using var server = await TestServer.StartAsync();
        string inTunnel = await server.SessionTokenAsync();
        var (vpn, account, oauth) = (await server.VpnLoginAsync(), await server.AccountLoginAsync(), await server.SignInAsync());
        foreach (string token in new[] { inTunnel, vpn["token"]!, account["token"]!, oauth["access_token"]! })
        {
            (await server.PostJsonAsync(logout, null, token)).Status.Should().Be(200);
            (await server.GetAsync("/auth/me", token)).Status.Should().Be(401);
            (await server.IsActiveAsync(token)).Should().BeFalse();
        }
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = vpn["refresh_token"] })).Status.Should().Be(401);
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = account["refreshToken"] })).Status.Should().Be(401);
        (await server.RefreshAsync(oauth["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_refresh_token_is_good_on_both_account_faces_and_at_no_OAuth_client()
    {
        await using var server = await TestServer.StartAsync();
        string vpn = (await server.VpnLoginAsync())["refresh_token"]!, account = (await server.AccountLoginAsync())["refreshToken"]!;
        (await server.RefreshAsync(vpn))["error"].Should().Be("invalid_grant");
        (await server.RefreshAsync(account))["error"].Should().Be("invalid_grant");
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = vpn })).Status.Should().Be(200);
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = account })).Status.Should().Be(200);
    }

    [Fact]
    public async Task An_OAuth_clients_refresh_token_is_no_good_on_a_face_and_stays_good()
    {
        await using var server = await TestServer.StartAsync();
        string token = (await server.SignInAsync())["refresh_token"]!;
        (await server.PostJsonAsync("/auth/refresh", new { refresh_token = token })).ShouldFail(401, "Invalid or expired refresh token");
        (await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = token })).ShouldFailPlainly(401, "Invalid or expired refresh token");
        (await server.RefreshAsync(token)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_temp_token_is_good_on_the_account_faces_and_not_across_to_OAuth()
    {
        await using var server = await TestServer.StartAsync();
        string face = (await server.InTunnelLoginAsync("john"))["temp_token"]!, oauth = (await server.SignInAsync(user: "john"))["temp_token"]!;
        (await server.SecondFactorAsync(face, server.TotpCode()))["error"].Should().Be("invalid_grant");
        (await server.PostJsonAsync("/auth/verify-2fa", new { temp_token = oauth, code = server.TotpCode() })).ShouldFail(401, "Invalid or expired temp token");
        (await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = face, code = server.TotpCode() })).Status.Should().Be(200);
        (await server.SecondFactorAsync(oauth, server.TotpCode(1))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_code_works_once_whatever_the_face()
    {
        await using var server = await TestServer.StartAsync();
        string? first = (await server.InTunnelLoginAsync("john"))["temp_token"], second = (await server.AccountLoginAsync("john"))["temp_token"];
        (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = first, code = server.TotpCode() })).Status.Should().Be(200);
        (await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = second, code = server.TotpCode() })).ShouldFailPlainly(401, "Invalid verification code");
        (await server.SecondFactorAsync((await server.SignInAsync(user: "john"))["temp_token"]!, server.TotpCode()))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task Wrong_passwords_on_any_faces_lock_the_account_on_all_and_a_locked_one_answers_as_a_wrong_password()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=4", "--Accounts:RevealUnknownUser=true"]);
        await server.InTunnelLoginAsync(password: "wrong");
        await server.VpnLoginAsync(password: "wrong");
        await server.AccountLoginAsync(password: "wrong");
        await server.SignInAsync(password: "wrong");
        (await server.InTunnelLoginAsync()).ShouldFail(401, "Invalid email or password");
        (await server.VpnLoginAsync()).ShouldFail(401, "Invalid email or password");
        (await server.AccountLoginAsync()).ShouldFailPlainly(401, "Invalid credentials");
        (await server.SignInAsync())["error"].Should().Be("invalid_grant");
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await server.AccountLoginAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Wrong_codes_on_any_faces_lock_the_second_factor_on_all()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=3"]);
        string?[] temps = [(await server.InTunnelLoginAsync("john"))["temp_token"], (await server.VpnLoginAsync("john"))["temp_token"], (await server.AccountLoginAsync("john"))["temp_token"]];
        await server.PostJsonAsync("/api/verify-2fa", new { temp_token = temps[0], code = "wrong" });
        await server.PostJsonAsync("/auth/verify-2fa", new { temp_token = temps[1], code = "wrong" });
        await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = temps[2], code = "wrong" });
        (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = temps[0], code = server.TotpCode() })).ShouldFail(401, "Invalid verification code");
        (await server.AccountLoginAsync("john")).Json.Names().Should().Contain("temp_token");
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        string? fresh = (await server.AccountLoginAsync("john"))["temp_token"];
        (await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = fresh, code = server.TotpCode() })).Status.Should().Be(200);
    }

    [Fact]
    public async Task Thirty_requests_a_minute_pass_at_both_prefixes_of_VPN_Enterprise_together()
    {
        await using var server = await TestServer.StartAsync();
        string[] paths = ["/auth/refresh", "/v1/auth/verify-2fa", "/v1/auth/refresh", "/auth/verify-2fa"];
        for (int i = 0; i < 30; i++) (await server.PostJsonAsync(paths[i % paths.Length], new { refresh_token = "x", temp_token = "x", code = "x" })).Status.Should().Be(401);
        server.Clock.Advance(TimeSpan.FromSeconds(15));
        foreach (string prefix in new[] { "/auth", "/v1/auth" })
        {
            Answer[] refused = [await server.VpnLoginAsync(prefix: prefix), await server.PostJsonAsync(prefix + "/refresh", new { refresh_token = "x" }), await server.PostJsonAsync(prefix + "/verify-2fa", new { temp_token = "x", code = "x" })];
            foreach (var answer in refused)
            {
                answer.ShouldFail(429, "Too many requests");
                answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(45));
            }
        }
        (await server.AccountLoginAsync()).Status.Should().Be(200);
        (await server.SignInAsync()).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromSeconds(45));
        (await server.VpnLoginAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Thirty_requests_a_minute_pass_on_the_Account_face()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 30; i++)
            (await server.PostJsonAsync(i % 2 == 0 ? "/api/v1/auth/refresh" : "/api/v1/auth/verify-2fa", new { refreshToken = "x", temp_token = "x", code = "x" })).Status.Should().Be(401);
        Answer[] refused = [await server.AccountLoginAsync(), await server.PostJsonAsync("/api/v1/auth/refresh", new { refreshToken = "x" }), await server.PostJsonAsync("/api/v1/auth/verify-2fa", new { temp_token = "x", code = "x" })];
        foreach (var answer in refused)
        {
            answer.ShouldFailPlainly(429, "Too many requests");
            answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromMinutes(1));
        }
        (await server.VpnLoginAsync()).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await server.AccountLoginAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Routes_with_a_token_are_not_limited_with_signing_in()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=2"]);
        string vpn = (await server.VpnLoginAsync())["token"]!, account = await server.AccountTokenAsync();
        for (int i = 0; i < 100; i++)
        {
            (await server.GetAsync("/auth/me", vpn)).Status.Should().Be(200);
            (await server.GetAsync("/api/v1/auth/keys", account)).Status.Should().Be(200);
        }
    }
}
