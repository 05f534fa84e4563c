using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Codes;

/// <summary>The four limits on codes, each alone (contract section 5, route 2).</summary>
public sealed class IssueLimitTests
{
    private const string Over = "429 rate_limit_exceeded";
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Moment = TimeSpan.FromTicks(1);

    public enum Limit { IpPerHour, IpPerDay, SessionPerHour, FingerprintPerHour }

    [Theory]
    [InlineData(Limit.IpPerHour, 3)]
    [InlineData(Limit.IpPerDay, 10)]
    [InlineData(Limit.SessionPerHour, 3)]
    [InlineData(Limit.FingerprintPerHour, 6)]
    public async Task It_slides_to_the_moment_and_says_how_long_to_wait(Limit limit, int most)
    {
        await using var host = await StartAsync(limit);
        string cookie = await host.OpenPageAsync();
        for (int i = 0; i < most; i++)
        {
            (await IssueAsync(host, limit, cookie)).Outcome.Should().Be("201");
            host.Clock.AdvanceMinutes(1);
        }
        var window = limit == Limit.IpPerDay ? Day : Hour;
        var left = window - TimeSpan.FromMinutes(most);
        var refused = await IssueAsync(host, limit, cookie);
        (refused.Outcome, refused.RetryAfter).Should().Be((Over, left.TotalSeconds));

        host.Clock.Advance(left - Moment);
        refused = await IssueAsync(host, limit, cookie);
        (refused.Outcome, refused.RetryAfter).Should().Be((Over, 1));
        host.Clock.Advance(Moment);
        (await IssueAsync(host, limit, cookie)).Outcome.Should().Be("201", "the first has left the window, and what was refused has not been counted");

        // The second leaves a minute after the first.
        (await IssueAsync(host, limit, cookie)).RetryAfter.Should().Be(60);
        host.Clock.AdvanceMinutes(1);
        (await IssueAsync(host, limit, cookie)).Outcome.Should().Be("201");
    }

    [Theory]
    [InlineData(Limit.IpPerHour)]
    [InlineData(Limit.IpPerDay)]
    [InlineData(Limit.SessionPerHour)]
    [InlineData(Limit.FingerprintPerHour)]
    public async Task It_survives_a_restart(Limit limit)
    {
        await using var before = await StartAsync(limit);
        string cookie = await before.OpenPageAsync();
        while ((await IssueAsync(before, limit, cookie)).Status == 201)
        {
        }
        await using var after = await before.RestartAsync();
        (await IssueAsync(after, limit, cookie)).Outcome.Should().Be(Over);
    }

    [Theory]
    [InlineData(Limit.IpPerHour)]
    [InlineData(Limit.IpPerDay)]
    [InlineData(Limit.SessionPerHour)]
    [InlineData(Limit.FingerprintPerHour)]
    public async Task It_survives_the_expiry_of_what_it_counts(Limit limit)
    {
        await using var host = await StartAsync(limit);
        string cookie = await host.OpenPageAsync();
        while ((await IssueAsync(host, limit, cookie)).Status == 201)
        {
        }
        host.Clock.AdvanceMinutes(20);
        await host.Lifecycle.ExpireAsync(CancellationToken.None);
        (await IssueAsync(host, limit, cookie)).Outcome.Should().Be(Over);
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7", Over)]
    [InlineData("198.51.100.7", "::ffff:198.51.100.7", Over)]
    [InlineData("198.51.100.7", "198.51.100.8", "201")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", Over)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", "201")]
    public async Task An_address_is_an_IPv4_address_or_an_IPv6_network_of_64_bits(string first, string second, string expected)
    {
        await using var host = await StartAsync(Limit.IpPerHour);
        for (int i = 0; i < 3; i++) (await host.IssueAsync(await host.OpenPageAsync(), (TestHost.AddressHeader, first))).Outcome.Should().Be("201");
        (await host.IssueAsync(await host.OpenPageAsync(), (TestHost.AddressHeader, second))).Outcome.Should().Be(expected);
    }

