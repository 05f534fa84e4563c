using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>Guessing is bounded on all faces together (contract section 0).</summary>
public sealed class LockoutTests
{
    private const string ChangePassword = "/api/v1/auth/password", Disable = "/api/v1/auth/2fa/disable";
    private static readonly string[] LockAfterThree = [.. FaceRequests.NoLimits, "--Accounts:LockoutFailures=3"];
    private static readonly Door Account = Door.Account;

    [Fact]
    public async Task Ten_wrong_passwords_over_all_doors_lock_the_passwords_and_the_codes_of_all()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        var temps = new Dictionary<string, string>();
        foreach (string door in Door.All) temps[door] = await ((Door)door).TempTokenAsync(server);
        for (int i = 0; i < 10; i++) await ((Door)Door.All[i % Door.All.Length]).SignInAsync(server, i % 2 == 0 ? "john" : "john@example.com", "wrong");
        foreach (Door door in Doors) door.ExpectWrongPassword(await door.SignInAsync(server, "john"));
        foreach (var (name, temp) in temps)
        {
            Door door = name;
            door.ExpectWrongCode(await door.VerifyAsync(server, temp, server.TotpCode()));
        }
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        foreach (Door door in Doors)
        {
            (await door.VerifyAsync(server, await door.TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200, "the code was not used up");
            server.Clock.Advance(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task Nine_wrong_passwords_over_all_doors_lock_nothing()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        for (int i = 0; i < 9; i++) await ((Door)Door.All[i % Door.All.Length]).SignInAsync(server, password: "wrong");
        (await Account.SignInAsync(server)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Ten_wrong_codes_over_all_doors_and_temp_tokens_lock_the_codes_of_all_and_no_passwords()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        for (int i = 0; i < 10; i++)
        {
            Door door = Door.All[i % Door.All.Length];
            door.ExpectWrongCode(await door.VerifyAsync(server, await door.TempTokenAsync(server), "000000"));
        }
        foreach (Door door in Doors) door.ExpectWrongCode(await door.VerifyAsync(server, await door.TempTokenAsync(server), server.TotpCode()));
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task Nine_wrong_codes_lock_nothing_and_a_right_password_does_not_forget_them()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        for (int i = 0; i < 9; i++) await Account.VerifyAsync(server, await Account.TempTokenAsync(server), "000000");
        string last = await Account.TempTokenAsync(server), spare = await Account.TempTokenAsync(server);
        (await Account.VerifyAsync(server, spare, server.TotpCode())).Status.Should().Be(200);
        (await Account.VerifyAsync(server, last, "000000")).Status.Should().Be(401);
        (await Account.VerifyAsync(server, last, server.TotpCode(1))).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(299)]
    public async Task A_password_lock_lasts_no_longer_whatever_a_stranger_tries_meanwhile(int everySeconds)
    {
        await using var server = await TestServer.StartAsync(LockAfterThree);
        string session = await Account.TokenAsync(server);
        for (int i = 0; i < 3; i++) await Account.SignInAsync(server, password: "wrong");
        for (int passed = everySeconds, i = 0; passed < 300; passed += everySeconds, i++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(everySeconds));
            Door door = Door.All[i % Door.All.Length];
            door.ExpectWrongPassword(await door.SignInAsync(server, password: i % 2 == 0 ? "wrong" : TestImport.Password));
        }
        server.Clock.Advance(TimeSpan.FromSeconds(300 % everySeconds == 0 ? everySeconds : 300 % everySeconds));
        (await Account.SignInAsync(server)).Status.Should().Be(200);
        (await server.IsGoodEverywhereAsync(session)).Should().BeTrue();
    }

    [Theory]
    [InlineData(30)]
    [InlineData(299)]
    public async Task A_code_lock_lasts_no_longer_whatever_is_tried_meanwhile(int everySeconds)
    {
        await using var server = await TestServer.StartAsync(LockAfterThree);
        for (int i = 0; i < 3; i++) await Account.VerifyAsync(server, await Account.TempTokenAsync(server), "000000");
        for (int passed = everySeconds, i = 0; passed < 300; passed += everySeconds, i++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(everySeconds));
            Door door = Door.All[i % Door.All.Length];
            door.ExpectWrongCode(await door.VerifyAsync(server, await door.TempTokenAsync(server), i % 2 == 0 ? "000000" : server.TotpCode()));
        }
        server.Clock.Advance(TimeSpan.FromSeconds(300 % everySeconds == 0 ? everySeconds : 300 % everySeconds));
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task After_a_lock_a_strangers_next_guess_is_his_first()
    {
        await using var server = await TestServer.StartAsync(LockAfterThree);
        for (int i = 0; i < 3; i++) await Account.SignInAsync(server, password: "wrong");
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        for (int i = 0; i < 2; i++) await Account.SignInAsync(server, password: "wrong");
        (await Account.SignInAsync(server)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_wrong_current_password_counts_as_a_wrong_password()
    {
        await using var server = await TestServer.StartAsync(LockAfterThree);
        string session = await Account.TokenAsync(server);
        object wrong = new { current_password = "wrong", new_password = "another horse battery" };
        for (int i = 0; i < 3; i++) (await server.CallAsync("POST", ChangePassword, session, wrong)).Body.Should().Be("""{"error":"Invalid credentials"}""");
        foreach (Door door in Doors) door.ExpectWrongPassword(await door.SignInAsync(server));
        var right = await server.CallAsync("POST", ChangePassword, session, new { current_password = TestImport.Password, new_password = "another horse battery" });
        (right.Status, right.Body).Should().Be((401, """{"error":"Invalid credentials"}"""));
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await Account.SignInAsync(server)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Wrong_codes_and_passwords_of_a_disabling_count_as_those_of_a_sign_in()
    {
        await using var server = await TestServer.StartAsync(LockAfterThree);
        string session = Account.AccessToken(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode()));
        for (int i = 0; i < 3; i++) await server.CallAsync("POST", Disable, session, new { password = TestImport.Password, code = "000000" });
        foreach (Door door in Doors) door.ExpectWrongCode(await door.VerifyAsync(server, await door.TempTokenAsync(server), server.TotpCode(1)));
        for (int i = 0; i < 3; i++) await server.CallAsync("POST", Disable, session, new { password = "wrong", code = "000000" });
        foreach (Door door in Doors) door.ExpectWrongPassword(await door.SignInAsync(server, "john"));
    }

    private static IEnumerable<Door> Doors => Door.All.Select(d => (Door)d);
}
