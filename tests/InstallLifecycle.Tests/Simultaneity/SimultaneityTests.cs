using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Simultaneity;

/// <summary>Fifty at once: each step is one atomic conditional update (contract section 5, "States").</summary>
public sealed class SimultaneityTests : IAsyncLifetime
{
    private const int Many = 50;
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.StartAsync();

    public async Task DisposeAsync()
    {
        ShouldBeConsistent();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Of_prechecks_of_two_machines_one_wins_and_stays_the_winner()
    {
        var code = await host.IssuedAsync();
        Install[] machines = [new(host, code.Code, TestMachine.Any()), new(host, code.Code, TestMachine.Any())];
        var answers = await AtOnceAsync(i => machines[i % 2].PrecheckAsync());
        string[] winners = [.. answers.Index().Where(a => a.Item.Status == 200).Select(a => machines[a.Index % 2].Machine.MachineId).Distinct()];
        winners.Should().ContainSingle();
        answers.Select(a => a.Outcome).Should().BeEquivalentTo(Enumerable.Repeat("200", Many / 2).Concat(Enumerable.Repeat("409 machine_mismatch", Many / 2)));
        host.Storage.Read(db => db.Codes.Single().MachineId).Should().Be(winners[0]);
        Events("install_code.prechecked").Should().Be(1);
    }

    [Fact]
    public async Task Of_prechecks_of_fifty_machines_one_wins()
    {
        var code = await host.IssuedAsync();
        var answers = await AtOnceAsync(_ => new Install(host, code.Code, TestMachine.Any()).PrecheckAsync());
        answers.GroupBy(a => a.Outcome).ToDictionary(g => g.Key, g => g.Count()).Should().BeEquivalentTo(new Dictionary<string, int> { ["200"] = 1, ["409 machine_mismatch"] = Many - 1 });
    }

    [Fact]
    public async Task Equal_activates_all_come_to_one_activation()
    {
        var install = await host.PrecheckedAsync();
        var answers = await AtOnceAsync(_ => install.ActivateAsync());
        answers.Should().OnlyContain(a => a.Status == 200);
        answers.Select(a => a.Text("activation_id")).Distinct().Should().ContainSingle();
        answers.Select(a => a.Text("install_token")).Should().OnlyHaveUniqueItems();
        (Events("activation.activated"), Events("activation.repeated")).Should().Be((1, 3), "the fourth repeat says nothing new");
        host.Storage.Read(db => db.Attempts.Count()).Should().Be(1, "a repeat is not counted");
    }

    [Fact]
    public async Task Of_activates_with_different_hostnames_one_wins()
    {
        var install = await host.PrecheckedAsync();
        var answers = await AtOnceAsync(i => install.ActivateAsync(install.Machine with { Hostname = $"ns{i}.example.com" }));
        var winner = answers.Index().Single(a => a.Item.Status == 200);
        answers.Where(a => a.Status != 200).Should().HaveCount(Many - 1).And.OnlyContain(a => a.Outcome == "409 install_code_used");
        host.Storage.Read(db => db.Activations.Single().Hostname).Should().Be($"ns{winner.Index}.example.com");
    }

    [Fact]
    public async Task Of_confirms_one_succeeds_and_the_others_find_it_done()
    {
        var install = await host.ActivatedAsync();
        var answers = await AtOnceAsync(_ => install.ConfirmAsync());
        answers.Select(a => a.Outcome).Should().BeEquivalentTo(["200", .. Enumerable.Repeat("409 install_token_consumed", Many - 1)]);
        Events("activation.confirmed").Should().Be(1);
    }

    [Fact]
    public async Task Of_releases_one_restores_the_code()
    {
        var install = await host.ActivatedAsync();
        var answers = await AtOnceAsync(_ => install.ReleaseAsync());
        answers.Should().OnlyContain(a => a.Status == 200);
        answers.Count(a => a.Data.GetProperty("install_code_restored").GetBoolean()).Should().Be(1);
        (Events("activation.released"), host.Storage.Read(db => db.Codes.Single().Binding)).Should().Be((1, 1));
    }

    [Fact]
    public async Task A_confirm_and_a_release_never_both_take_effect()
    {
        for (int round = 0; round < 10; round++)
        {
            var install = await host.ActivatedAsync();
            var answers = await AtOnceAsync(i => i % 2 == round % 2 ? install.ConfirmAsync() : install.ReleaseAsync(), 10);
            int confirmed = answers.Count(a => a.Status == 200 && a.Text("status") == "confirmed"), restored = answers.Count(a => a.Status == 200 && a.Data.TryGetProperty("install_code_restored", out var r) && r.GetBoolean());
            (confirmed + restored).Should().Be(1);
            answers.Select(a => a.Outcome).Where(o => o != "200").Should().OnlyContain(o => confirmed == 1 ? o == "409 activation_confirmed" || o == "409 install_token_consumed" : o == "409 activation_released");
            host.Storage.Read(db => db.Codes.Single(c => c.Id == install.CodeId()).Status).Should().Be(confirmed == 1 ? CodeRow.Confirmed : CodeRow.Issued);
        }
    }

    [Fact]
    public async Task Of_registrations_one_makes_the_server_and_one_token_is_good()
    {
        var install = await host.ActivatedAsync();
        var answers = await AtOnceAsync(_ => install.RegisterAsync());
        answers.Select(a => a.Status).Should().BeEquivalentTo([201, .. Enumerable.Repeat(200, Many - 1)]);
        answers.Select(a => a.Json.Text("server_id")).Distinct().Should().ContainSingle();
        var checkins = await AtOnceAsync(i => host.PostAsAsync(answers[i].Json.Text("server_token"), "/checkin"));
        checkins.Select(a => a.Outcome).Should().BeEquivalentTo(["200", .. Enumerable.Repeat("401 invalid_token", Many - 1)]);
    }

    [Fact]
    public async Task An_issue_limit_of_three_gives_exactly_three()
    {
        await using var limited = await TestHost.StartAsync(new InstallLifecycleOptions());
        string[] cookies = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => limited.OpenPageAsync()));
        var answers = await AtOnceAsync(i => limited.IssueAsync(cookies[i]));
        answers.Select(a => a.Outcome).Should().BeEquivalentTo(Enumerable.Repeat("201", 3).Concat(Enumerable.Repeat("429 rate_limit_exceeded", Many - 3)));
        limited.Storage.Read(db => db.Codes.Count()).Should().Be(3);
    }

    [Fact]
    public async Task An_activation_limit_of_five_lets_exactly_five_try()
    {
        await using var limited = await TestHost.StartAsync(new InstallLifecycleOptions());
        var answers = await AtOnceAsync(_ => new Install(limited, "IPT-SD-000000-000000-000000", TestMachine.Any()) { PrecheckToken = "x" }.ActivateAsync());
        answers.Select(a => a.Outcome).Should().BeEquivalentTo(Enumerable.Repeat("404 install_code_invalid", 5).Concat(Enumerable.Repeat("429 rate_limit_exceeded", Many - 5)));
    }

    [Fact]
    public async Task Whole_installs_do_not_disturb_each_other()
    {
        var installs = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => host.ConfirmedAsync()));
        installs.Select(i => i.ActivationId).Should().OnlyHaveUniqueItems();
        host.Storage.Read(db => (db.Codes.Count(c => c.Status == CodeRow.Confirmed), db.Activations.Count(a => a.Status == ActivationRow.Confirmed))).Should().Be((Many, Many));
    }

    private static Task<Answer[]> AtOnceAsync(Func<int, Task<Answer>> send, int many = Many) => Task.WhenAll(Enumerable.Range(0, many).Select(send));

    private int Events(string name) => host.Storage.Events.Count(e => e.Event == name);

    // What must hold whatever came first.
    private void ShouldBeConsistent() => host.Storage.Read(db =>
    {
        var (codes, activations, servers) = (db.Codes.ToList(), db.Activations.ToList(), db.Servers.ToList());
        foreach (var code in codes)
        {
            var own = activations.Where(a => a.CodeId == code.Id).ToList();
            own.Count(a => a.Status is ActivationRow.Activated or ActivationRow.Confirmed).Should().Be(code.Status is CodeRow.Activated or CodeRow.Confirmed ? 1 : 0);
            own.Any(a => a.Status == ActivationRow.Confirmed).Should().Be(code.Status == CodeRow.Confirmed);
            (code.MachineId is null).Should().Be(code.Status == CodeRow.Issued);
            (code.EndedAt is null).Should().Be(code.Status is CodeRow.Issued or CodeRow.Prechecked or CodeRow.Activated);
            own.All(a => a.Status == ActivationRow.Released || a.MachineId == code.MachineId && a.SshFingerprint == code.SshFingerprint).Should().BeTrue();
        }
        servers.Select(s => s.ActivationId).Should().OnlyHaveUniqueItems().And.BeSubsetOf(activations.Select(a => a.Id));
        servers.Where(s => s.RevokedAt is null).All(s => activations.Any(a => a.Id == s.ActivationId && a.Status is (ActivationRow.Activated or ActivationRow.Confirmed))).Should().BeTrue();
        return true;
    });
}
