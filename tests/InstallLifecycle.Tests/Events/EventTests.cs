using System.Text.Json;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Events;

/// <summary>What is recorded: every transition and every refusal, once, and nothing that is secret or a stranger's.</summary>
public sealed class EventTests : IAsyncLifetime
{
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task An_install_is_told_step_by_step_with_who_when_and_what()
    {
        var install = await host.IssuedAsync();
        host.Clock.AdvanceMinutes(1);
        await (await install.PrecheckedAsync()).ActivatedAsync();
        var server = await install.RegisteredAsync();
        await install.RegisterAsync();
        await install.ActivateAsync();
        await install.ConfirmedAsync();
        await host.PostAsAsync(TestAdministrators.Token, "/revoke", new { server_id = server.Id });
        string code = install.CodeId().ToString();
        Since().Select(e => (e.Event, e.Target)).Should().Equal(
            ("install_code.issued", code), ("install_code.prechecked", code), ("activation.activated", install.ActivationId), ("server.registered", server.Id), ("server.token_replaced", server.Id),
            ("activation.repeated", install.ActivationId), ("activation.confirmed", install.ActivationId), ("server.revoked", server.Id));
        Since().Should().OnlyContain(e => e.Caller!.Address == "127.0.0.1");
        var start = host.Clock.GetUtcNow().UtcDateTime.AddMinutes(-1);
        Since().Select(e => e.Time).Should().Equal([start, .. Enumerable.Repeat(start.AddMinutes(1), 7)]);
        Since().Should().OnlyContain(e => e.Time.Kind == DateTimeKind.Utc);
    }

