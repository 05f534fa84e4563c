using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Codes;

/// <summary>The cookie slowdns_browser, without which there is no code (contract section 5, route 2).</summary>
public sealed class BrowserSessionTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Refused = "403 browser_session_required";
    private readonly TestHost host = shared.Host;

    [Fact]
    public async Task With_the_pages_cookie_there_is_a_code() => (await host.IssueAsync(await host.OpenPageAsync())).Outcome.Should().Be("201");

    [Theory]
    [InlineData(null)]
    [InlineData("slowdns_browser=")]
    [InlineData("slowdns_browser=x")]
    [InlineData("slowdns_browser=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("slowdns_browser=%00%ff")]
    [InlineData("slowdns_browser=not base64!")]
    [InlineData("other=1")]
    public async Task Without_it_or_with_an_invented_one_there_is_none(string? cookie) => (await host.IssueAsync(cookie)).Outcome.Should().Be(Refused);

    [Fact]
    public async Task With_half_of_it_there_is_none()
    {
        string cookie = await host.OpenPageAsync();
        (await host.IssueAsync(cookie[..(cookie.Length / 2)])).Outcome.Should().Be(Refused);
        (await host.IssueAsync(cookie[..^1])).Outcome.Should().Be(Refused);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(100)]
    public async Task With_a_changed_one_there_is_none(int at)
    {
        char[] cookie = (await host.OpenPageAsync()).ToCharArray();
        cookie[at] = cookie[at] == 'A' ? 'B' : 'A';
        (await host.IssueAsync(new string(cookie))).Outcome.Should().Be(Refused);
    }

    [Fact]
    public async Task With_a_very_long_one_there_is_none() => (await host.IssueAsync("slowdns_browser=" + new string('A', 8000))).Outcome.Should().Be(Refused);

    [Fact]
    public async Task With_another_servers_there_is_none()
    {
        await using var other = await TestHost.StartAsync();
        (await host.IssueAsync(await other.OpenPageAsync())).Outcome.Should().Be(Refused);
    }

    [Theory]
    [InlineData(1799.999, "201")]
    [InlineData(1800, Refused)]
    public async Task It_is_good_for_thirty_minutes(double seconds, string expected)
    {
        string cookie = await host.OpenPageAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(seconds));
        (await host.IssueAsync(cookie)).Outcome.Should().Be(expected);
    }

    [Fact]
    public async Task A_reload_gives_it_another_thirty_minutes()
    {
        string cookie = await host.OpenPageAsync();
        host.Clock.AdvanceMinutes(29);
        cookie = await host.OpenPageAsync(cookie);
        host.Clock.AdvanceMinutes(29);
        (await host.IssueAsync(cookie)).Outcome.Should().Be("201");
    }

    [Fact]
    public async Task It_outlives_a_restart()
    {
        await using var before = await TestHost.StartAsync();
        string cookie = await before.OpenPageAsync();
        await using var after = await before.RestartAsync();
        (await after.IssueAsync(cookie)).Outcome.Should().Be("201");
    }

    [Fact]
    public async Task It_is_bound_to_neither_address_nor_browser()
    {
        string cookie = (await host.LoadPageAsync(null, ("User-Agent", "Firefox"), (TestHost.AddressHeader, "203.0.113.1"))).Split(';')[0];
        (await host.IssueAsync(cookie, ("User-Agent", "Chrome"), ("Accept-Language", "de"), (TestHost.AddressHeader, "2001:db8::1"))).Outcome.Should().Be("201");
    }

    [Fact]
    public async Task Neither_script_nor_another_sites_request_gets_at_it()
    {
        string[] attributes = (await host.LoadPageAsync()).ToLowerInvariant().Split("; ");
        attributes.Should().Contain(["httponly", "samesite=lax", "path=/", "max-age=1800"]).And.NotContain("secure").And.NotContain(a => a.StartsWith("domain", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Over_HTTPS_it_is_never_sent_in_clear() => (await host.LoadPageAsync(null, (TestHost.SchemeHeader, "https"))).ToLowerInvariant().Split("; ").Should().Contain("secure");

    [Fact]
    public async Task It_does_not_say_what_is_in_it()
    {
        string one = await host.OpenPageAsync(), again = await host.OpenPageAsync(one);
        again.Should().NotBe(one).And.MatchRegex("^slowdns_browser=[A-Za-z0-9_-]{60,}$");
    }

    [Fact]
    public async Task An_old_cookie_does_not_bring_its_session_back_when_the_page_is_loaded()
    {
        await using var limited = await TestHost.StartAsync(Limits.Only((o, _) =>
        {
            o.CodesPerSessionPerHour = 1;
            o.BrowserSessionLifetime = TimeSpan.FromMinutes(5);
        }));
        string old = await limited.OpenPageAsync();
        (await limited.IssueAsync(old)).Outcome.Should().Be("201");
        limited.Clock.AdvanceMinutes(5);
        (await limited.IssueAsync(await limited.OpenPageAsync(old))).Outcome.Should().Be("201", "it is a new session, as of a browser that has lost its cookies");
    }
}
