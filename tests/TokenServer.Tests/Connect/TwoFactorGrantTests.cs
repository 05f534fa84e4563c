using TokenServer.Accounts.TwoFactor;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>The two_factor grant: temp tokens, TOTP codes and recovery codes (contract section 1).</summary>
public sealed class TwoFactorGrantTests
{
    [Fact]
    public async Task A_right_password_gives_only_a_temp_token_while_a_second_factor_is_due()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SignInAsync(user: "john");
        (answer.Status, answer["error"]).Should().Be((400, "mfa_required"));
        answer.Json.Names().Should().BeEquivalentTo("error", "error_description", "temp_token", "expires_in");
        answer["temp_token"].Should().MatchRegex("^temp_[A-Za-z0-9_-]{43}$");
        answer.Json.Number("expires_in").Should().Be(300);
    }

    [Fact]
    public async Task A_right_code_gives_the_tokens_of_the_scopes_of_the_first_step()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SecondFactorAsync(await TempTokenAsync(server), server.TotpCode());
        (answer.Status, answer["scope"]).Should().Be((200, "openid offline_access api"));
        answer.Json.Names().Should().BeEquivalentTo("access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token");
        Jwt.Claims(answer["access_token"]!).Text("sub").Should().Be("2");
    }

    [Fact]
    public async Task Without_offline_access_in_the_first_step_there_is_no_refresh_token_after_the_second()
    {
        await using var server = await TestServer.StartAsync();
        string temp = (await server.SignInAsync(user: "john", scope: "api"))["temp_token"]!;
        (await server.SecondFactorAsync(temp, server.TotpCode())).Json.Names().Should().BeEquivalentTo("access_token", "token_type", "expires_in", "scope");
    }

    [Theory]
    [InlineData("000000")]
    [InlineData("12345")]
    [InlineData("abcd-efgh-jkmn-pqrs")]
    [InlineData("١٢٣٤٥٦")]
    public async Task A_wrong_code_is_an_invalid_grant(string code)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.SecondFactorAsync(await TempTokenAsync(server), code);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_grant"));
    }

    [Fact]
    public async Task A_code_works_once_per_account()
    {
        await using var server = await TestServer.StartAsync();
        string first = await TempTokenAsync(server), second = await TempTokenAsync(server), code = server.TotpCode();
        (await server.SecondFactorAsync(first, code)).Status.Should().Be(200);
        (await server.SecondFactorAsync(second, code))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task Of_simultaneous_uses_of_one_code_one_wins()
    {
        await using var server = await TestServer.StartAsync(isPatient: true);
        string first = await TempTokenAsync(server), second = await TempTokenAsync(server), code = server.TotpCode();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => server.SecondFactorAsync(i % 2 == 0 ? first : second, code)));
        answers.Should().ContainSingle(a => a.Status == 200);
        answers.Where(a => a.Status != 200).Should().OnlyContain(a => a["error"] == "invalid_grant");
    }

    [Fact]
    public async Task One_step_of_drift_to_either_side_is_allowed_and_no_more()
    {
        await using var server = await TestServer.StartAsync();
        string temp = await TempTokenAsync(server);
        (await server.SecondFactorAsync(temp, server.TotpCode(-2)))["error"].Should().Be("invalid_grant");
        (await server.SecondFactorAsync(temp, server.TotpCode(2)))["error"].Should().Be("invalid_grant");
        (await server.SecondFactorAsync(temp, server.TotpCode(-1))).Status.Should().Be(200);
        (await server.SecondFactorAsync(await TempTokenAsync(server), server.TotpCode(1))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_code_older_than_the_last_one_used_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        string first = await TempTokenAsync(server), second = await TempTokenAsync(server);
        await server.SecondFactorAsync(first, server.TotpCode(1));
        (await server.SecondFactorAsync(second, server.TotpCode()))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_recovery_code_works_once()
    {
        await using var server = await TestServer.StartAsync();
        string[] codes = await RecoveryCodesAsync(server);
        string first = await TempTokenAsync(server), second = await TempTokenAsync(server);
        (await server.SecondFactorAsync(first, codes[0])).Status.Should().Be(200);
        (await server.SecondFactorAsync(second, codes[0]))["error"].Should().Be("invalid_grant");
        (await server.SecondFactorAsync(second, codes[1])).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_recovery_code_is_read_whatever_its_case_and_dashes()
    {
        await using var server = await TestServer.StartAsync();
        string code = (await RecoveryCodesAsync(server))[0];
        (await server.SecondFactorAsync(await TempTokenAsync(server), code.Replace("-", " ").ToUpperInvariant())).Status.Should().Be(200);
    }

    [Fact]
    public async Task New_recovery_codes_take_the_place_of_the_old_ones()
    {
        await using var server = await TestServer.StartAsync();
        string old = (await RecoveryCodesAsync(server))[0];
        await RecoveryCodesAsync(server);
        (await server.SecondFactorAsync(await TempTokenAsync(server), old))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task Another_clients_temp_token_is_an_invalid_grant_and_stays_good()
    {
        await using var server = await TestServer.StartAsync();
        string temp = await TempTokenAsync(server);
        (await server.SecondFactorAsync(temp, server.TotpCode(), "other"))["error"].Should().Be("invalid_grant");
        (await server.SecondFactorAsync(temp, server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_temp_token_lives_five_minutes()
    {
        await using var server = await TestServer.StartAsync();
        string temp = await TempTokenAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        (await server.SecondFactorAsync(temp, server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_temp_token_is_dead_after_five_minutes()
    {
        await using var server = await TestServer.StartAsync();
        string temp = await TempTokenAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await server.SecondFactorAsync(temp, server.TotpCode()))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_temp_token_is_dead_after_success()
    {
        await using var server = await TestServer.StartAsync();
        string temp = await TempTokenAsync(server);
        await server.SecondFactorAsync(temp, server.TotpCode());
        (await server.SecondFactorAsync(temp, server.TotpCode(1)))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_temp_token_outlives_four_wrong_codes()
    {
        await using var server = await TestServer.StartAsync();
        string temp = await TempTokenAsync(server);
        for (int i = 0; i < 4; i++) await server.SecondFactorAsync(temp, "wrong");
        (await server.SecondFactorAsync(temp, server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_temp_token_is_dead_after_five_wrong_codes()
    {
        await using var server = await TestServer.StartAsync();
        string temp = await TempTokenAsync(server);
        for (int i = 0; i < 5; i++) await server.SecondFactorAsync(temp, "wrong");
        (await server.SecondFactorAsync(temp, server.TotpCode()))["error"].Should().Be("invalid_grant");
        (await server.SecondFactorAsync(await TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_temp_token_is_no_token_for_anything_else()
    {
        await using var server = await TestServer.StartAsync();
        string temp = await TempTokenAsync(server);
        (await server.IntrospectAsync(temp, "web")).Body.Should().Be("""{"active":false}""");
        (await server.RefreshAsync(temp))["error"].Should().Be("invalid_grant");
        (await server.UserInfoAsync(temp)).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_client_without_the_grant_cannot_sign_in_a_user_with_a_second_factor()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.TokenAsync(null, ("client_id", "plain"), ("client_secret", TestImport.Secret), ("grant_type", "password"), ("username", "john"), ("password", TestImport.Password));
        (answer.Status, answer["error"]).Should().Be((400, "unauthorized_client"));
        answer.Json.Names().Should().NotContain("temp_token");
    }

    [Theory]
    [InlineData("temp_token", "temp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("code", "123456")]
    public async Task A_missing_temp_token_or_code_is_an_invalid_request(string name, string value)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.TokenAsync("web", ("grant_type", "urn:tokenserver:grant-type:two_factor"), (name, value));
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    private static async Task<string> TempTokenAsync(TestServer server) => (await server.SignInAsync(user: "john"))["temp_token"]!;

    private static Task<string[]> RecoveryCodesAsync(TestServer server) => server.Get<Database>().WriteAsync(s => RecoveryCodes.Replace(s, 2));
}
