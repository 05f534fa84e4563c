using TokenServer.Accounts;
using TokenServer.Storage;
using TokenServer.Tests.Connect.Device;
using TokenServer.Tests.Installs;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Telemetry;

/// <summary>What the server counts and measures.</summary>
public sealed class MetricTests
{
    [Fact]
    public async Task A_token_request_is_counted_by_grant_and_outcome()
    {
        await using var server = await TestServer.StartAsync();
        using var measured = new Measured(server);
        await server.WorkerTokenAsync();
        await server.SignInAsync(password: "wrong");
        await server.TokenAsync("worker", ("grant_type", "password"), ("username", "jane"), ("password", "x"));
        await server.TokenAsync(null, ("client_id", "nobody"), ("client_secret", "x"), ("grant_type", "client_credentials"));
        await server.TokenAsync("worker");
        measured.Of("token.request.duration").Should().Equal("client_credentials ok", "password invalid_grant", "password unauthorized_client", "client_credentials invalid_client", "none invalid_request");
        measured.Values("token.request.duration").Should().OnlyContain(seconds => seconds > 0 && seconds < 60);
    }

    [Fact]
    public async Task Proofs_of_keys_are_counted_by_what_they_were_worth()
    {
        await using var server = await TestServer.StartAsync();
        using var measured = new Measured(server);
        var key = new DpopKey();
        string proof = key.ForTokens(server);
        foreach (string shown in (string[])[proof, proof, key.ForTokens(server, new { iat = 1 }), key.ForTokens(server, nonce: "x"), proof])
            await server.BoundAsync(shown, "worker", ("grant_type", "client_credentials"));
        measured.Of("dpop.proofs").Should().Equal("good", "used", "wrong", "nonce_due", "used");
    }

