using System.Text;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Tokens;

/// <summary>The keys of tokens and codes: turned, replaced, kept.</summary>
public sealed class InstallKeyTests : IAsyncLifetime
{
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task What_old_keys_made_is_good_after_a_rotation()
    {
        Install issued = await host.IssuedAsync(), prechecked = await host.PrecheckedAsync(), activated = await host.ActivatedAsync();
        await host.Lifecycle.RotateKeysAsync(new Caller("", "", "", "operations"));
        await host.Lifecycle.RotateKeysAsync(new Caller("", "", "", "operations"));
        (await issued.PrecheckAsync()).Outcome.Should().Be("200");
        (await prechecked.ActivateAsync()).Outcome.Should().Be("200");
        (await activated.ConfirmAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task New_keys_are_used_at_once_after_a_rotation()
    {
        string before = KeyOf((await host.PrecheckedAsync()).PrecheckToken);
        await host.Lifecycle.RotateKeysAsync(new Caller("", "", "", "operations"));
        KeyOf((await host.PrecheckedAsync()).PrecheckToken).Should().NotBe(before);
    }

    [Fact]
    public async Task What_leaked_keys_made_is_dead_once_they_are_replaced()
    {
        Install issued = await host.IssuedAsync(), prechecked = await host.PrecheckedAsync(), activated = await host.ActivatedAsync();
        string server = (await activated.RegisteredAsync()).Token;
        await host.Lifecycle.ReplaceKeysAsync(new Caller("", "", "", "operations"));
        (await issued.PrecheckAsync()).Outcome.Should().Be("404 install_code_invalid");
        (await prechecked.ActivateAsync()).Outcome.Should().Be("404 install_code_invalid");
        (await activated.ConfirmAsync()).Outcome.Should().Be("401 install_token_invalid");
        (await activated.RegisterAsync()).Outcome.Should().Be("401 install_token_invalid");
        host.Lifecycle.FindToken(prechecked.PrecheckToken).Should().BeNull();
        (await host.PostAsAsync(server, "/checkin")).Outcome.Should().Be("401 server_revoked", "its install can no longer be confirmed");
        (await host.ConfirmedAsync()).Should().NotBeNull();
    }

    [Fact]
    public async Task They_outlive_a_restart()
    {
        Install issued = await host.IssuedAsync(), activated = await host.ActivatedAsync();
        await using var after = await host.RestartAsync();
        (await new Install(after, issued.Code, issued.Machine).PrecheckAsync()).Outcome.Should().Be("200");
        (await new Install(after, activated.Code, activated.Machine) { ActivationId = activated.ActivationId, InstallToken = activated.InstallToken }.ConfirmAsync()).Outcome.Should().Be("200");
    }

    [Fact]
    public async Task A_restart_makes_no_new_ones()
    {
        await host.IssueAsync();
        string[] before = Keys(host);
        await using var after = await host.RestartAsync();
        Keys(after).Should().Equal(before).And.HaveCount(3);
    }

    [Fact]
    public async Task They_are_sealed_in_the_database()
    {
        await host.IssuedAsync();
        byte[][] keys = host.Storage.Find(host.Get<InstallLifecycle.Tokens.InstallKeys>().Read).All("code").Select(k => k.Bytes).ToArray();
        await host.StopAsync();
        string everything = host.Everything();
        everything.Should().Contain("InstallKeys");
        keys.Should().ContainSingle().Which.Should().HaveCount(32);
        everything.Should().NotContain(Encoding.Latin1.GetString(keys[0])).And.NotContain(Convert.ToBase64String(keys[0])).And.NotContainEquivalentOf(Convert.ToHexString(keys[0]));
    }

    [Fact]
    public async Task They_turn_by_themselves_and_old_ones_go_when_nothing_of_theirs_can_live()
    {
        await host.IssuedAsync();
        string[] first = Keys(host);
        host.Clock.Advance(TimeSpan.FromDays(90));
        var issued = await host.IssuedAsync();
        await host.Lifecycle.ExpireAsync(CancellationToken.None);
        Keys(host).Should().HaveCount(6).And.Contain(first);
        (await issued.PrecheckAsync()).Outcome.Should().Be("200");
        host.Clock.Advance(TimeSpan.FromDays(2));
        await host.Lifecycle.ExpireAsync(CancellationToken.None);
        Keys(host).Should().HaveCount(6);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await host.Lifecycle.ExpireAsync(CancellationToken.None);
        Keys(host).Should().HaveCount(3).And.NotContain(first);
    }

    private static string[] Keys(TestHost host) => host.Storage.Read(db => db.Keys.OrderBy(k => k.KeyId).Select(k => k.KeyId).ToArray());

    private static string KeyOf(string token) => token.Split('.')[0];
}