    [Theory]
    [InlineData("198.51.100.9", "Firefox", "en", Over)]
    [InlineData("198.51.101.7", "Firefox", "en", "201")]
    [InlineData("198.51.100.7", "Chrome", "en", "201")]
    [InlineData("198.51.100.7", "Firefox", "de", "201")]
    [InlineData("198.51.100.7", "Firefox", null, "201")]
    public async Task A_fingerprint_is_browser_language_and_network(string address, string agent, string? language, string expected)
    {
        await using var host = await StartAsync(Limit.FingerprintPerHour);
        for (int i = 0; i < 6; i++)
            (await host.IssueAsync(await host.OpenPageAsync(), (TestHost.AddressHeader, "198.51.100.7"), ("User-Agent", "Firefox"), ("Accept-Language", "en"))).Outcome.Should().Be("201");
        (string, string)[] headers = [(TestHost.AddressHeader, address), ("User-Agent", agent), .. language is null ? [] : new[] { ("Accept-Language", language) }];
        (await host.IssueAsync(await host.OpenPageAsync(), headers)).Outcome.Should().Be(expected);
    }

    [Fact]
    public async Task A_reloaded_page_is_the_same_session()
    {
        await using var host = await StartAsync(Limit.SessionPerHour);
        string cookie = await host.OpenPageAsync();
        for (int i = 0; i < 3; i++)
        {
            (await host.IssueAsync(cookie, (TestHost.AddressHeader, $"198.51.100.{i + 1}"))).Outcome.Should().Be("201");
            cookie = await host.OpenPageAsync(cookie);
        }
        (await host.IssueAsync(cookie, (TestHost.AddressHeader, "203.0.113.1"))).Outcome.Should().Be(Over);
        (await host.IssueAsync(await host.OpenPageAsync())).Outcome.Should().Be("201");
    }

    [Fact]
    public async Task Of_several_limits_the_longest_wait_is_told()
    {
        await using var host = await TestHost.StartAsync(new InstallLifecycleOptions());
        for (int i = 0; i < 10; i++)
        {
            if (i % 3 == 0) host.Clock.Advance(Hour);
            (await host.IssueAsync()).Outcome.Should().Be("201");
        }
        (await host.IssueAsync()).RetryAfter.Should().Be((Day - 3 * Hour).TotalSeconds);
        // Now the hour's limit holds too, and is over sooner.
        await using var hourly = await TestHost.StartAsync(Limits.Only((o, d) => (o.CodesPerIpPerHour, o.CodesPerIpPerDay) = (d.CodesPerIpPerHour, 3)));
        for (int i = 0; i < 3; i++) await hourly.IssueAsync();
        (await hourly.IssueAsync()).RetryAfter.Should().Be(Day.TotalSeconds);
    }

    [Fact]
    public async Task A_request_without_a_session_or_from_another_site_uses_nothing_up()
    {
        await using var host = await TestHost.StartAsync(new InstallLifecycleOptions());
        string cookie = await host.OpenPageAsync();
        for (int i = 0; i < 10; i++)
        {
            (await host.IssueAsync(null)).Status.Should().Be(403);
            (await host.IssueAsync(cookie, ("Origin", "null"))).Status.Should().Be(403);
        }
        for (int i = 0; i < 3; i++) (await host.IssueAsync(cookie)).Outcome.Should().Be("201");
    }

    private static Task<TestHost> StartAsync(Limit limit) => TestHost.StartAsync(Limits.Only((o, d) =>
    {
        o.BrowserSessionLifetime = Day;
        _ = limit switch
        {
            Limit.IpPerHour => o.CodesPerIpPerHour = d.CodesPerIpPerHour,
            Limit.IpPerDay => o.CodesPerIpPerDay = d.CodesPerIpPerDay,
            Limit.SessionPerHour => o.CodesPerSessionPerHour = d.CodesPerSessionPerHour,
            _ => o.CodesPerFingerprintPerHour = d.CodesPerFingerprintPerHour,
        };
    }));

    // The session is one and the same where its limit is looked at, else another each time.
    private static async Task<Answer> IssueAsync(TestHost host, Limit limit, string cookie) => await host.IssueAsync(limit == Limit.SessionPerHour ? cookie : await host.OpenPageAsync());
}
