using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web;

namespace TokenServer.Tests.Connect.Device;

/// <summary>What a device gets for its device code, and when (RFC 8628 sections 3.4 and 3.5, contract section 9).</summary>
public sealed class DevicePollTests : IAsyncLifetime
{
    private TestServer server = null!;
    private Browser bob = null!;

    public async Task InitializeAsync()
    {
        server = await DeviceRequests.StartAsync();
        bob = await Browser.OfAsync(server);
    }

    public async Task DisposeAsync()
    {
        bob.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task It_waits_until_somebody_allows_it_and_then_has_a_session_of_that_account()
    {
        var signedInAt = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        var device = await server.AskAsync("openid profile offline_access api", "Kitchen");
        (await server.PollAsync(device)).ShouldRefuse("authorization_pending");
        (await server.PollLaterAsync(device)).ShouldRefuse("authorization_pending");
        (await bob.DecideAsync(device.UserCode)).ShouldGoTo("/connect/verify", "DeviceAllowed");
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        var tokens = await server.PollAsync(device);
        tokens.Status.Should().Be(200, tokens.Body);
        tokens["scope"].Should().Be("openid profile offline_access api");
        var token = Jwt.Claims(tokens["access_token"]!);
        token.Text("sub").Should().Be("3");
        token.Text("client_id").Should().Be("tv");
        var identity = Jwt.Claims(tokens["id_token"]!);
        identity.Text("sid").Should().Be(token.Text("sid"));
        identity.GetProperty("auth_time").GetInt64().Should().Be(signedInAt, "that is when the person signed in, in the browser");
        identity.GetProperty("amr").ToString().Should().Contain("pwd").And.NotContain("mfa");
        (await server.UserInfoAsync(tokens["access_token"]!))["preferred_username"].Should().Be("bob");
        (await server.RefreshPublicAsync(tokens["refresh_token"]!, "tv")).Status.Should().Be(200);
        server.AuditedEvents().Should().ContainInOrder("device.allowed", "session.started");
    }

    [Fact]
    public async Task A_second_factor_of_the_browser_is_the_sessions()
    {
        using var john = new Browser(server);
        await john.SignInAsync("john");
        await john.GetAsync("/account/second-factor");
        await john.PostAsync("/account/second-factor", ("code", server.TotpCode()));
        var device = await server.AskAsync();
        await john.DecideAsync(device.UserCode);
        Jwt.Claims((await server.PollAsync(device))["id_token"]!).Texts("amr").Should().Equal("pwd", "otp", "mfa");
    }

    [Fact]
    public async Task Faster_than_its_interval_it_is_slowed_down_by_five_seconds_each_time()
    {
        var device = await server.AskAsync();
        (await server.PollAsync(device)).ShouldRefuse("authorization_pending");
        await After(4, "slow_down");
        await After(9, "slow_down");
        await After(14, "slow_down");
        await After(20, "authorization_pending");
        await After(20, "authorization_pending");
        await After(19, "slow_down");
        await After(25, "authorization_pending");
        // Another device has a pace of its own.
        (await server.PollAsync(await server.AskAsync())).ShouldRefuse("authorization_pending");
        await bob.DecideAsync(device.UserCode);
        (await server.PollAsync(device)).Status.Should().Be(200, "there is nothing to wait for any more");

        async Task After(int seconds, string error)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(seconds));
            (await server.PollAsync(device)).ShouldRefuse(error);
        }
    }

    [Fact]
    public async Task Denied_it_gets_nothing_however_often_it_asks()
    {
        var device = await server.AskAsync();
        (await bob.DecideAsync(device.UserCode, "deny")).ShouldGoTo("/connect/verify", "DeviceDenied");
        (await server.PollAsync(device)).ShouldRefuse("access_denied");
        (await server.PollAsync(device)).ShouldRefuse("access_denied");
        server.AuditedEvents().Should().Contain("device.denied").And.NotContain("device.allowed");
    }

    [Fact]
    public async Task After_its_time_it_has_expired_allowed_or_not()
    {
        var (left, allowed) = (await server.AskAsync(), await server.AskAsync());
        server.Clock.Advance(TimeSpan.FromMinutes(9));
        (await server.PollAsync(left)).ShouldRefuse("authorization_pending");
        await bob.DecideAsync(allowed.UserCode);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await server.PollAsync(left)).ShouldRefuse("expired_token");
        (await server.PollAsync(allowed)).ShouldRefuse("expired_token");
    }

    [Fact]
    public async Task Its_code_works_once()
    {
        var device = await server.AskAsync();
        await bob.DecideAsync(device.UserCode);
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => server.PollAsync(device)));
        var winner = answers.Should().ContainSingle(a => a.Status == 200).Which;
        foreach (var loser in answers.Where(a => a != winner)) loser.ShouldRefuse("invalid_grant");
        (await server.PollLaterAsync(device)).ShouldRefuse("invalid_grant");
        (await server.IsActiveAsync(winner["access_token"]!)).Should().BeTrue("who came too late has done it no harm");
    }

    [Fact]
    public async Task Its_code_is_its_clients_alone()
    {
        var device = await server.AskAsync("api");
        await bob.DecideAsync(device.UserCode);
        (await server.PollAsync(device, "radio")).ShouldRefuse("invalid_grant");
        (await server.PollAsync(device, "mobile")).ShouldRefuse("unauthorized_client");
        (await server.PollAsync(device, "nobody")).ShouldRefuse("invalid_client", 401);
        (await server.PollAsync(device)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("dc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("WDJB-MJHT")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("\U0001F511")]
    public async Task A_code_that_is_none_is_an_invalid_grant(string code) =>
        (await server.PollAsync(new(code, "", null!))).ShouldRefuse("invalid_grant");

    [Fact]
    public async Task A_request_without_a_code_is_an_invalid_request()
    {
        (await server.PostAsync("/connect/token", null, ("client_id", "tv"), ("grant_type", DeviceRequests.DeviceGrant))).ShouldRefuse("invalid_request");
        (await server.PollAsync(new("", "", null!))).ShouldRefuse("invalid_request");
        (await server.PollAsync(new(new string('x', 70_000), "", null!))).Status.Should().Be(413);
    }

    [Fact]
    public async Task A_password_that_is_changed_in_between_takes_the_yes_back()
    {
        var device = await server.AskAsync();
        await bob.DecideAsync(device.UserCode);
        await bob.GetAsync("/account/password");
        (await bob.PostAsync("/account/password", ("current_password", TestImport.Password), ("new_password", "a new and better one"),
            ("repeated_password", "a new and better one"))).Status.Should().Be(303);
        (await server.PollAsync(device)).ShouldRefuse("access_denied");
    }

    [Fact]
    public async Task An_account_that_is_disabled_in_between_signs_no_device_in_not_even_when_it_is_enabled_again()
    {
        var device = await server.AskAsync();
        await bob.DecideAsync(device.UserCode);
        var accounts = server.Get<UserAccounts>();
        await accounts.DisableAsync(accounts.FindByLogin("bob")!, "test");
        (await server.PollAsync(device)).ShouldRefuse("access_denied");
        await accounts.EnableAsync(accounts.FindByLogin("bob")!, "test");
        (await server.PollAsync(device)).ShouldRefuse("access_denied");
    }

    [Fact]
    public async Task A_client_that_is_revoked_in_between_gets_nothing_not_even_when_it_is_restored()
    {
        var device = await server.AskAsync();
        await bob.DecideAsync(device.UserCode);
        await server.Get<ClientRegistry>().RevokeAsync("tv", "test");
        (await server.PollAsync(device)).ShouldRefuse("invalid_client", 401);
        await server.Get<ClientRegistry>().RestoreAsync("tv", "test");
        (await server.PollAsync(device)).ShouldRefuse("invalid_grant");
    }

    [Fact]
    public async Task Who_signs_out_of_the_browser_leaves_the_device_signed_in()
    {
        var device = await server.AskAsync("openid api");
        await bob.DecideAsync(device.UserCode);
        await bob.GetAsync("/account");
        (await bob.PostAsync("/account/sign-out")).Status.Should().Be(303);
        var tokens = await server.PollAsync(device);
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task Its_session_is_listed_by_its_name_and_ends_like_any_other()
    {
        var device = await server.AskAsync(name: " Kitchen <b>screen</b> ");
        await bob.DecideAsync(device.UserCode);
        var tokens = await server.PollAsync(device);
        (await bob.GetAsync("/account/sessions")).Body.Should().Contain("Kitchen &lt;b&gt;screen&lt;/b&gt;").And.NotContain("<b>screen");
        string jane = (await server.SignInAsync(scope: "openid admin"))["access_token"]!;
        var listed = await server.CallAsync("GET", "/admin/api/users/3/sessions?client_id=tv", jane);
        var session = listed.Json.GetProperty("items").EnumerateArray().Should().ContainSingle().Which;
        session.Text("device_name").Should().Be("Kitchen <b>screen</b>");
        (await server.PostAsync("/connect/revoke", null, ("client_id", "tv"), ("token", tokens["refresh_token"]!))).Status.Should().Be(200);
        (await server.IsActiveAsync(tokens["access_token"]!)).Should().BeFalse();
    }

    [Fact]
    public async Task A_restart_loses_neither_the_question_nor_the_answer()
    {
        string folder = server.Folder;
        var (asked, allowed) = (await server.AskAsync(), await server.AskAsync());
        await bob.DecideAsync(allowed.UserCode);
        await server.StopAsync();
        await using var again = await TestServer.StartAsync(FaceRequests.NoLimits, folder: folder, clock: server.Clock);
        (await again.PollAsync(allowed)).Status.Should().Be(200);
        using var person = await Browser.OfAsync(again);
        await person.DecideAsync(asked.UserCode);
        (await again.PollAsync(asked)).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_is_over_is_pruned()
    {
        var device = await server.AskAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        (await server.Get<TokenServer.Pruning.Pruner>().RunAsync(default)).Tokens.Should().BePositive();
        (await server.PollAsync(device)).ShouldRefuse("invalid_grant");
    }

    [PostgresFact]
    public async Task Replicas_keep_one_pace_and_give_tokens_once()
    {
        await using var replicas = await ReplicaSet.StartAsync(3, FaceRequests.NoLimits);
        await replicas[0].AddDeviceClientsAsync();
        foreach (var replica in replicas.All) replica.Get<ClientRegistry>().Reload();
        var device = await replicas[0].AskAsync();
        (await replicas[0].PollAsync(device)).ShouldRefuse("authorization_pending");
        replicas.Clock.Advance(TimeSpan.FromSeconds(3));
        (await replicas[1].PollAsync(device)).ShouldRefuse("slow_down");
        replicas.Clock.Advance(TimeSpan.FromSeconds(6));
        (await replicas[2].PollAsync(device)).ShouldRefuse("slow_down");
        replicas.Clock.Advance(TimeSpan.FromSeconds(15));
        (await replicas[0].PollAsync(device)).ShouldRefuse("authorization_pending");
        using var person = await Browser.OfAsync(replicas[1]);
        (await person.DecideAsync(device.UserCode)).ShouldGoTo("/connect/verify", "DeviceAllowed");
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => replicas[i % 3].PollAsync(device)));
        answers.Should().ContainSingle(a => a.Status == 200);
    }
}

/// <summary>What public clients send.</summary>
internal static class PublicClients
{
    public static Task<Answer> RefreshPublicAsync(this TestServer server, string refreshToken, string client) =>
        server.PostAsync("/connect/token", null, ("client_id", client), ("grant_type", "refresh_token"), ("refresh_token", refreshToken));
}