    [Fact]
    public async Task Nothing_that_a_client_made_up_becomes_an_attribute()
    {
        await using var server = await TestServer.StartAsync();
        using var measured = new Measured(server);
        await server.TokenAsync("worker", ("grant_type", "made-up"), ("scope", "made-up"));
        await server.TokenAsync(null, ("client_id", "made-up"), ("client_secret", "made-up"), ("grant_type", "made-up"));
        await server.SignInAsync(user: "made-up", password: "made-up");
        await server.IntrospectAsync("made-up");
        await server.CallAsync("POST", "/api/login", null, new { email = "made-up", password = "made-up" });
        await server.CallAsync("POST", "/api/v2/slowdns/install/precheck", null, new { install_code = "made-up" });
        measured.Of("token.request.duration").Should().Contain("other unsupported_grant_type");
        measured.Tags.Should().NotBeEmpty().And.NotContain(tag => tag.Contains("made-up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sign_ins_are_counted_by_face_and_outcome()
    {
        await using var server = await TestServer.StartAsync([.. FaceRequests.NoLimits, "--Accounts:LockoutFailures=2"]);
        using var measured = new Measured(server);
        await server.SignInAsync();
        await server.SignInAsync(user: "nobody");
        string temp = (await server.SignInAsync(user: "john"))["temp_token"]!;
        await server.SecondFactorAsync(temp, "000000");
        await server.SecondFactorAsync(temp, server.TotpCode());
        foreach (var (path, login) in ((string, object)[])[("/api/login", new { email = "bob", password = "wrong" }), ("/auth/login", new { email = "bob", password = "wrong" }), ("/api/v1/auth/login", new { username = "bob", password = TestImport.Password })])
            await server.CallAsync("POST", path, null, login);
        measured.Of("sign_ins").Should().Equal("connect ok", "connect unknown_user", "connect second_factor_required", "connect wrong_code", "connect ok", "intunnel wrong_password", "vpn_enterprise wrong_password", "account locked");
        measured.Of("lockouts").Should().Equal("password");
    }

    [Fact]
    public async Task Devices_are_counted_by_what_became_of_them()
    {
        await using var server = await DeviceRequests.StartAsync();
        using var bob = await Browser.OfAsync(server);
        using var measured = new Measured(server);
        var (allowed, denied, left) = (await server.AskAsync(), await server.AskAsync(), await server.AskAsync());
        await bob.DecideAsync(allowed.UserCode);
        await bob.DecideAsync(denied.UserCode, "deny");
        await server.PollAsync(allowed);
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        await server.PollAsync(left);
        measured.Of("device.events").Should().Equal("started", "started", "started", "allowed", "denied", "signed_in", "expired");
    }

    [Fact]
    public async Task A_disabled_account_and_a_locked_second_factor_are_told_apart()
    {
        await using var server = await TestServer.StartAsync(["--Accounts:LockoutFailures=2"]);
        using var measured = new Measured(server);
        await server.Get<UserAccounts>().DisableAsync(server.Get<UserAccounts>().FindByLogin("bob")!, "test");
        await server.SignInAsync(user: "bob");
        string temp = (await server.SignInAsync(user: "john"))["temp_token"]!;
        for (int i = 0; i < 3; i++) await server.SecondFactorAsync(temp, "000000");
        measured.Of("sign_ins").Should().Equal("connect disabled", "connect second_factor_required", "connect wrong_code", "connect wrong_code", "connect locked");
        measured.Of("lockouts").Should().Equal("second_factor");
    }

    [Fact]
    public async Task What_is_refused_is_counted_by_bucket_and_by_reason()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=1", "--RateLimits:Login:Permits=1"]);
        using var measured = new Measured(server);
        for (int i = 0; i < 2; i++)
        {
            await server.SignInAsync();
            await server.CallAsync("POST", "/api/login", null, new { email = "bob", password = "wrong" });
        }
        await server.TokenAsync(null, ("client_id", "nobody"), ("client_secret", "x"));
        await server.TokenAsync(null, ("client_id", "worker"), ("client_secret", "x"));
        await server.TokenAsync(null, ("client_id", "mobile"), ("client_secret", "x"));
        await server.TokenAsync(null);
        measured.Of("rate_limit.refusals").Should().Equal("connect.password", "intunnel.login");
        measured.Of("client_authentication.failures").Should().Equal("unknown_client", "wrong_secret", "wrong_method", "no_credentials");
    }

    [Fact]
    public async Task What_ends_is_counted_by_reason_and_reuse_is_one()
    {
        await using var server = await TestServer.StartAsync();
        using var measured = new Measured(server);
        var (revoked, reused) = (await server.SignInAsync(), await server.SignInAsync());
        await server.PostAsync("/connect/revoke", "web", ("token", revoked["refresh_token"]!));
        await server.RefreshAsync(reused["refresh_token"]!);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await server.RefreshAsync(reused["refresh_token"]!);
        await server.PostAsync("/connect/revoke", "worker", ("token", await server.WorkerTokenAsync()));
        measured.Of("sessions.ended").Should().Equal("session.revoked", "refresh_token.reused");
        measured.Values("tokens.revoked").Should().Equal(1);
    }

    [Fact]
    public async Task Introspections_are_counted_by_their_answer()
    {
        await using var server = await TestServer.StartAsync();
        using var measured = new Measured(server);
        await server.IntrospectAsync((await server.SignInAsync())["access_token"]!);
        await server.IntrospectAsync("nonsense");
        measured.Of("introspections").Should().Equal("active", "inactive");
    }

    [Fact]
    public async Task Installs_are_counted_by_step_and_refusals_by_code()
    {
        await using var server = await InstallServer.StartAsync(InstallRequests.NoInstallLimits);
        // The first one makes the keys.
        await new Installation(server).UpToAsync(Installation.Activate);
        using var measured = new Measured(server);
        var install = await new Installation(server).UpToAsync(Installation.Confirm);
        await install.DoAsync(Installation.Confirm);
        measured.Of("install.events").Should().Equal("install_code.issued", "install_code.prechecked", "activation.activated", "server.registered", "activation.confirmed", "install_token_consumed install.refused");
    }

    [SqliteFact("one queue")]
    public async Task Commits_queues_and_the_change_feed_are_measured()
    {
        await using var server = await TestServer.StartAsync();
        using var measured = new Measured(server);
        await server.SignInAsync();
        measured.Look();
        measured.Values("commit.operations").Should().Equal(1);
        measured.Values("commit.duration").Single().Should().BeGreaterThan(0);
        foreach (string queue in (string[])["password_hashing.queue.length", "password_hashing.refusals", "write_queue.length"]) measured.Values(queue).Should().Equal(0);
        measured.Values("change_feed.lag").Single().Should().BeInRange(0, 60);
    }

    [Fact]
    public async Task Another_processs_end_of_a_session_is_measured_by_its_age_when_it_is_seen()
    {
        await using var first = await TestServer.StartAsync();
        await using var second = await TestServer.StartAsync(folder: first.Folder, clock: first.Clock);
        using var measured = new Measured(second);
        // A whole second would be taken for the end of a token.
        first.Clock.Advance(TimeSpan.FromMilliseconds(1.5));
        await first.PostAsync("/connect/revoke", "web", ("token", (await first.SignInAsync())["refresh_token"]!));
        (await Eventually.TrueAsync(() => Task.FromResult(measured.Values("change_feed.revocation.age").Count > 0), Eventually.Never)).Should().BeTrue();
        measured.Values("change_feed.revocation.age").Should().Equal(0);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_counted()
    {
        await using var server = await TestServer.StartAsync();
        string refresh = (await server.SignInAsync())["refresh_token"]!;
        using var measured = new Measured(server);
        await server.Get<Database>().WriteAsync(s => s.Execute("""ALTER TABLE "OpenIddictTokens" RENAME TO "Gone" """));
        (await server.RefreshAsync(refresh)).Status.Should().Be(503);
        measured.Of("database.unavailable").Should().Equal("read");
        measured.Of("token.request.duration").Should().Equal("refresh_token temporarily_unavailable");
    }

    [Fact]
    public void Without_a_listener_counting_allocates_nothing()
    {
        var instruments = NoMeters.Instruments();
        void Count()
        {
            instruments.TokenRequested("password", "ok", instruments.StartTokenRequest());
            instruments.SignedIn("connect", "ok");
            instruments.Introspected(active: true);
            instruments.InstallHappened("install.refused", "install_code_invalid");
            instruments.Committed(3, instruments.StartCommit());
        }
        Count();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Count();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }
}
