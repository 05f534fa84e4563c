using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Activations;

/// <summary>Five activations a day, by address and by machine (contract section 5, route 4).</summary>
public sealed class ActivationLimitTests
{
    private const string Over = "429 rate_limit_exceeded", NoCode = "404 install_code_invalid", Garbage = "IPT-SD-000000-000000-000000";
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Moment = TimeSpan.FromTicks(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_sixth_in_a_day_is_refused_to_the_moment(bool byAddress)
    {
        await using var host = await StartAsync(byAddress);
        var machine = TestMachine.Any();
        Task<Answer> Try() => new Install(host, Garbage, byAddress ? TestMachine.Any() : machine) { PrecheckToken = "x" }.ActivateAsync();
        for (int i = 0; i < 5; i++)
        {
            (await Try()).Outcome.Should().Be(NoCode);
            host.Clock.AdvanceMinutes(10);
        }
        var left = Day - TimeSpan.FromMinutes(50);
        var refused = await Try();
        refused.ShouldFail(429, "rate_limit_exceeded", "Too many requests. Please wait before trying again.");
        refused.RetryAfter.Should().Be(left.TotalSeconds);
        host.Clock.Advance(left - Moment);
        (await Try()).Outcome.Should().Be(Over);
        host.Clock.Advance(Moment);
        (await Try()).Outcome.Should().Be(NoCode, "the first has left the window, and what the limit refused was not counted");
        (await Try()).RetryAfter.Should().Be(600);
    }

    [Theory]
    [InlineData("198.51.100.7", "::ffff:198.51.100.7", Over)]
    [InlineData("198.51.100.7", "198.51.100.8", NoCode)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", Over)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", NoCode)]
    public async Task An_address_is_an_IPv4_address_or_an_IPv6_network_of_64_bits(string first, string second, string expected)
    {
        await using var host = await StartAsync(byAddress: true);
        for (int i = 0; i < 5; i++) (await TryAsync(host, TestMachine.Any(), first)).Outcome.Should().Be(NoCode);
        (await TryAsync(host, TestMachine.Any(), first)).Outcome.Should().Be(Over);
        (await TryAsync(host, TestMachine.Any(), second)).Outcome.Should().Be(expected);
    }

    [Fact]
    public async Task A_machine_is_its_id_however_that_is_spelled_and_whatever_its_key_is()
    {
        await using var host = await StartAsync(byAddress: false);
        var machine = TestMachine.Any();
        for (int i = 0; i < 5; i++) (await TryAsync(host, machine with { SshFingerprint = TestMachine.Any().SshFingerprint })).Outcome.Should().Be(NoCode);
        (await TryAsync(host, machine with { MachineId = $" {machine.MachineId.ToUpperInvariant()}\n" })).Outcome.Should().Be(Over);
        (await TryAsync(host, TestMachine.Any() with { SshFingerprint = machine.SshFingerprint })).Outcome.Should().Be(NoCode);
    }

    [Fact]
    public async Task A_request_that_fails_the_field_checks_is_not_counted()
    {
        await using var host = await TestHost.StartAsync(Limits.Only(Defaults));
        var install = await host.PrecheckedAsync();
        foreach (string field in install.ActivateBody().Select(m => m.Key))
        {
            var body = install.ActivateBody();
            body[field] = "";
            (await install.ActivateAsync(body)).ShouldName(field);
        }
        for (int i = 0; i < 5; i++) (await TryAsync(host, install.Machine)).Outcome.Should().Be(NoCode);
        (await TryAsync(host, install.Machine)).Outcome.Should().Be(Over);
    }

