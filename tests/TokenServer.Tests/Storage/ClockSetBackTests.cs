using TokenServer.Keys;
using TokenServer.Keys.Jose;
using TokenServer.Pruning;
using TokenServer.Sessions;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Storage;

/// <summary>A clock was ahead and is set right: no moment that it has stamped holds longer than its rule (contract section 0).</summary>
public sealed class ClockSetBackTests
{
    private const int Bob = 3;
    private static readonly Door Account = Door.Account;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Year = TimeSpan.FromDays(365);

    public static TheoryData<int> HoursAhead => [1, 2, 25, 24 * 400];

    [Theory]
    [MemberData(nameof(HoursAhead))]
    public async Task A_lock_counts_as_made_now(int hours)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        await LockAsync(server);
        Account.ExpectWrongPassword(await Account.SignInAsync(server));
        SetBack(server, Hour * hours);
        Account.ExpectWrongPassword(await Account.SignInAsync(server));
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        Account.ExpectWrongPassword(await Account.SignInAsync(server, password: "wrong"));
        Account.ExpectWrongPassword(await Account.SignInAsync(server));
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await Account.SignInAsync(server)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(10)]
    [InlineData(59)]
    public async Task A_replica_that_is_a_little_behind_keeps_the_lock(double seconds)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        await LockAsync(server);
        SetBack(server, TimeSpan.FromSeconds(seconds));
        Account.ExpectWrongPassword(await Account.SignInAsync(server));
        Account.ExpectWrongPassword(await Account.SignInAsync(server, password: "wrong"));
        Account.ExpectWrongPassword(await Account.SignInAsync(server));
    }

    [Theory]
    [MemberData(nameof(HoursAhead))]
    public async Task Codes_are_locked_no_longer(int hours)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        for (int i = 0; i < 10; i++) await Account.VerifyAsync(server, await Account.TempTokenAsync(server), "000000");
        SetBack(server, Hour * hours);
        Account.ExpectWrongCode(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode()));
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
    }

    [Theory]
    [MemberData(nameof(HoursAhead))]
    public async Task A_code_is_taken_and_once_only(int hours)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
        SetBack(server, Hour * hours);
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode())).Status.Should().Be(200);
        Account.ExpectWrongCode(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_code_that_a_replica_a_little_ahead_took_is_used(int steps)
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string code = server.TotpCode(steps);
        server.Clock.Advance(TimeSpan.FromSeconds(30 * (steps - 1)));
        (await Account.VerifyAsync(server, await Account.TempTokenAsync(server), code)).Status.Should().Be(200);
        SetBack(server, TimeSpan.FromSeconds(30 * (steps - 1)));
        Account.ExpectWrongCode(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode()));
    }

    [Fact]
    public async Task A_temp_token_and_a_PIN_token_are_dead()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        await server.Get<TokenServer.Accounts.Pins.PinFile>().SetAsync("2468", "test");
        string temp = await Account.TempTokenAsync(server), pin = (await server.CallAsync("POST", "/api/auth", null, new { pin = "2468" }))["token"]!;
        SetBack(server, Hour);
        Account.ExpectWrongTempToken(await Account.VerifyAsync(server, temp, server.TotpCode()));
        (await server.CallAsync("GET", "/api/status", pin)).Status.Should().Be(401);
    }

    [Theory]
    [InlineData("/api/login", "Login", 2)]
    [InlineData("/auth/login", "Password", 26)]
    [InlineData("/api/v1/auth/login", "Password", 24 * 400)]
    public async Task A_limit_is_over_and_counts_anew(string path, string limit, int hours)
    {
        await using var server = await TestServer.StartAsync([$"--RateLimits:{limit}:Permits=2"]);
        for (int i = 0; i < 2; i++) (await LoginAsync()).Status.Should().Be(200);
        (await LoginAsync()).Status.Should().Be(429);
        SetBack(server, Hour * hours);
        for (int i = 0; i < 2; i++) (await LoginAsync()).Status.Should().Be(200);
        var refused = await LoginAsync();
        (refused.Status, refused.Headers.RetryAfter!.Delta).Should().Be((429, TimeSpan.FromMinutes(1)));
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await LoginAsync()).Status.Should().Be(200);

        Task<Answer> LoginAsync() => server.CallAsync("POST", path, null,
            new Dictionary<string, string> { [path == "/api/v1/auth/login" ? "username" : "email"] = "bob", ["password"] = TestImport.Password });
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(15)]
    [InlineData(59)]
    public async Task A_limit_that_was_met_a_little_ahead_holds_and_asks_for_no_more_than_its_window(double seconds)
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Login:Permits=1"]);
        await server.CallAsync("POST", "/api/login", null, new { email = "bob", password = "wrong" });
        SetBack(server, TimeSpan.FromSeconds(seconds));
        for (int i = 0; i < 2; i++)
        {
            var refused = await server.CallAsync("POST", "/api/login", null, new { email = "bob", password = "wrong" });
            (refused.Status, refused.Headers.RetryAfter!.Delta).Should().Be((429, TimeSpan.FromMinutes(1)));
        }
    }

    [Fact]
    public async Task A_used_refresh_token_is_answered_again_no_longer()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string first = (await server.SignInAsync())["refresh_token"]!, next = (await server.RefreshAsync(first))["refresh_token"]!;
        SetBack(server, Hour);
        (await server.RefreshAsync(first))["error"].Should().Be("invalid_grant");
        (await server.RefreshAsync(next))["error"].Should().Be("invalid_grant", "that was reuse, which ends the session");
        server.AuditedEvents().Should().Contain("refresh_token.reused");
    }

    [Fact]
    public async Task A_sign_in_that_lies_ahead_is_no_recent_one()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string refresh = Account.RefreshToken(await Account.SignInAsync(server))!;
        SetBack(server, Hour);
        string token = Account.AccessToken(await Account.RefreshAsync(server, refresh));
        var answer = await server.CallAsync("POST", "/api/v1/auth/2fa/setup", token);
        (answer.Status, answer["error"]).Should().Be((403, "Sign in again"));
    }

    [Fact]
    public async Task A_session_and_its_refresh_token_live_as_if_they_were_of_now()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string refresh = (await server.SignInAsync(user: "bob"))["refresh_token"]!;
        SetBack(server, Year);
        await server.Get<StampedAhead>().CountAsNowAsync();
        server.Get<OpenSessions>().Of(Bob).Should().ContainSingle().Which.StartedAt.Should().Be(server.Clock.GetUtcNow().UtcDateTime);
        server.Clock.Advance(TimeSpan.FromDays(14));
        (await server.RefreshAsync(refresh))["error"].Should().Be("invalid_grant", "a refresh token waits for 14 days");
    }

    [Fact]
    public async Task A_session_of_now_keeps_its_times()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        string refresh = (await server.SignInAsync(user: "bob"))["refresh_token"]!;
        var started = server.Clock.GetUtcNow().UtcDateTime;
        server.Clock.Advance(TimeSpan.FromDays(13));
        await server.Get<StampedAhead>().CountAsNowAsync();
        server.Get<OpenSessions>().Of(Bob).Should().ContainSingle().Which.StartedAt.Should().Be(started);
        server.Clock.Advance(TimeSpan.FromDays(1));
        (await server.RefreshAsync(refresh))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_browsers_cookie_is_none()
    {
        await using var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        using var browser = await Browser.OfAsync(server);
        SetBack(server, Hour);
        (await browser.GetAsync("/account")).ShouldAskToSignIn("/account");
    }

    [Fact]
    public async Task A_signing_key_serves_no_longer()
    {
        await using var server = await TestServer.StartAsync();
        var ring = server.Get<KeyRing>();
        await ring.RotateAsync(SigningKey.ES256, "test");
        SetBack(server, Year);
        await ring.MaintainAsync();
        var now = server.Clock.GetUtcNow().UtcDateTime;
        ring.RotatesAt(SigningKey.ES256).Should().Be(now + TimeSpan.FromDays(90));
        server.Clock.Advance(KeyRing.Retiring + TimeSpan.FromMinutes(1));
        await ring.MaintainAsync();
        ring.Keys.Should().HaveCount(4).And.NotContain(k => k.Phase == KeyPhase.Retiring);
    }

    private static async Task LockAsync(TestServer server)
    {
        for (int i = 0; i < 10; i++) await Account.SignInAsync(server, password: "wrong");
    }

    private static void SetBack(TestServer server, TimeSpan by) => server.Clock.Advance(-by);
}
