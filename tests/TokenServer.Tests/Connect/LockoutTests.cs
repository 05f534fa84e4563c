using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Guessing at passwords and codes locks the account (contract section 0).</summary>
public sealed class LockoutTests
{
    private const string WrongPassword = """{"error":"invalid_grant","error_description":"user name or password is wrong"}""";
    private static readonly string[] LockAfterTwo = ["--Accounts:LockoutFailures=2"];

    [Fact]
    public async Task Ten_wrong_passwords_lock_an_account_for_five_minutes()
    {
        await using var server = await TestServer.StartAsync();
        await FailAsync(server, 10);
        (await server.SignInAsync()).Body.Should().Be(WrongPassword);
        server.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        (await server.SignInAsync()).Body.Should().Be(WrongPassword);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.SignInAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Nine_wrong_passwords_do_not_lock_and_a_right_one_forgets_them()
    {
        await using var server = await TestServer.StartAsync();
        await FailAsync(server, 9);
        (await server.SignInAsync()).Status.Should().Be(200);
        await FailAsync(server, 1);
        (await server.SignInAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Attempts_while_an_account_is_locked_do_not_extend_it()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        await FailAsync(server, 2);
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        await FailAsync(server, 3);
        await server.SignInAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await server.SignInAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task After_the_lock_the_count_starts_anew()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        await FailAsync(server, 2);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        await FailAsync(server, 1);
        (await server.SignInAsync()).Status.Should().Be(200);
        await FailAsync(server, 2);
        (await server.SignInAsync()).Body.Should().Be(WrongPassword);
    }

    [Fact]
    public async Task A_lock_is_one_for_all_clients_and_both_names_of_the_account()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        await server.SignInAsync("other", password: "wrong");
        await server.SignInAsync(user: "jane@example.com", password: "wrong");
        (await server.SignInAsync()).Body.Should().Be(WrongPassword);
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_lock_ends_no_session()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        var signedIn = await server.SignInAsync();
        await FailAsync(server, 2);
        (await server.IsActiveAsync(signedIn["access_token"]!)).Should().BeTrue();
        (await server.RefreshAsync(signedIn["refresh_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_lock_and_what_led_to_it_are_in_the_audit_trail()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        await FailAsync(server, 2);
        server.AuditedEvents().Should().ContainSingle(e => e == "account.locked").And.Contain("sign_in.failed");
    }

    [Fact]
    public async Task Overlong_passwords_are_refused_unhashed_and_count_for_nothing()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        for (int i = 0; i < 5; i++) (await server.SignInAsync(password: new string('x', 1001)))["error"].Should().Be("invalid_request");
        server.AuditedEvents().Should().NotContain("sign_in.failed");
        (await server.SignInAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Simultaneous_guesses_lock_too()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.SignInAsync(password: "wrong")));
        (await server.SignInAsync()).Body.Should().Be(WrongPassword);
    }

    [Fact]
    public async Task Ten_wrong_codes_across_temp_tokens_lock_the_second_factor_for_five_minutes()
    {
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 2; i++)
        {
            string temp = await TempTokenAsync(server);
            for (int j = 0; j < 5; j++) await server.SecondFactorAsync(temp, "wrong");
        }
        string last = await TempTokenAsync(server);
        var refused = await server.SecondFactorAsync(last, server.TotpCode());
        refused.Body.Should().Be("""{"error":"invalid_grant","error_description":"the code is wrong"}""");
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await server.SecondFactorAsync(await TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_locked_second_factor_answers_as_a_wrong_code_does_and_takes_no_recovery_code()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        string recovery = (await server.Get<TokenServer.Storage.Database>().WriteAsync(s => TokenServer.Accounts.TwoFactor.RecoveryCodes.Replace(s, 2)))[0], temp = await TempTokenAsync(server);
        string wrong = (await server.SecondFactorAsync(temp, "wrong")).Body;
        await server.SecondFactorAsync(temp, "wrong");
        (await server.SecondFactorAsync(temp, recovery)).Body.Should().Be(wrong);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await server.SecondFactorAsync(await TempTokenAsync(server), recovery)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Codes_tried_while_the_second_factor_is_locked_do_not_extend_it()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        string temp = await TempTokenAsync(server);
        for (int i = 0; i < 2; i++) await server.SecondFactorAsync(temp, "wrong");
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        for (int i = 0; i < 2; i++) await server.SecondFactorAsync(temp, "wrong");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await server.SecondFactorAsync(await TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task Wrong_codes_and_wrong_passwords_are_counted_apart()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        string temp = await TempTokenAsync(server);
        await server.SecondFactorAsync(temp, "wrong");
        await server.SignInAsync(user: "john", password: "wrong");
        (await server.SignInAsync(user: "john"))["error"].Should().Be("mfa_required");
        (await server.SecondFactorAsync(temp, server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_right_password_does_not_forget_wrong_codes()
    {
        await using var server = await TestServer.StartAsync(LockAfterTwo);
        await server.SecondFactorAsync(await TempTokenAsync(server), "wrong");
        await server.SecondFactorAsync(await TempTokenAsync(server), "wrong");
        (await server.SecondFactorAsync(await TempTokenAsync(server), server.TotpCode()))["error"].Should().Be("invalid_grant");
    }

    private static async Task FailAsync(TestServer server, int times)
    {
        for (int i = 0; i < times; i++) (await server.SignInAsync(password: "wrong")).Body.Should().Be(WrongPassword);
    }

    private static async Task<string> TempTokenAsync(TestServer server) => (await server.SignInAsync(user: "john"))["temp_token"]!;
}
