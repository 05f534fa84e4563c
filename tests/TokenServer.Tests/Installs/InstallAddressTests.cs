using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>Whose limit a request counts for is the peer's address, or what a trusted proxy says (contract sections 0 and 5).</summary>
public sealed class InstallAddressTests
{
    private const string Trusted = "--TokenServer:TrustedProxies:0=127.0.0.1";

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.8", true)]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7", false)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", false)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:3::3", true)]
    [InlineData("1.1.1.1, 198.51.100.7", "8.8.8.8, 198.51.100.7", false)]
    [InlineData("198.51.100.7, 127.0.0.1", "198.51.100.7", false)]
    public async Task An_address_has_three_codes_an_hour(string three, string fourth, bool isAnother)
    {
        // The limits of browsers alike and of one session are others' tests.
        await using var server = await InstallServer.StartAsync(Trusted, "--InstallLifecycle:CodesPerFingerprintPerHour=100");
        for (int i = 0; i < 3; i++) await From(server, three).UpToAsync(Issue);
        var answer = await From(server, fourth).DoAsync(Issue);
        if (isAnother) answer.Status.Should().Be(201);
        else answer.ShouldRefuse(429, "rate_limit_exceeded");
    }

    [Fact]
    public async Task Browsers_alike_of_one_network_have_six()
    {
        await using var server = await InstallServer.StartAsync(Trusted);
        for (int i = 0; i < 6; i++) await From(server, $"198.51.100.{i}").UpToAsync(Issue);
        (await From(server, "198.51.100.99").DoAsync(Issue)).ShouldRefuse(429, "rate_limit_exceeded");
        (await From(server, "198.51.101.99").DoAsync(Issue)).Status.Should().Be(201);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_address_has_five_activations_a_day_by_the_API_and_the_grant(bool byGrant)
    {
        await using var server = await InstallServer.StartAsync([Trusted, .. InstallRequests.CodeLimits(100)]);
        for (int i = 0; i < 5; i++) await From(server, "198.51.100.7").UpToAsync(Activate);
        var install = await From(server, "198.51.100.7").UpToAsync(Precheck);
        (await ActivateAsync("6.6.6.6, 198.51.100.7")).Should().Be(429, "only the proxy's own word counts");
        (await ActivateAsync("198.51.100.8")).Should().Be(200);

        async Task<int> ActivateAsync(string address)
        {
            install.Headers = [("X-Forwarded-For", address)];
            if (!byGrant) return (await install.DoAsync(Activate)).Status;
            using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
            {
                Content = new FormUrlEncodedContent([new("grant_type", InstallRequests.GrantType), new("client_id", "installer"), .. install.ActivationFields]), Headers = { { "X-Forwarded-For", address } },
            };
            return (await server.SendAsync(request)).Status;
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("--TokenServer:TrustedProxies:0=10.0.0.0/8")]
    public async Task A_strangers_word_changes_nothing(string? setting)
    {
        await using var server = await InstallServer.StartAsync(setting is null ? [] : [setting]);
        for (int i = 0; i < 3; i++) await From(server, $"198.51.{i}.7").UpToAsync(Issue);
        (await From(server, "198.51.99.7").DoAsync(Issue)).ShouldRefuse(429, "rate_limit_exceeded");
        InstallAudit.Of(server).Should().OnlyContain(e => e.Address == "127.0.0.1");
    }

    [Fact]
    public async Task The_audit_shows_the_address_that_counts()
    {
        await using var server = await InstallServer.StartAsync(Trusted);
        await From(server, "198.51.100.7").UpToAsync(Confirm);
        InstallAudit.Of(server).Should().HaveCount(5).And.OnlyContain(e => e.Address == "198.51.100.7");
    }

    private static Installation From(TestServer server, string address) => new(server, ("X-Forwarded-For", address));
}
