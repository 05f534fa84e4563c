using InstallLifecycle.Activations;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Activations;

/// <summary>Activating, again and through the host's own grant (contract section 5, route 4).</summary>
public sealed class ActivationTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly TestHost host = shared.Host;

    [Fact]
    public async Task A_repeat_gives_a_fresh_token_for_the_same_activation()
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(3);
        var repeat = await install.ActivateAsync();
        repeat.Text("activation_id").Should().Be(install.ActivationId);
        repeat.Text("install_token").Should().NotBe(install.InstallToken);
        repeat.Text("install_token_expires_at").Should().Be(host.Clock.GetUtcNow().AddMinutes(10).ToString("yyyy-MM-ddTHH:mm:ss+00:00"));
    }

    [Fact]
    public async Task A_repeat_may_come_with_another_precheck_token_ref_and_version()
    {
        var install = await host.ActivatedAsync();
        await install.PrecheckedAsync();
        var body = install.ActivateBody();
        (body["requested_ref"], body["installer_version"]) = ("v2", "2027.01.01");
        (await install.ActivateAsync(body)).Text("activation_id").Should().Be(install.ActivationId);
    }

    [Fact]
    public async Task A_repeat_may_spell_its_fields_otherwise()
    {
        var install = await host.PrecheckedAsync(TestMachine.Any() with { PublicIp = "2001:db8::1" });
        string id = (await install.ActivateAsync()).Text("activation_id");
        var otherwise = new TestMachine($" {install.Machine.MachineId.ToUpperInvariant()} ", install.Machine.SshFingerprint, "NS1.Example.COM", "2001:DB8:0:0::0:1");
        (await install.ActivateAsync(otherwise)).Text("activation_id").Should().Be(id);
    }

    [Fact]
    public async Task The_older_tokens_of_a_repeated_activation_stay_good_to_their_end()
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(5);
        await install.ActivateAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(299));
        (await install.ConfirmAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task An_install_that_is_never_confirmed_ends_after_an_hour_however_often_it_is_repeated()
    {
        var install = await host.ActivatedAsync();
        for (int minute = 5; minute < 60; minute += 5)
        {
            host.Clock.AdvanceMinutes(5);
            await install.PrecheckedAsync();
            (await install.ActivateAsync()).Outcome.Should().Be("200");
        }
        host.Clock.AdvanceMinutes(5);
        (await install.ActivateAsync()).Outcome.Should().Be("410 install_code_expired");
    }

    [Fact]
    public async Task An_activation_is_repeated_two_hundred_times_and_no_more()
    {
        var install = await host.ActivatedAsync();
        for (int i = 0; i < 200; i++) (await install.ActivateAsync()).Outcome.Should().Be("200");
        (await install.ActivateAsync()).Outcome.Should().Be("429 rate_limit_exceeded");
        (await install.ConfirmAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task A_server_is_given_two_hundred_tokens_and_no_more()
    {
        var install = await host.ActivatedAsync();
        for (int i = 0; i < 200; i++) (await install.RegisterAsync()).Status.Should().BeOneOf(200, 201);
        (await install.RegisterAsync()).Outcome.Should().Be("429 rate_limit_exceeded");
        host.Storage.Events.Count(e => e.Event == "server.token_replaced" && e.Detail == install.ActivationId).Should().Be(2);
    }

    [Fact]
    public async Task An_activation_lives_as_long_as_its_newest_token()
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(9);
        string fresh = (await install.ActivateAsync()).Text("install_token");
        host.Clock.AdvanceMinutes(9);
        (await install.ConfirmAsync()).Outcome.Should().Be("401 install_token_expired");
        (await install.ConfirmAsync(fresh)).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task A_token_of_before_a_repeat_is_consumed_with_the_others()
    {
        var install = await host.ActivatedAsync();
        string second = (await install.ActivateAsync()).Text("install_token");
        (await install.ConfirmAsync(second)).Outcome.Should().Be("200");
        (await install.ConfirmAsync()).Outcome.Should().Be("409 install_token_consumed");
    }

    [Fact]
    public async Task A_repeat_after_the_activations_end_is_refused_as_expired()
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(10);
        (await install.ActivateAsync()).Outcome.Should().Be("410 install_code_expired");
    }

    [Fact]
    public async Task An_older_precheck_token_of_the_same_machine_activates_too()
    {
        var install = await host.PrecheckedAsync();
        await install.PrecheckAsync();
        (await install.ActivateAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task It_keeps_what_was_asked_for()
    {
        var install = await host.ActivatedAsync();
        var row = host.Storage.Read(db => db.Activations.Single(a => a.ActivationId == install.ActivationId));
        (row.Status, row.Hostname, row.PublicIp, row.RequestedRef, row.InstallerVersion, row.EndedAt).Should().Be((ActivationRow.Activated, "ns1.example.com", "1.2.3.4", "main", "2026.03.30", null));
    }

    [Fact]
    public async Task The_hosts_grant_is_the_same_as_the_route()
    {
        var install = await host.PrecheckedAsync();
        var (first, none) = await host.Lifecycle.ActivateAsync(Body(install), new Caller("198.51.100.1", "198.51.100.1", "198.51.100.0", "installer"));
        none.Should().BeNull();
        (await install.ActivateAsync()).Text("activation_id").Should().Be(first!.ActivationId);
        host.Storage.Events.Should().Contain(e => e.Event == "activation.activated" && e.Target == first.ActivationId && e.Caller!.Actor == "installer");
    }

    [Fact]
    public async Task The_hosts_grant_has_the_same_checks_and_limits()
    {
        await using var limited = await TestHost.StartAsync(Limits.Only((o, d) => o.ActivationsPerIpPerDay = d.ActivationsPerIpPerDay));
        var install = await limited.PrecheckedAsync();
        var caller = new Caller("127.0.0.1", "127.0.0.1", "127.0.0.0");
        (await limited.Lifecycle.ActivateAsync(Body(install) with { Hostname = "localhost" }, caller)).Error!.Code.Should().Be("invalid_request");
        for (int i = 0; i < 5; i++) (await limited.Lifecycle.ActivateAsync(Body(install) with { InstallCode = "x" }, caller)).Error!.Code.Should().Be("install_code_invalid");
        (await limited.Lifecycle.ActivateAsync(Body(install), caller)).Error!.Code.Should().Be("rate_limit_exceeded");
        (await install.ActivateAsync()).Outcome.Should().Be("429 rate_limit_exceeded");
    }

    [Fact]
    public async Task Work_that_was_undone_and_is_done_again_comes_to_the_same()
    {
        await using var own = await TestHost.StartAsync(Limits.Only((o, d) => (o.CodesPerIpPerHour, o.ActivationsPerIpPerDay) = (2, 2)));
        own.Storage.UndoesFirst = true;
        var install = await own.ActivatedAsync();
        await install.RegisteredAsync();
        await install.ReleasedAsync();
        await (await install.PrecheckedAsync()).ActivatedAsync();
        (string id, string token) = await install.RegisteredAsync();
        await install.ConfirmedAsync();
        (await own.PostAsAsync(token, "/checkin")).Outcome.Should().Be("200");
        (await own.GetAsync("/status", token)).Json.Text("server_id").Should().Be(id);
        own.Storage.Events.Select(e => e.Event).Where(e => !e.StartsWith("install_key", StringComparison.Ordinal)).Should().Equal(
            "install_code.issued", "install_code.prechecked", "activation.activated", "server.registered", "server.revoked", "activation.released",
            "install_code.prechecked", "activation.activated", "server.registered", "activation.confirmed");
    }

    private static ActivateBody Body(Install install) => new(install.Code, install.PrecheckToken, install.Machine.Hostname, install.Machine.PublicIp, install.Machine.MachineId, install.Machine.SshFingerprint, "main", "1");
}
