using InstallLifecycle.Storage;
using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Expiry;

/// <summary>What the minute's job expires, deletes and keeps (contract section 5, "States").</summary>
public sealed class InstallExpiryTests : IAsyncLifetime
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30), Second = TimeSpan.FromSeconds(1);
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task It_expires_what_has_run_out_and_records_each_once()
    {
        Install issued = await host.IssuedAsync(), prechecked = await host.PrecheckedAsync(), activated = await host.ActivatedAsync();
        var server = await activated.RegisteredAsync();
        host.Clock.AdvanceMinutes(10);
        (await RunAsync()).Expired.Should().Be(3);
        Codes().Should().Equal(CodeRow.Expired, CodeRow.Expired, CodeRow.Expired);
        host.Storage.Read(db => db.Activations.Single().Status).Should().Be(ActivationRow.Expired);
        (await RunAsync()).Should().Be(new InstallLifecycle.Expiry.ExpiredInstalls(0, 0));
        host.Storage.Events.TakeLast(4).Select(e => (e.Event, e.Target, e.Caller)).Should().BeEquivalentTo([
            ("install_code.expired", issued.CodeId().ToString(), null), ("install_code.expired", prechecked.CodeId().ToString(), null),
            ("server.revoked", server.Id, null), ("activation.expired", activated.ActivationId, (Caller?)null),
        ]);
    }

    [Theory]
    [InlineData(300, 1)]
    [InlineData(299.999, 0)]
    public async Task It_expires_a_code_at_its_moment(double seconds, int expected)
    {
        await host.IssuedAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(seconds));
        (await RunAsync()).Expired.Should().Be(expected);
    }

    [Fact]
    public async Task It_leaves_alone_what_has_ended_otherwise()
    {
        await (await host.IssuedAsync()).RevokedAsync();
        await (await host.ActivatedAsync()).RevokedAsync();
        await host.ConfirmedAsync();
        host.Clock.Advance(TimeSpan.FromDays(1));
        (await RunAsync()).Expired.Should().Be(0);
        Codes().Should().Equal(CodeRow.Revoked, CodeRow.Revoked, CodeRow.Confirmed);
    }

    [Fact]
    public async Task It_does_not_expire_an_activation_that_was_repeated_in_time()
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(9);
        await install.ActivatedAsync();
        host.Clock.AdvanceMinutes(9);
        (await RunAsync()).Expired.Should().Be(0);
        (await install.ConfirmAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task It_deletes_what_ended_longer_ago_than_the_retention()
    {
        await host.IssuedAsync();
        await (await host.ActivatedAsync()).RevokedAsync();
        var released = await host.ActivatedAsync();
        await released.RegisteredAsync();
        await released.ReleasedAsync();
        host.Clock.AdvanceMinutes(20);
        await RunAsync();
        host.Clock.Advance(Retention - Second);
        await RunAsync();
        Rows().Should().Be((2, 0, 0), "what was revoked and released ended twenty minutes sooner than the two codes that ran out");
        host.Clock.Advance(2 * Second);
        await RunAsync();
        Rows().Should().Be((0, 0, 0));
    }

    [Fact]
    public async Task It_keeps_a_confirmed_install_while_its_server_lives()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        await install.ConfirmedAsync();
        host.Clock.Advance(TimeSpan.FromDays(400));
        await RunAsync();
        host.Storage.Read(db => (db.Activations.Count(), db.Servers.Count())).Should().Be((1, 1));
        (await host.PostAsAsync(server.Token, "/checkin")).Outcome.Should().Be("200");

        await host.PostAsAsync(server.Token, "/revoke");
        host.Clock.Advance(Retention);
        await RunAsync();
        (await host.GetAsync("/status", server.Token)).Outcome.Should().Be("401 server_revoked");
        host.Clock.Advance(Second);
        await RunAsync();
        (await host.GetAsync("/status", server.Token)).Outcome.Should().Be("401 invalid_token");
        Rows().Should().Be((0, 0, 0));
    }

    [Fact]
    public async Task It_forgets_attempts_after_the_day_that_limits_look_at()
    {
        await host.ActivatedAsync();
        host.Clock.Advance(TimeSpan.FromDays(1));
        await RunAsync();
        host.Storage.Read(db => db.Attempts.Count()).Should().Be(1);
        host.Clock.Advance(Second);
        await RunAsync();
        host.Storage.Read(db => db.Attempts.Count()).Should().Be(0);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(250)]
    public async Task It_gets_through_any_number_in_batches(int many)
    {
        await AddAsync(many);
        int writes = host.Storage.Writes;
        (await RunAsync()).Expired.Should().Be(2 * many);
        (host.Storage.Writes - writes).Should().BeGreaterThanOrEqualTo(2 * (many / 100 + 1), "requests get their turn between batches");
        host.Storage.Events.Count(e => e.Event == "install_code.expired").Should().Be(many);
        host.Storage.Events.Where(e => e.Event == "activation.expired").Select(e => e.Target).Should().HaveCount(many).And.OnlyHaveUniqueItems();
        host.Clock.Advance(Retention + Second);
        (await RunAsync()).Deleted.Should().Be(5 * many, "code, activation, attempt, and the two steps that were told of it");
        Rows().Should().Be((0, 0, 0));
    }

    [Fact]
    public async Task It_stops_between_batches_when_it_is_told_to()
    {
        await AddAsync(1);
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await host.Invoking(h => h.Lifecycle.ExpireAsync(stopped.Token)).Should().ThrowAsync<OperationCanceledException>();
        Codes().Should().NotContain(CodeRow.Expired);
    }

    private Task<InstallLifecycle.Expiry.ExpiredInstalls> RunAsync() => host.Lifecycle.ExpireAsync(CancellationToken.None);

    private string[] Codes() => host.Storage.Read(db => db.Codes.OrderBy(c => c.Id).Select(c => c.Status).ToArray());

    private (int Codes, int Activations, int Servers) Rows() => host.Storage.Read(db => (db.Codes.Count(), db.Activations.Count(), db.Servers.Count()));

    // So many codes, and as many activations with a code each, all past their time.
    private Task<int> AddAsync(int many) => host.Storage.WriteAsync((s, _) =>
    {
        var past = host.Clock.GetUtcNow().UtcDateTime.AddMinutes(-1);
        for (int i = 0; i < many; i++) Add(s, CodeRow.Issued, $"a{i}", past);
        for (int i = 0; i < many; i++) StoredActivations.Add(s, new ActivationRow
        {
            ActivationId = $"act_{i}", CodeId = Add(s, CodeRow.Activated, $"b{i}", past), Status = ActivationRow.Activated, MachineId = "m", SshFingerprint = "s", Hostname = "h", PublicIp = "p", RequestedRef = "r",
            InstallerVersion = "v", ActivatedAt = past, ExpiresAt = past,
        });
        return many;
    });

    private static long Add(IInstallStatements s, string status, string hash, DateTime past)
    {
        var code = new CodeRow { Hash = hash, Hint = "h", Status = status, IssuedAt = past, ExpiresAt = past, AddressKey = "a", Session = "s", Fingerprint = "f" };
        StoredCodes.Add(s, code);
        return code.Id;
    }
}
