using InstallLifecycle.Codes;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Transitions;

/// <summary>Every state and every step (contract section 5, "States" and "Order of checks"), as one table.</summary>
public sealed class TransitionTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string
        Ok = "200", NoCode = "404 install_code_invalid", NoActivation = "404 activation_not_found", Expired = "410 install_code_expired", Revoked = "410 install_code_revoked", Other = "409 machine_mismatch",
        Used = "409 install_code_used", NoPrecheck = "401 precheck_token_invalid", OldPrecheck = "401 precheck_token_expired", NoInstall = "401 install_token_invalid", OldInstall = "401 install_token_expired",
        Consumed = "409 install_token_consumed", Released = "409 activation_released", Confirmed = "409 activation_confirmed", Created = "201", NotRestored = "200 not restored", Restored = "200 restored",
        BadToken = "401 invalid_token", DeadServer = "401 server_revoked", NotApplicable = "";

    private static readonly string[] Steps =
    [
        "precheck", "precheck from another machine", "precheck with another SSH key", "activate", "activate with another hostname", "activate with another address", "activate from another machine",
        "activate with another code's token", "activate with an expired token", "activate from another machine with garbage", "confirm", "confirm with garbage", "release", "release with garbage", "register", "register from another machine", "checkin",
    ];

    private readonly TestHost host = shared.Host;

    // The columns are the steps above. Where there was no activation, the steps on one ask for one that does not exist.
    private static readonly Dictionary<string, string[]> Table = new()
    {
        ["none"] = [NoCode, NoCode, NoCode, NoCode, NoCode, NoCode, NoCode, NoCode, NotApplicable, NoCode, NoActivation, NoActivation, NoActivation, NoActivation, NoInstall, NoInstall, BadToken],
        ["issued"] = [Ok, Ok, Ok, NoPrecheck, NoPrecheck, NoPrecheck, NoPrecheck, NoPrecheck, NotApplicable, NoPrecheck, NoActivation, NoActivation, NoActivation, NoActivation, NoInstall, NoInstall, BadToken],
        ["prechecked"] = [Ok, Other, Other, Ok, Ok, Ok, Other, NoPrecheck, OldPrecheck, Other, NoActivation, NoActivation, NoActivation, NoActivation, NoInstall, NoInstall, BadToken],
        ["activated"] = [Ok, Other, Other, Ok, Used, Used, Other, NoPrecheck, OldPrecheck, Other, Ok, NoInstall, Restored, NoInstall, Ok, Other, Ok],
        ["activated, no server"] = [Ok, Other, Other, Ok, Used, Used, Other, NoPrecheck, OldPrecheck, Other, Ok, NoInstall, Restored, NoInstall, Created, Other, BadToken],
        ["confirmed"] = [Used, Other, Other, Used, Used, Used, Other, Used, Used, Other, Consumed, NoInstall, Confirmed, NoInstall, NoInstall, NoInstall, Ok],
        ["released"] = [Ok, Ok, Ok, NoPrecheck, NoPrecheck, NoPrecheck, NoPrecheck, NoPrecheck, NoPrecheck, NoPrecheck, Released, NoInstall, NotRestored, NoInstall, NoInstall, NoInstall, DeadServer],
        ["issued, revoked"] = [Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, NotApplicable, Revoked, NoActivation, NoActivation, NoActivation, NoActivation, NoInstall, NoInstall, BadToken],
        ["prechecked, revoked"] = [Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, NoActivation, NoActivation, NoActivation, NoActivation, NoInstall, NoInstall, BadToken],
        ["activated, revoked"] = [Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, Revoked, NoInstall, Revoked, NoInstall, NoInstall, NoInstall, DeadServer],
        ["issued, past its time"] = [Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, NotApplicable, Expired, NoActivation, NoActivation, NoActivation, NoActivation, NoInstall, NoInstall, BadToken],
        ["prechecked, past its time"] = [Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, NoActivation, NoActivation, NoActivation, NoActivation, NoInstall, NoInstall, BadToken],
        ["activated, past its time"] = [Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, OldInstall, NoInstall, NotRestored, NoInstall, NoInstall, NoInstall, DeadServer],
        ["confirmed, past its time"] = [Used, Other, Other, Used, Used, Used, Other, Used, Used, Other, OldInstall, NoInstall, Confirmed, NoInstall, NoInstall, NoInstall, Ok],
        ["released, past its time"] = [Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, Expired, OldInstall, NoInstall, NotRestored, NoInstall, NoInstall, NoInstall, DeadServer],
    };

    public static IEnumerable<object[]> Cases() =>
        from state in Table.Keys
        from job in state.Contains("past", StringComparison.Ordinal) ? new[] { "", ", expired" } : [""]
        from step in Steps.Index()
        where Table[state][step.Index].Length > 0
        select new object[] { state + job, step.Item, Table[state][step.Index] };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_step_does_in_each_state_what_the_contract_says(string state, string step, string expected)
    {
        var (install, server) = await BringToAsync(state, step.Contains("expired", StringComparison.Ordinal));
        var answer = await TakeAsync(install, server, step);
        string restored = step == "release" && answer.Status == 200 ? answer.Data.GetProperty("install_code_restored").GetBoolean() ? " restored" : " not restored" : "";
        (answer.Outcome + restored).Should().Be(expected);
    }

    // Each state by the requests that lead to it; with a precheck token that has expired while the code has not, if that is wanted.
    private async Task<(Install Install, string Server)> BringToAsync(string state, bool withExpiredToken)
    {
        string server = "st_" + new string('A', 43);
        var install = state == "none" ? new Install(host, InstallCode.Create().Text, TestMachine.Any()) : await host.IssuedAsync();
        string first = state.Split(',')[0];
        if (first is "none") return (install, server);
        if (first is not "issued")
        {
            await install.PrecheckedAsync();
            if (withExpiredToken)
            {
                string old = install.PrecheckToken;
                host.Clock.AdvanceMinutes(5);
                await install.PrecheckedAsync();
                if (first is not "prechecked") await install.ActivatedAsync();
                host.Clock.AdvanceMinutes(5);
                install.PrecheckToken = old;
            }
            else if (first is not "prechecked")
            {
                await install.ActivatedAsync();
            }
        }
        if (first is "activated" or "confirmed" or "released" && !state.EndsWith("no server", StringComparison.Ordinal)) server = (await install.RegisteredAsync()).Token;
        if (first is "confirmed") await install.ConfirmedAsync();
        if (first is "released") await install.ReleasedAsync();
        if (state.Contains("revoked", StringComparison.Ordinal)) await install.RevokedAsync();
        if (state.Contains("past its time", StringComparison.Ordinal)) host.Clock.AdvanceMinutes(10);
        if (state.EndsWith("expired", StringComparison.Ordinal)) await host.Lifecycle.ExpireAsync(CancellationToken.None);
        return (install, server);
    }

    private async Task<Answer> TakeAsync(Install install, string server, string step)
    {
        var (machine, stranger) = (install.Machine, TestMachine.Any());
        return step switch
        {
            "precheck" => await install.PrecheckAsync(),
            "precheck from another machine" => await install.PrecheckAsync(stranger),
            "precheck with another SSH key" => await install.PrecheckAsync(machine with { SshFingerprint = stranger.SshFingerprint }),
            "activate" or "activate with an expired token" => await install.ActivateAsync(),
            "activate with another hostname" => await install.ActivateAsync(machine with { Hostname = "ns2.example.com" }),
            "activate with another address" => await install.ActivateAsync(machine with { PublicIp = "1.2.3.5" }),
            "activate from another machine" => await install.ActivateAsync(stranger),
            "activate with another code's token" => await install.ActivateAsync(token: (await host.PrecheckedAsync(machine)).PrecheckToken),
            "activate from another machine with garbage" => await install.ActivateAsync(stranger, "garbage"),
            "confirm" => await install.ConfirmAsync(),
            "confirm with garbage" => await install.ConfirmAsync("garbage"),
            "release" => await install.ReleaseAsync(),
            "release with garbage" => await host.PostAsync($"{Requests.V2}/install/release", new { activation_id = install.ActivationId, install_token = "garbage" }),
            "register" => await install.RegisterAsync(),
            "register from another machine" => await install.RegisterAsync(stranger),
            "checkin" => await host.PostAsAsync(server, "/checkin"),
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
        };
    }
}
