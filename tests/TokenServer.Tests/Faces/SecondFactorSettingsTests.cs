using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>Turning the second factor on and off (contract section 4).</summary>
public sealed class SecondFactorSettingsTests
{
    private const string Setup = "/api/v1/auth/2fa/setup", Enable = "/api/v1/auth/2fa/enable", Disable = "/api/v1/auth/2fa/disable";
    private static readonly Door Account = Door.Account;

    [Fact]
    public async Task Setting_up_changes_nothing_until_it_is_enabled()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server), secret = (await server.CallAsync("POST", Setup, session))["secret"]!;
        foreach (Door door in Door.All.Select(d => (Door)d)) (await door.SignInAsync(server)).Status.Should().Be(200);
        (await server.CallAsync("POST", Enable, session, new { code = Wrong(server, secret) })).Status.Should().Be(400);
        (await Account.SignInAsync(server)).Status.Should().Be(200);
        (await server.CallAsync("POST", Disable, session, new { password = TestImport.Password, code = Code(server, secret) })).Status.Should().Be(401);
        (await server.CallAsync("POST", Enable, session, new { code = Code(server, secret) })).Json.Texts("recovery_codes").Should().HaveCount(10).And.OnlyHaveUniqueItems();
        foreach (Door door in Door.All.Select(d => (Door)d)) (await door.SignInAsync(server))["temp_token"].Should().NotBeNull();
    }

    [Fact]
    public async Task The_code_that_enabled_it_signs_nobody_in()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server), secret = (await server.CallAsync("POST", Setup, session))["secret"]!, code = Code(server, secret);
        (await server.CallAsync("POST", Enable, session, new { code })).Status.Should().Be(200);
        foreach (Door door in Door.All.Select(d => (Door)d)) door.ExpectWrongCode(await door.VerifyAsync(server, await door.TempTokenAsync(server, "bob"), code));
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server, "bob"), Code(server, secret, 1))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_second_setup_takes_the_place_of_the_first()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server);
        string first = (await server.CallAsync("POST", Setup, session))["secret"]!, second = (await server.CallAsync("POST", Setup, session))["secret"]!;
        second.Should().NotBe(first);
        (await server.CallAsync("POST", Enable, session, new { code = Code(server, first) })).Body.Should().Be("""{"error":"Invalid verification code"}""");
        (await server.CallAsync("POST", Enable, session, new { code = Code(server, second) })).Status.Should().Be(200);
    }

    [Fact]
    public async Task Without_a_setup_there_is_nothing_to_enable()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("POST", Enable, await Account.TokenAsync(server), new { code = "000000" })).Status.Should().Be(400);
        (await Account.SignInAsync(server)).Status.Should().Be(200);
    }

    [Fact]
    public async Task While_it_is_enabled_a_setup_is_refused_and_the_secret_stays()
    {
        await using var server = await StartAsync();
        string session = await JohnAsync(server);
        (await server.CallAsync("POST", Setup, session)).Status.Should().Be(409);
        (await server.CallAsync("POST", Enable, session, new { code = server.TotpCode(1) })).Status.Should().Be(400);
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode(1))).Status.Should().Be(200);
    }

    [Fact]
    public async Task Disabling_needs_both_password_and_code()
    {
        await using var server = await StartAsync();
        string session = await JohnAsync(server), code = server.TotpCode(1);
        (await DisableAsync(server, session, new { password = "wrong", code })).Body.Should().Be("""{"error":"Invalid credentials"}""");
        (await DisableAsync(server, session, new { password = TestImport.Password, code = "000000" })).Body.Should().Be("""{"error":"Invalid verification code"}""");
        (await DisableAsync(server, session, new { password = TestImport.Password })).Status.Should().Be(400);
        (await DisableAsync(server, session, new { code })).Status.Should().Be(400);
        (await Account.SignInAsync(server, "john"))["temp_token"].Should().NotBeNull();
        (await DisableAsync(server, session, new { password = TestImport.Password, code })).Status.Should().Be(200);
        foreach (Door door in Door.All.Select(d => (Door)d)) door.AccessToken(await door.SignInAsync(server, "john")).Should().NotBeNull();
    }

    [Fact]
    public async Task A_recovery_code_disables_it_too_and_what_was_set_up_is_gone()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server), secret = (await server.CallAsync("POST", Setup, session))["secret"]!;
        string[] codes = [.. (await server.CallAsync("POST", Enable, session, new { code = Code(server, secret) })).Json.Texts("recovery_codes")];
        (await DisableAsync(server, session, new { password = TestImport.Password, code = codes[0] })).Status.Should().Be(200);
        (await server.CallAsync("POST", Enable, session, new { code = Code(server, secret, 1) })).Status.Should().Be(400);
        string next = (await server.CallAsync("POST", Setup, session))["secret"]!;
        (await server.CallAsync("POST", Enable, session, new { code = Code(server, next) })).Status.Should().Be(200);
        Account.ExpectWrongCode(await Account.VerifyAsync(server, await Account.TempTokenAsync(server, "bob"), codes[1]));
    }

    [Theory]
    [InlineData("/api/v1/auth/password")]
    [InlineData(Setup)]
    [InlineData(Enable)]
    [InlineData(Disable)]
    public async Task Ten_minutes_after_the_sign_in_it_takes_a_new_one(string path)
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        (await server.CallAsync("POST", path, session, new { })).Status.Should().NotBe(403);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        var refused = await server.CallAsync("POST", path, session, new { current_password = TestImport.Password, new_password = "another horse battery", password = TestImport.Password, code = "000000" });
        (refused.Status, refused.Body).Should().Be((403, """{"error":"Sign in again"}"""));
    }

    [Fact]
    public async Task Refreshing_makes_no_sign_in_recent()
    {
        await using var server = await StartAsync();
        var signedIn = await Account.SignInAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        var refreshed = await Account.RefreshAsync(server, Account.RefreshToken(signedIn)!);
        (await server.CallAsync("POST", Setup, Account.AccessToken(refreshed))).Status.Should().Be(403);
    }

    private static async Task<string> JohnAsync(TestServer server) =>
        Account.AccessToken(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode()));

    private static Task<Answer> DisableAsync(TestServer server, string session, object body) => server.CallAsync("POST", Disable, session, body);

    private static string Code(TestServer server, string secret, int steps = 0) => Authenticator.Code(secret, server.Clock.GetUtcNow(), steps);

    // A code that is of none of the steps around now.
    private static string Wrong(TestServer server, string secret) =>
        new[] { "000000", "000001", "000002", "000003" }.First(c => !Enumerable.Range(-1, 3).Any(step => Code(server, secret, step) == c));

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(FaceRequests.NoLimits);
}
