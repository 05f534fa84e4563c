using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Answers;

/// <summary>The answers to the letter (seed 002), at 2026-03-31T12:00:00Z.</summary>
public sealed class SeedAnswerTests : IAsyncLifetime
{
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Health() => (await host.GetAsync("/api/v2/healthz")).ShouldBe(200, """{"data":{"status":"ok"},"meta":{"message":"OK"}}""");

    [Fact]
    public async Task Health_of_a_server_whose_database_does_not_answer()
    {
        host.Storage.IsDown = true;
        (await host.GetAsync("/api/v2/healthz")).ShouldFail(503, "unavailable");
    }

    [Fact]
    public async Task An_issued_code() => (await host.IssueAsync()).ShouldBe(201,
        """{"data":{"install_code":"<code>","expires_at":"2026-03-31T12:05:00+00:00","ttl_seconds":300},"meta":{"message":"SlowDNS install code issued"}}""");

    [Fact]
    public async Task An_issued_code_follows_the_setting()
    {
        await using var other = await TestHost.StartAsync(Limits.Only((o, _) => o.CodeLifetime = TimeSpan.FromSeconds(90)));
        (await other.IssueAsync()).ShouldBe(201,
            """{"data":{"install_code":"<code>","expires_at":"2026-03-31T12:01:30+00:00","ttl_seconds":90},"meta":{"message":"SlowDNS install code issued"}}""");
    }

    [Fact]
    public async Task A_code_without_the_page() => (await host.IssueAsync(null)).ShouldFail(403, "browser_session_required", "Open the SlowDNS page first before requesting an install code.");

    [Fact]
    public async Task A_code_over_the_limit()
    {
        await using var other = await TestHost.StartAsync(Limits.Only((o, _) => o.CodesPerIpPerHour = 1));
        await other.IssueAsync();
        (await other.IssueAsync()).ShouldFail(429, "rate_limit_exceeded", "Too many requests. Please wait before trying again.");
    }

    [Fact]
    public async Task A_precheck()
    {
        var install = await host.IssuedAsync();
        var answer = await install.PrecheckAsync();
        answer.ShouldBe(200, $$"""
            {"data":{"install_code":"{{install.Code}}","install_code_hint":"{{install.Code[..11]}}...{{install.Code[^6..]}}","precheck_token":"<jwt>","precheck_expires_at":"2026-03-31T12:10:00+00:00",
            "machine_binding":{"machine_id":"{{install.Machine.MachineId}}","ssh_fingerprint":"{{install.Machine.SshFingerprint}}"} },"meta":{"message":"Install code validated"} }
            """);
        answer.Text("install_code_hint").Should().MatchRegex(@"^IPT-SD-[0-9A-Z]{4}\.\.\.[0-9A-Z]{6}$");
    }

    [Fact]
    public async Task An_activation()
    {
        var install = await host.PrecheckedAsync();
        host.Clock.AdvanceMinutes(2);
        (await install.ActivateAsync()).ShouldBe(200, $$"""
            {"data":{"activation_id":"<activation>","install_token":"<jwt>","install_token_expires_at":"2026-03-31T12:12:00+00:00","install_code":"{{install.Code}}",
            "machine_binding":{"hostname":"ns1.example.com","public_ip":"1.2.3.4","machine_id":"{{install.Machine.MachineId}}","ssh_fingerprint":"{{install.Machine.SshFingerprint}}"} },
            "meta":{"message":"Install token issued"} }
            """);
    }

    /// <summary>The seed's members, and the receipt (contract section 5b).</summary>
    [Fact]
    public async Task A_confirmation()
    {
        var install = await host.ActivatedAsync();
        (await install.ConfirmAsync()).ShouldBe(200, $$"""{"data":{"activation_id":"{{install.ActivationId}}","status":"confirmed","receipt":"<receipt>"},"meta":{"message":"Install confirmed"} }""");
    }

    [Theory]
    [InlineData(0, "true")]
    [InlineData(10, "false")]
    public async Task A_release(int afterMinutes, string restored)
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(afterMinutes);
        (await install.ReleaseAsync()).ShouldBe(200,
            $$"""{"data":{"activation_id":"{{install.ActivationId}}","status":"released","install_code_restored":{{restored}} },"meta":{"message":"Activation released"} }""");
    }

    [Fact]
    public async Task An_expired_code()
    {
        var install = await host.IssuedAsync();
        host.Clock.AdvanceMinutes(5);
        (await install.PrecheckAsync()).ShouldFail(410, "install_code_expired", "Install code has expired.");
    }

    [Fact]
    public async Task A_registration_is_flat() => (await (await host.ActivatedAsync()).RegisterAsync()).ShouldBe(201,
        """{"server_id":"<server>","server_token":"<server token>","checkin_interval_seconds":300}""");

    [Fact]
    public async Task A_checkin_is_flat_with_a_time_in_Z()
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        (await host.PostAsAsync(server.Token, "/checkin", new { })).ShouldBe(200, $$"""{"status":"ok","server_id":"{{server.Id}}","checkin_interval_seconds":300,"server_time":"2026-03-31T12:00:00Z"}""");
    }

    [Fact]
    public async Task A_servers_status_is_flat()
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        (await host.GetAsync("/status", server.Token)).ShouldBe(200,
            $$"""{"server_id":"{{server.Id}}","status":"active","hostname":"ns1.example.com","public_ip":"1.2.3.4","registered_at":"2026-03-31T12:00:00Z","last_checkin_at":null,"online":true}""");
        host.Clock.AdvanceMinutes(1);
        await host.PostAsAsync(server.Token, "/checkin");
        (await host.GetAsync("/status", server.Token)).Json.Text("last_checkin_at").Should().Be("2026-03-31T12:01:00Z");
    }

    [Fact]
    public async Task The_status_that_anybody_may_see() => (await host.GetAsync("/status")).ShouldBe(200, """{"status":"ok"}""");

    [Fact]
    public async Task A_revocation_is_flat()
    {
        var server = await (await host.ActivatedAsync()).RegisteredAsync();
        (await host.PostAsAsync(server.Token, "/revoke")).ShouldBe(200, $$"""{"status":"revoked","server_id":"{{server.Id}}"}""");
    }
}