    [Fact]
    public async Task A_release_and_a_revocation_are_told_with_what_they_take_along()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        await install.ReleasedAsync();
        var second = await host.ActivatedAsync();
        await second.RevokedAsync();
        Since().Select(e => (e.Event, e.Target)).Should().Contain([
            ("server.revoked", server.Id), ("activation.released", install.ActivationId), ("activation.revoked", second.ActivationId), ("install_code.revoked", second.CodeId().ToString())]);
        Since().Single(e => e.Event == "install_code.revoked").Caller!.Actor.Should().Be(TestAdministrators.Name);
    }

    [Fact]
    public async Task Keys_are_told_with_who_turned_them()
    {
        await host.Lifecycle.RotateKeysAsync(new Caller("", "", "", "operations"));
        await host.Lifecycle.ReplaceKeysAsync(new Caller("", "", "", "operations"));
        host.Storage.Events.Where(e => e.Event == "install_key.rotated").Select(e => e.Caller!.Actor).Should().Equal("operations", "operations", "operations", "operations", "operations", "operations");
    }

    [Fact]
    public async Task What_changes_nothing_is_not_told()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        int before = Since().Count();
        await install.PrecheckAsync();
        await host.PostAsAsync(server.Token, "/checkin");
        await host.GetAsync("/status", server.Token);
        await host.GetAsync("/api/v2/healthz");
        await install.PrecheckAsync();
        Since().Should().HaveCount(before);
    }

    public static TheoryData<string, string> Refusals() => new()
    {
        { "issue", "browser_session_required" }, { "issue", "cross_site_request" }, { "issue", "rate_limit_exceeded" }, { "precheck", "install_code_invalid" }, { "precheck", "machine_mismatch" },
        { "precheck", "install_code_expired" }, { "activate", "install_code_invalid" }, { "activate", "precheck_token_invalid" }, { "activate", "install_code_used" }, { "confirm", "activation_not_found" },
        { "confirm", "install_token_invalid" }, { "confirm", "install_token_consumed" }, { "release", "activation_not_found" }, { "release", "activation_confirmed" }, { "register", "install_token_invalid" },
        { "register", "machine_mismatch" }, { "checkin", "invalid_token" }, { "checkin", "server_revoked" }, { "status", "invalid_token" }, { "revoke", "invalid_token" }, { "revoke", "forbidden" }, { "revoke", "insufficient_scope" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Each_refusal_is_told_once_with_its_step_and_code(string step, string code)
    {
        await using var own = await TestHost.StartAsync(Limits.Only((o, _) => o.CodesPerIpPerHour = code == "rate_limit_exceeded" ? 1 : 100));
        (await RefuseAsync(own, step, code)).Code.Should().Be(code);
        var refused = own.Storage.Events.Where(e => e.Event == "install.refused").Should().ContainSingle().Subject;
        (refused.Detail, refused.Caller!.Address, refused.Time).Should().Be(($"{step}: {code}", "127.0.0.1", own.Clock.GetUtcNow().UtcDateTime));
    }

    [Fact]
    public async Task No_code_no_token_and_nothing_that_was_typed_is_in_any()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        string again = (await install.RegisterAsync()).Json.Text("server_token"), cookie = (await host.OpenPageAsync()).Split('=')[1];
        const string typed = "typed-by-a-stranger";
        await new Install(host, typed, TestMachine.Any() with { Hostname = typed + ".example" }) { PrecheckToken = typed, ActivationId = typed, InstallToken = typed }.ActivateAsync();
        await host.PostAsync($"{Requests.V2}/install/confirm", new { activation_id = typed, install_token = typed });
        await host.PostAsync($"{Requests.V2}/install/release", new { activation_id = typed });
        await host.PostAsAsync(typed, "/checkin", new { agent_version = typed });
        await host.PostAsAsync(again, "/checkin", new { agent_version = typed, hostname = typed + ".example" });
        await host.PostAsAsync(again, "/revoke", new { server_id = typed });
        await host.PostAsAsync(TestAdministrators.Token, "/revoke", new { server_id = typed });
        await host.IssueAsync("slowdns_browser=" + typed, ("User-Agent", typed), ("Accept-Language", typed), ("Origin", "http://" + typed));
        await install.ReleasedAsync();
        string all = JsonSerializer.Serialize(host.Storage.Events);
        string digits = install.Code[7..];
        foreach (string secret in (string[])[typed, install.Code, digits, digits[..6], digits[^6..], install.PrecheckToken, install.InstallToken, server.Token, again, cookie, install.Machine.MachineId, "ns1.example.com"])
            all.Should().NotContain(secret);
        all.Should().Contain(install.ActivationId).And.Contain(server.Id);
    }

    [Fact]
    public async Task An_address_fills_no_more_than_sixty_refusals_a_minute()
    {
        for (int i = 0; i < 70; i++) (await host.PostAsAsync("x", "/checkin")).Status.Should().Be(401);
        var refused = host.Storage.Events.Where(e => e.Event == "install.refused").ToList();
        refused.Should().HaveCount(60);
        refused.Where(e => e.Detail!.Contains("more refusals", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().BeSameAs(refused[^1]);
        await host.PostAsync("/checkin", null, ("Authorization", "Bearer x"), (TestHost.AddressHeader, "198.51.100.1"));
        host.Storage.Events[^1].Caller!.Address.Should().Be("198.51.100.1", "another address is told of");
    }

    [Fact]
    public async Task An_event_of_what_was_not_committed_is_not_told()
    {
        host.Storage.UndoesFirst = true;
        await host.PostAsAsync("x", "/checkin");
        await host.IssuedAsync();
        Since().Select(e => e.Event).Should().Equal("install.refused", "install_code.issued");
    }

    [Theory]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7", "198.51.100.7", "198.51.100.0")]
    [InlineData("2001:db8:1:2:3::4", "2001:db8:1:2:3::4", "2001:db8:1:2::", "2001:db8:1:2::")]
    [InlineData("fe80::1%3", "fe80::1", "fe80::", "fe80::")]
    public async Task An_address_is_told_in_its_one_form(string from, string address, string key, string network)
    {
        await host.PostAsync("/checkin", null, (TestHost.AddressHeader, from));
        host.Storage.Events[^1].Caller.Should().Be(new Caller(address, key, network));
    }

    // All but the first keys.
    private IEnumerable<InstallEvent> Since() => host.Storage.Events.Where(e => e.Event != "install_key.rotated");

    private static async Task<Answer> RefuseAsync(TestHost host, string step, string code)
    {
        if (code == "browser_session_required") return await host.IssueAsync(null);
        if (code == "cross_site_request") return await host.IssueAsync(await host.OpenPageAsync(), ("Origin", "null"));
        var install = await host.ActivatedAsync();
        if (step == "issue") return await host.IssueAsync();
        var stranger = TestMachine.Any();
        var unknown = new Install(host, "IPT-SD-000000-000000-000000", stranger);
        string server = (await install.RegisteredAsync()).Token;
        switch (code)
        {
            case "install_code_expired": host.Clock.AdvanceMinutes(10); break;
            case "install_token_consumed" or "activation_confirmed": await install.ConfirmedAsync(); break;
            case "server_revoked": await install.ReleasedAsync(); break;
        }
        return (step, code) switch
        {
            ("precheck", "machine_mismatch") => await install.PrecheckAsync(stranger),
            ("precheck", "install_code_expired") => await install.PrecheckAsync(),
            ("precheck", _) => await unknown.PrecheckAsync(),
            ("activate", "install_code_used") => await install.ActivateAsync(install.Machine with { Hostname = "ns2.example.com" }),
            ("activate", "precheck_token_invalid") => await install.ActivateAsync(token: "x"),
            ("activate", _) => await unknown.ActivateAsync(),
            ("confirm", "activation_not_found") => await unknown.ConfirmAsync(),
            ("confirm", "install_token_invalid") => await install.ConfirmAsync("x"),
            ("confirm", _) => await install.ConfirmAsync(),
            ("release", "activation_not_found") => await unknown.ReleaseAsync(),
            ("release", _) => await install.ReleaseAsync(),
            ("register", "machine_mismatch") => await install.RegisterAsync(stranger),
            ("register", _) => await unknown.RegisterAsync(),
            ("checkin", _) => await host.PostAsAsync(code == "invalid_token" ? "x" : server, "/checkin"),
            ("status", _) => await host.GetAsync("/status", "x"),
            ("revoke", "forbidden") => await host.PostAsAsync(server, "/revoke", new { server_id = "srv_0000000000000000" }),
            ("revoke", "insufficient_scope") => await host.PostAsAsync(TestAdministrators.Unprivileged, "/revoke"),
            ("revoke", _) => await host.PostAsAsync("x", "/revoke"),
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, code),
        };
    }
}
