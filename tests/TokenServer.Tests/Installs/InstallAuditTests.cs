using System.Buffers.Text;
using InstallLifecycle;
using TokenServer.Tests.Storage;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>Every transition and refusal is an audit entry: who, what, which, from where; and nothing that is written down has a secret (contract sections 0 and 6).</summary>
public sealed class InstallAuditTests
{
    private const string Address = "127.0.0.1";
    private static readonly string[] Everything = ["--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace", "--Logging:LogLevel:Quartz=Trace"];

    [Fact]
    public async Task An_install_that_goes_well_is_told_step_by_step()
    {
        await using var server = await InstallServer.StartAsync();
        var install = await new Installation(server).UpToAsync(Precheck);
        string code = Code(server);
        (await server.GrantAsync(install)).Status.Should().Be(200);
        foreach (string step in (string[])[Activate, Register, Register, Confirm, Revoke]) (await install.DoAsync(step)).Status.Should().BeInRange(200, 201, step);
        string activation = install.ActivationId, id = install.ServerId;
        InstallAudit.Of(server).Should().Equal(
            new("install_code.issued", null, code, Address, null),
            new("install_code.prechecked", null, code, Address, null),
            new("activation.activated", "client panel", activation, Address, "code " + code),
            new("activation.repeated", null, activation, Address, null),
            new("server.registered", null, id, Address, activation),
            new("server.token_replaced", null, id, Address, activation),
            new("activation.confirmed", null, activation, Address, null),
            new("server.revoked", id, id, Address, null));
    }

    [Fact]
    public async Task So_are_a_release_an_expiry_and_a_revocation_with_what_they_take_along()
    {
        await using var server = await InstallServer.StartAsync();
        Installation released = await new Installation(server).UpToAsync(Register);
        string first = Code(server);
        await released.DoAsync(Release);
        Installation expired = await new Installation(server).UpToAsync(Register);
        string second = Code(server);
        server.Clock.Advance(TimeSpan.FromMinutes(11));
        await server.Get<Lifecycle>().ExpireAsync(CancellationToken.None);
        Installation revoked = await new Installation(server).UpToAsync(Register);
        string third = Code(server);
        await server.RevokeLastCodeAsync();
        InstallAudit.Of(server).Where(e => e.Event.Split('.')[1] is "released" or "expired" or "revoked").Should().Equal(
            new("server.revoked", null, released.ServerId, Address, null),
            new("activation.released", null, released.ActivationId, Address, $"code {first} restored"),
            new("install_code.expired", "schedule", first, null, null),
            new("server.revoked", "schedule", expired.ServerId, null, null),
            new("activation.expired", "schedule", expired.ActivationId, null, null),
            new("server.revoked", "test", revoked.ServerId, null, null),
            new("activation.revoked", "test", revoked.ActivationId, null, null),
            new("install_code.revoked", "test", third, null, null));
        second.Should().NotBe(third);
    }