    [Theory]
    [InlineData("404 install_code_invalid")]
    [InlineData("410 install_code_expired")]
    [InlineData("410 install_code_revoked")]
    [InlineData("409 machine_mismatch")]
    [InlineData("409 install_code_used")]
    [InlineData("401 precheck_token_invalid")]
    [InlineData("401 precheck_token_expired")]
    public async Task A_request_that_is_refused_later_is_counted(string why)
    {
        await using var host = await TestHost.StartAsync(Limits.Only(Defaults));
        var install = await host.PrecheckedAsync();
        var machine = install.Machine;
        switch (why[4..])
        {
            case "install_code_invalid": install = new Install(host, Garbage, machine); break;
            case "install_code_expired": host.Clock.AdvanceMinutes(10); break;
            case "install_code_revoked": await install.RevokedAsync(); break;
            case "machine_mismatch": machine = TestMachine.Any(); break;
            case "install_code_used":
                await (await install.ActivatedAsync()).ConfirmedAsync();
                host.Clock.Advance(Day);
                break;
            case "precheck_token_invalid": install.PrecheckToken = "x"; break;
            case "precheck_token_expired":
                host.Clock.AdvanceMinutes(5);
                await install.PrecheckAsync();
                host.Clock.AdvanceMinutes(5);
                break;
        }
        for (int i = 0; i < 5; i++) (await install.ActivateAsync(machine)).Outcome.Should().Be(why);
        (await install.ActivateAsync(machine)).Outcome.Should().Be(Over);
    }

    [Fact]
    public async Task The_limit_is_looked_at_before_the_code()
    {
        await using var host = await TestHost.StartAsync(Limits.Only(Defaults));
        var install = await host.PrecheckedAsync();
        for (int i = 0; i < 5; i++) await TryAsync(host, install.Machine);
        (await install.ActivateAsync()).Outcome.Should().Be(Over);
        (await TryAsync(host, install.Machine)).Outcome.Should().Be(Over);
    }

    [Fact]
    public async Task A_repeat_is_not_counted_and_passes_at_the_limit()
    {
        await using var host = await TestHost.StartAsync(Limits.Only(Defaults));
        var install = await host.ActivatedAsync();
        for (int i = 0; i < 10; i++) (await install.ActivateAsync()).Text("activation_id").Should().Be(install.ActivationId);
        for (int i = 0; i < 4; i++) (await TryAsync(host, install.Machine)).Outcome.Should().Be(NoCode);
        (await TryAsync(host, install.Machine)).Outcome.Should().Be(Over);
        (await install.ActivateAsync()).Text("activation_id").Should().Be(install.ActivationId);
        (await install.ActivateAsync(install.Machine with { Hostname = "ns2.example.com" })).Outcome.Should().Be(Over, "another hostname is no repeat");
    }

    [Fact]
    public async Task It_survives_a_restart_and_the_expiry_job()
    {
        await using var before = await TestHost.StartAsync(Limits.Only(Defaults));
        var machine = TestMachine.Any();
        for (int i = 0; i < 5; i++) await TryAsync(before, machine);
        before.Clock.Advance(Day - Moment);
        await before.Lifecycle.ExpireAsync(CancellationToken.None);
        await using var after = await before.RestartAsync();
        (await TryAsync(after, machine)).Outcome.Should().Be(Over);
    }

    [Fact]
    public async Task Prechecks_confirmations_and_releases_have_no_limit()
    {
        await using var host = await TestHost.StartAsync(Limits.Only(Defaults));
        var install = await host.ActivatedAsync();
        for (int i = 0; i < 20; i++)
        {
            (await install.PrecheckAsync()).Outcome.Should().Be("200");
            (await install.ConfirmAsync("x")).Outcome.Should().Be("401 install_token_invalid");
            (await host.PostAsync($"{Requests.V2}/install/release", new { activation_id = "act_ffffffffffffffff" })).Outcome.Should().Be("404 activation_not_found");
        }
    }

    private static void Defaults(InstallLifecycleOptions o, InstallLifecycleOptions d) => (o.ActivationsPerIpPerDay, o.ActivationsPerMachinePerDay) = (d.ActivationsPerIpPerDay, d.ActivationsPerMachinePerDay);

    private static Task<TestHost> StartAsync(bool byAddress) => TestHost.StartAsync(Limits.Only((o, d) =>
    {
        if (byAddress) o.ActivationsPerIpPerDay = d.ActivationsPerIpPerDay;
        else o.ActivationsPerMachinePerDay = d.ActivationsPerMachinePerDay;
    }));

    private static Task<Answer> TryAsync(TestHost host, TestMachine machine, string? address = null) => new Install(host, Garbage, machine) { PrecheckToken = "x" }.ActivateAsync(address: address);
}
