using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tests.Support;
using InstallLifecycle.Tokens;

namespace InstallLifecycle.Tests.Expiry;

/// <summary>A clock was ahead and is set right: nothing that it has stamped holds longer than its rule (contract section 0).</summary>
public sealed class ClockSetBackTests
{
    public static TheoryData<int> MinutesAhead => [5, 120, 26 * 60, 400 * 24 * 60];

    [Theory]
    [MemberData(nameof(MinutesAhead))]
    public async Task The_limits_on_codes_are_over_and_count_anew(int minutes)
    {
        await using var host = await TestHost.StartAsync(new InstallLifecycleOptions());
        string cookie = await host.OpenPageAsync();
        for (int i = 0; i < 3; i++) (await host.IssueAsync(cookie)).Outcome.Should().Be("201");
        (await host.IssueAsync(cookie)).Outcome.Should().Be("429 rate_limit_exceeded");
        host.Clock.AdvanceMinutes(-minutes);
        cookie = await host.OpenPageAsync();
        for (int i = 0; i < 3; i++) (await host.IssueAsync(cookie)).Outcome.Should().Be("201");
        var refused = await host.IssueAsync(cookie);
        (refused.Outcome, refused.RetryAfter).Should().Be(("429 rate_limit_exceeded", 3600));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(60)]
    public async Task A_limit_that_was_met_a_little_ahead_holds_and_asks_for_no_more_than_its_window(int seconds)
    {
        await using var host = await TestHost.StartAsync(new InstallLifecycleOptions());
        string cookie = await host.OpenPageAsync();
        for (int i = 0; i < 3; i++) (await host.IssueAsync(cookie)).Outcome.Should().Be("201");
        host.Clock.Advance(TimeSpan.FromSeconds(-seconds));
        var refused = await host.IssueAsync(cookie);
        (refused.Outcome, refused.RetryAfter).Should().Be(("429 rate_limit_exceeded", 3600));
    }

    [Theory]
    [MemberData(nameof(MinutesAhead))]
    public async Task The_limits_on_activations_are_over(int minutes)
    {
        await using var host = await TestHost.StartAsync(Limits.Only((o, defaults) => o.ActivationsPerIpPerDay = defaults.ActivationsPerIpPerDay));
        for (int i = 0; i < 5; i++) await host.ActivatedAsync();
        (await (await host.PrecheckedAsync()).ActivateAsync()).Outcome.Should().Be("429 rate_limit_exceeded");
        host.Clock.AdvanceMinutes(-minutes);
        for (int i = 0; i < 5; i++) await host.ActivatedAsync();
        (await (await host.PrecheckedAsync()).ActivateAsync()).RetryAfter.Should().Be(86400);
    }

    [Theory]
    [MemberData(nameof(MinutesAhead))]
    public async Task Codes_activations_and_their_servers_have_run_out(int minutes)
    {
        await using var host = await TestHost.StartAsync();
        Install issued = await host.IssuedAsync(), prechecked = await host.PrecheckedAsync(), activated = await host.ActivatedAsync();
        string server = (await activated.RegisteredAsync()).Token;
        host.Clock.AdvanceMinutes(-minutes);
        (await issued.PrecheckAsync()).Outcome.Should().Be("410 install_code_expired");
        (await prechecked.ActivateAsync()).Outcome.Should().Be("410 install_code_expired");
        (await activated.ConfirmAsync()).Outcome.Should().Be("401 install_token_expired");
        (await host.PostAsAsync(server, "/checkin")).Outcome.Should().Be("401 server_revoked");
        host.Lifecycle.Codes(new(null, null, 10)).Should().OnlyContain(c => c.Status == CodeRow.Expired);
        (await host.Lifecycle.ExpireAsync(CancellationToken.None)).Expired.Should().Be(3);
        host.Lifecycle.Count().Unconfirmed.Should().Be(0);
    }

    [Fact]
    public async Task A_server_is_online_no_longer_until_it_checks_in()
    {
        await using var host = await TestHost.StartAsync();
        var install = await host.ActivatedAsync();
        string server = (await install.RegisteredAsync()).Token;
        await install.ConfirmedAsync();
        host.Clock.AdvanceMinutes(-120);
        (await host.GetAsync("/status", server)).Json.GetProperty("online").GetBoolean().Should().BeFalse();
        (await host.PostAsAsync(server, "/checkin")).Outcome.Should().Be("200");
        (await host.GetAsync("/status", server)).Json.GetProperty("online").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task A_browser_session_that_lies_ahead_is_none()
    {
        await using var host = await TestHost.StartAsync();
        string cookie = await host.OpenPageAsync();
        host.Clock.AdvanceMinutes(-120);
        (await host.IssueAsync(cookie)).Outcome.Should().Be("403 browser_session_required");
    }

    [Fact]
    public async Task Keys_that_lie_ahead_are_replaced()
    {
        await using var host = await TestHost.StartAsync();
        await host.IssueAsync();
        host.Clock.AdvanceMinutes(-120);
        await host.Get<InstallKeys>().MaintainAsync();
        var now = host.Clock.GetUtcNow().UtcDateTime;
        host.Storage.Read(db => db.Keys.Where(k => k.RetiredAt == null).ToList()).Should().HaveCount(3).And.OnlyContain(k => k.CreatedAt == now);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(60)]
    public async Task A_replica_that_is_a_little_behind_goes_on(int seconds)
    {
        await using var host = await TestHost.StartAsync();
        var install = await host.PrecheckedAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(-seconds));
        (await install.ActivatedAsync()).InstallToken.Should().NotBe("none.so.far");
        (await install.ConfirmAsync()).Outcome.Should().Be("200");
    }
}
