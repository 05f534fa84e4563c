using System.Net.Http.Headers;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>The InTunnel face: signing in and out, and what a token is good for (contract section 2).</summary>
public sealed class InTunnelContractTests
{
    private const string LoggedIn = """{"success":true,"token":"<jwt>","user":{"id":1,"email":"jane@example.com","username":"jane"}}""";

    [Fact]
    public async Task A_right_password_gives_a_session_token_and_the_user()
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/login", $$"""{ "email": "jane@example.com", "password": "{{TestImport.Password}}" }""")).ShouldBe(200, LoggedIn);
    }

    [Fact]
    public async Task An_address_ignores_case()
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/login", new { email = "JANE@Example.COM", password = TestImport.Password })).ShouldBe(200, LoggedIn);
    }

    [Theory]
    [InlineData("jane@example.com", "wrong")]
    [InlineData("nobody@example.com", TestImport.Password)]
    public async Task A_wrong_password_and_an_unknown_user_are_answered_alike(string email, string password)
    {
        await using var server = await TestServer.StartAsync(["--Accounts:RevealUnknownUser=true"]);
        (await server.PostJsonAsync("/api/login", new { email, password })).ShouldFail(401, "Invalid email or password");
    }

    [Fact]
    public async Task With_a_second_factor_the_password_gives_a_temp_token_only()
    {
        await using var server = await TestServer.StartAsync();
        (await server.InTunnelLoginAsync("john")).ShouldBe(200, """{"success":false,"requires_2fa":true,"temp_token":"<temp>"}""");
    }

    [Fact]
    public async Task The_code_then_gives_the_session_token()
    {
        await using var server = await TestServer.StartAsync();
        string temp = (await server.InTunnelLoginAsync("john"))["temp_token"]!;
        var answer = await server.PostJsonAsync("/api/verify-2fa", new { temp_token = temp, code = server.TotpCode() });
        answer.ShouldBe(200, """{"success":true,"token":"<jwt>","user":{"id":2,"email":"john@example.com","username":"john"}}""");
        (await server.GetAsync("/api/tunnels", answer["token"])).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_wrong_code_is_said_to_be_one()
    {
        await using var server = await TestServer.StartAsync();
        string temp = (await server.InTunnelLoginAsync("john"))["temp_token"]!;
        (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = temp, code = "000000" })).ShouldFail(401, "Invalid verification code");
        (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = temp, code = server.TotpCode() })).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_temp_token_is_invalid_when_it_is_garbage_or_used_or_old()
    {
        await using var server = await TestServer.StartAsync();
        string used = (await server.InTunnelLoginAsync("john"))["temp_token"]!, old = (await server.InTunnelLoginAsync("john"))["temp_token"]!;
        await server.PostJsonAsync("/api/verify-2fa", new { temp_token = used, code = server.TotpCode() });
        (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = "temp_abc123...", code = "123456" })).ShouldFail(401, "Invalid or expired temp token");
        (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = used, code = server.TotpCode(1) })).ShouldFail(401, "Invalid or expired temp token");
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = old, code = server.TotpCode() })).ShouldFail(401, "Invalid or expired temp token");
    }

    [Fact]
    public async Task Five_wrong_codes_end_a_temp_token()
    {
        await using var server = await TestServer.StartAsync();
        string temp = (await server.InTunnelLoginAsync("john"))["temp_token"]!;
        for (int i = 0; i < 5; i++) (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = temp, code = "wrong" })).ShouldFail(401, "Invalid verification code");
        (await server.PostJsonAsync("/api/verify-2fa", new { temp_token = temp, code = server.TotpCode() })).ShouldFail(401, "Invalid or expired temp token");
    }

    [Fact]
    public async Task Logging_out_ends_the_session()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.SessionTokenAsync();
        (await server.PostJsonAsync("/api/logout", null, token)).ShouldBe(200, """{"success":true}""");
        (await server.GetAsync("/api/tunnels", token)).ShouldFail(401, "Invalid token");
        (await server.PostJsonAsync("/api/logout", null, token)).ShouldFail(401, "Invalid token");
        (await server.IsActiveAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task Logging_out_ends_no_other_session()
    {
        await using var server = await TestServer.StartAsync();
        string first = await server.SessionTokenAsync(), second = await server.SessionTokenAsync();
        await server.PostJsonAsync("/api/logout", null, first);
        (await server.GetAsync("/api/tunnels", second)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_session_token_lives_24_hours_and_has_expired_then()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.SessionTokenAsync();
        server.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        (await server.GetAsync("/api/tunnels", token)).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.GetAsync("/api/tunnels", token)).ShouldFail(401, "Token expired");
        (await server.PostJsonAsync("/api/logout", null, token)).ShouldFail(401, "Token expired");
    }

    [Theory]
    [InlineData("GET", "/api/tunnels")]
    [InlineData("POST", "/api/tunnels")]
    [InlineData("POST", "/api/tunnels/1/regenerate")]
    [InlineData("DELETE", "/api/tunnels/1")]
    [InlineData("POST", "/api/logout")]
    public async Task Every_protected_route_asks_for_a_token(string method, string path)
    {
        await using var server = await TestServer.StartAsync();
        (await server.CallAsync(method, path)).ShouldFail(401, "Authentication required");
        (await server.CallAsync(method, path, "garbage")).ShouldFail(401, "Invalid token");
    }

    [Theory]
    [InlineData("Basic", "amFuZTp4")]
    [InlineData("Bearer", null)]
    [InlineData("Token", "abc")]
    public async Task What_is_no_bearer_token_at_all_is_a_missing_one(string scheme, string? value)
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tunnels");
        request.Headers.Authorization = new AuthenticationHeaderValue(scheme, value);
        (await server.SendAsync(request)).ShouldFail(401, "Authentication required");
    }

    [Fact]
    public async Task A_token_in_the_address_is_not_read()
    {
        await using var server = await TestServer.StartAsync();
        string token = await server.SessionTokenAsync();
        (await server.GetAsync($"/api/tunnels?access_token={token}&token={token}")).ShouldFail(401, "Authentication required");
    }

    [Fact]
    public async Task The_scheme_ignores_case()
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tunnels");
        request.Headers.TryAddWithoutValidation("Authorization", "bearer " + await server.SessionTokenAsync());
        (await server.SendAsync(request)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_token_of_another_kind_or_with_another_signature_is_invalid()
    {
        await using var server = await TestServer.StartAsync();
        await server.SetPinAsync();
        string session = await server.SessionTokenAsync();
        string[] others =
        [
            session[..^8] + "AAAAAAAA", session + "A", session[..session.LastIndexOf('.')] + ".", (await server.TunnelAsync(session)).Token, await server.PinTokenAsync(), await server.WorkerTokenAsync(),
            (await server.VpnLoginAsync())["refresh_token"]!, (await server.InTunnelLoginAsync("john"))["temp_token"]!, "sk_live_000000000000000000000000",
        ];
        foreach (string other in others) (await server.GetAsync("/api/tunnels", other)).ShouldFail(401, "Invalid token");
    }

    [Fact]
    public async Task An_API_key_lists_tunnels_and_does_nothing_else()
    {
        await using var server = await TestServer.StartAsync();
        string session = await server.SessionTokenAsync(), key = (await server.ApiKeyAsync(session)).Key;
        long id = (await server.TunnelAsync(session)).Id;
        (await server.GetAsync("/api/tunnels", key)).Json.GetProperty("tunnels").GetArrayLength().Should().Be(1);
        (await server.PostJsonAsync("/api/tunnels", new { name = "x" }, key)).ShouldFail(403, "<text>");
        (await server.PostJsonAsync($"/api/tunnels/{id}/regenerate", null, key)).ShouldFail(403, "<text>");
        (await server.CallAsync("DELETE", $"/api/tunnels/{id}", key)).ShouldFail(403, "<text>");
        (await server.PostJsonAsync("/api/logout", null, key)).ShouldFail(403, "<text>");
    }
}
