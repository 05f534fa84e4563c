using InstallLifecycle.Storage.Rows;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Releases;

/// <summary>Giving a code back (contract section 5, route 6).</summary>
public sealed class ReleaseTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly TestHost host = shared.Host;

    [Theory]
    [InlineData(9, 299.999, "200")]
    [InlineData(9, 300, "410 install_code_expired")]
    public async Task A_released_code_has_at_least_five_more_minutes(double minutesActivated, double secondsLater, string expected)
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(minutesActivated);
        await install.ReleasedAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(secondsLater));
        (await install.PrecheckAsync()).Outcome.Should().Be(expected);
    }

    [Theory]
    [InlineData(539, "200")]
    [InlineData(540, "410 install_code_expired")]
    public async Task A_released_code_keeps_what_time_it_had_if_that_is_more(double secondsLater, string expected)
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(1);
        await install.ReleasedAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(secondsLater));
        (await install.PrecheckAsync()).Outcome.Should().Be(expected);
    }

    [Theory]
    [InlineData(55 * 60, true)]
    [InlineData(55 * 60 + 0.001, false)]
    public async Task A_code_comes_back_only_if_five_minutes_fit_into_the_hour_since_it_was_issued(double secondsSinceIssued, bool restored)
    {
        var install = await host.IssuedAsync();
        var issued = host.Clock.GetUtcNow();
        await KeepAliveAsync(install, 50);
        await install.ActivatedAsync();
        host.Clock.Advance(issued + TimeSpan.FromSeconds(secondsSinceIssued) - host.Clock.GetUtcNow());
        (await install.ReleaseAsync()).Data.GetProperty("install_code_restored").GetBoolean().Should().Be(restored);
        (await install.PrecheckAsync()).Outcome.Should().Be(restored ? "200" : "410 install_code_expired");
    }

    [Theory]
    [InlineData(52, 8, "410 install_code_expired")]
    [InlineData(52, 7.99, "200")]
    public async Task A_released_code_never_lives_longer_than_an_hour_since_it_was_issued(double releasedAt, double minutesLater, string expected)
    {
        var install = await host.IssuedAsync();
        var issued = host.Clock.GetUtcNow();
        // Prechecked in its 51st minute, it would live to its 61st.
        await KeepAliveAsync(install, 51);
        await install.ActivatedAsync();
        host.Clock.Advance(issued + TimeSpan.FromMinutes(releasedAt) - host.Clock.GetUtcNow());
        await install.ReleasedAsync();
        host.Clock.AdvanceMinutes(minutesLater);
        (await install.PrecheckAsync()).Outcome.Should().Be(expected);
    }

    [Fact]
    public async Task Whoever_retries_with_the_code_gets_another_activation_and_confirms_it()
    {
        var install = await host.ActivatedAsync();
        string first = install.ActivationId;
        await install.ReleasedAsync();
        await (await install.PrecheckedAsync()).ActivatedAsync();
        install.ActivationId.Should().NotBe(first);
        (await install.ConfirmAsync()).Outcome.Should().Be("200");
        Codes(install).Should().Be(CodeRow.Confirmed);
    }

    [Fact]
    public async Task Another_machine_may_retry_with_the_code()
    {
        var install = await host.ActivatedAsync();
        await install.ReleasedAsync();
        var other = new Install(host, install.Code, TestMachine.Any());
        await (await (await other.PrecheckedAsync()).ActivatedAsync()).ConfirmedAsync();
        (await install.PrecheckAsync()).Outcome.Should().Be("409 machine_mismatch");
    }

    [Fact]
    public async Task Precheck_tokens_of_before_the_release_are_dead_for_good()
    {
        var install = await host.ActivatedAsync();
        string old = install.PrecheckToken;
        await install.ReleasedAsync();
        (await install.ActivateAsync()).Outcome.Should().Be("401 precheck_token_invalid");
        await install.PrecheckedAsync();
        (await install.ActivateAsync(token: old)).Outcome.Should().Be("401 precheck_token_invalid", "the code is bound to the same machine again, but anew");
        (await install.ActivateAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task The_old_activations_token_does_not_confirm_the_new_one()
    {
        var install = await host.ActivatedAsync();
        var (id, token) = (install.ActivationId, install.InstallToken);
        await install.ReleasedAsync();
        await (await install.PrecheckedAsync()).ActivatedAsync();
        (await install.ConfirmAsync(token)).Outcome.Should().Be("401 install_token_invalid");
        install.ActivationId = id;
        (await install.ConfirmAsync(token)).Outcome.Should().Be("409 activation_released");
    }

    [Fact]
    public async Task A_second_release_leaves_alone_what_has_become_of_the_code()
    {
        var install = await host.ActivatedAsync();
        string first = install.ActivationId;
        await install.ReleasedAsync();
        await (await install.PrecheckedAsync()).ActivatedAsync();
        (await new Install(host, install.Code, install.Machine) { ActivationId = first }.ReleaseAsync()).Data.GetProperty("install_code_restored").GetBoolean().Should().BeFalse();
        (await install.ConfirmAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task After_the_tokens_end_a_release_restores_nothing_however_often_it_is_asked_for()
    {
        var install = await host.ActivatedAsync();
        host.Clock.AdvanceMinutes(10);
        for (int i = 0; i < 3; i++)
        {
            var answer = await install.ReleaseAsync();
            (answer.Text("status"), answer.Data.GetProperty("install_code_restored").GetBoolean()).Should().Be(("released", false));
        }
        Codes(install).Should().Be(CodeRow.Expired);
    }

    [Fact]
    public async Task An_empty_token_is_as_none() =>
        (await host.PostAsync($"{Requests.V2}/install/release", new { activation_id = (await host.ActivatedAsync()).ActivationId, install_token = "" })).Outcome.Should().Be("200");

    [Fact]
    public async Task Another_activations_token_releases_nothing()
    {
        Install one = await host.ActivatedAsync(), other = await host.ActivatedAsync();
        (await host.PostAsync($"{Requests.V2}/install/release", new { activation_id = one.ActivationId, install_token = other.InstallToken })).Outcome.Should().Be("401 install_token_invalid");
        (await one.ConfirmAsync()).Outcome.Should().Be("200");
    }

    private string Codes(Install install) => host.Storage.Read(db => db.Codes.Single(c => c.Id == install.CodeId()).Status);

    // A code lives on while its machine goes on prechecking.
    private async Task KeepAliveAsync(Install install, int minutes)
    {
        await install.PrecheckedAsync();
        for (int at = 0; at < minutes;)
        {
            int step = Math.Min(9, minutes - at);
            host.Clock.AdvanceMinutes(step);
            await install.PrecheckedAsync();
            at += step;
        }
    }
}