    [Fact]
    public async Task Replacing_leaked_keys_revokes_what_is_not_confirmed_and_a_release_promises_nothing()
    {
        await using var server = await InstallServer.StartAsync();
        var issued = await new Installation(server).UpToAsync(Issue);
        string first = Code(server);
        var registered = await new Installation(server).UpToAsync(Register);
        string second = Code(server);
        var confirmed = await new Installation(server).UpToAsync(Confirm);
        await server.Get<Lifecycle>().ReplaceKeysAsync(new Caller("", "", "", "test"));
        InstallAudit.Of(server).Where(e => e.Event.EndsWith(".revoked", StringComparison.Ordinal)).Should().Equal(
            new("install_code.revoked", "test", first, null, null),
            new("server.revoked", "test", registered.ServerId, null, null),
            new("activation.revoked", "test", registered.ActivationId, null, null),
            new("install_code.revoked", "test", second, null, null));
        (await issued.DoAsync(Precheck)).ShouldRefuse(404, "install_code_invalid");
        (await server.CallAsync("POST", InstallRequests.Api + "/install/release", null, new { activation_id = registered.ActivationId })).ShouldRefuse(410, "install_code_revoked");
        (await confirmed.DoAsync(CheckIn)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Every_refusal_is_told_with_its_step_and_its_code()
    {
        await using var server = await InstallServer.StartAsync([.. InstallRequests.CodeLimits(2), .. InstallRequests.ActivationLimits(2)]);
        await server.CallAsync("POST", InstallRequests.Api + "/code/issue");
        await server.CallAsync("POST", InstallRequests.Api + "/code/issue", null, null, ("Cookie", await server.Http.OpenPageAsync()), ("Origin", "https://evil.example"));
        Installation one = await new Installation(server).UpToAsync(Precheck), other = await new Installation(server).UpToAsync(Precheck);
        await new Installation(server).DoAsync(Issue);
        string code = other.Code;
        other.Code = one.Code;
        await other.DoAsync(Precheck);
        await other.DoAsync(Activate);
        (other.Code, other.PrecheckToken) = (code, one.PrecheckToken);
        await server.GrantAsync(other);
        await one.DoAsync(Activate);
        (other.InstallToken, other.ServerToken) = ("garbage", "garbage");
        foreach (string step in (string[])[Register, CheckIn, Revoke]) await other.DoAsync(step);
        InstallAudit.Of(server).Where(e => e.Event == "install.refused").Should().Equal(new (string? Actor, string Detail)[]
        {
            (null, "issue: browser_session_required"), (null, "issue: cross_site_request"), (null, "issue: rate_limit_exceeded"), (null, "precheck: machine_mismatch"), (null, "activate: machine_mismatch"),
            ("client panel", "activate: precheck_token_invalid"), (null, "activate: rate_limit_exceeded"), (null, "register: install_token_invalid"), (null, "checkin: invalid_token"), (null, "revoke: invalid_token"),
        }.Select(e => new InstallAudit("install.refused", e.Actor, null, Address, e.Detail)));
    }

    [Fact]
    public async Task A_refusal_by_a_released_or_confirmed_activation_names_no_stranger_but_the_step()
    {
        await using var server = await InstallServer.StartAsync();
        Installation confirmed = await new Installation(server).UpToAsync(Confirm), released = await new Installation(server).UpToAsync(Activate);
        await released.DoAsync(Release);
        await confirmed.DoAsync(Confirm);
        await confirmed.DoAsync(Release);
        await released.DoAsync(Confirm);
        await released.DoAsync(Register);
        Details(server).Should().Equal("confirm: install_token_consumed", "release: activation_confirmed", "confirm: activation_released", "register: install_token_invalid");
    }

    [Fact]
    public async Task No_secret_of_an_install_is_in_the_audit_the_files_or_the_log()
    {
        await using var server = await InstallServer.StartAsync(Everything);
        var install = await new Installation(server).UpToAsync(Register);
        List<(string What, string Secret)> secrets = [.. install.Secrets];
        foreach (string step in (string[])[Register, Activate, Release, Precheck]) await install.DoAsync(step);
        secrets.AddRange(install.Secrets);
        install.Take(await server.GrantAsync(install));
        foreach (string step in (string[])[Register, CheckIn, Confirm, Confirm, Precheck, Activate, Revoke]) await install.DoAsync(step);
        secrets.AddRange(install.Secrets);
        foreach (var (_, token) in secrets) await server.IntrospectAsync(token, "fleet");
        await server.CallAsync("GET", $"/status?token={install.ServerToken}", install.ServerToken + "x");
        await server.StopAsync();

        byte[] files = Files.OfDatabase(server.Folder);
        server.Log.Lines.Should().Contain(l => l.StartsWith("Trace ", StringComparison.Ordinal) || l.StartsWith("Debug ", StringComparison.Ordinal));
        foreach (var (what, secret) in secrets.Distinct())
        {
            files.ShouldNotContain(secret, what);
            string[] forms = [secret, secret[(secret.LastIndexOf('.') + 1)..], secret.Replace("-", "", StringComparison.Ordinal)];
            server.Log.Lines.Should().NotContain(l => forms.Any(f => l.Contains(f, StringComparison.Ordinal)), "{0} may not be logged", what);
            if (what.StartsWith("install code", StringComparison.Ordinal)) files.ShouldNotContain(secret["IPT-SD-".Length..].Replace("-", "", StringComparison.Ordinal), what);
            if (what == "server token") files.ShouldNotContain(Base64Url.DecodeFromChars(secret.AsSpan("st_".Length))[8..], "the secret part of a server token");
            if (what is "precheck token" or "install token") files.ShouldNotContain(secret[(secret.LastIndexOf('.') + 1)..], "the signature of a " + what);
        }
    }

    private static IEnumerable<string?> Details(TestServer server) => InstallAudit.Of(server).Where(e => e.Event == "install.refused").Select(e => e.Detail);

    private static string Code(TestServer server) => server.LastCode().ToString();
}
