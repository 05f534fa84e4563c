using System.Text.Json;
using System.Text.Json.Nodes;

namespace InstallLifecycle.Tests.Support;

/// <summary>An install as the installer goes through it: what it was given so far, and its requests.</summary>
internal sealed class Install(TestHost host, string code, TestMachine machine)
{
    public string Code => code;
    public TestMachine Machine => machine;
    public string PrecheckToken { get; set; } = "none.so.far";
    public string ActivationId { get; set; } = "act_0000000000000000";
    public string InstallToken { get; set; } = "none.so.far";

    /// <summary>The body of a precheck, to be changed by a test.</summary>
    public JsonObject PrecheckBody(TestMachine? other = null) => new()
    {
        ["install_code"] = code, ["machine_id"] = (other ?? machine).MachineId, ["ssh_fingerprint"] = (other ?? machine).SshFingerprint, ["product"] = "slowdns", ["installer_version"] = "2026.03.31",
    };

    /// <summary>The body of an activation, to be changed by a test.</summary>
    public JsonObject ActivateBody(TestMachine? other = null, string? token = null) => new()
    {
        ["install_code"] = code, ["precheck_token"] = token ?? PrecheckToken, ["hostname"] = (other ?? machine).Hostname, ["public_ip"] = (other ?? machine).PublicIp,
        ["machine_id"] = (other ?? machine).MachineId, ["ssh_fingerprint"] = (other ?? machine).SshFingerprint, ["requested_ref"] = "main", ["installer_version"] = "2026.03.30",
    };

    /// <summary>The body of a registration, to be changed by a test.</summary>
    public JsonObject RegisterBody(TestMachine? other = null, string? token = null) => new()
    {
        ["install_token"] = token ?? InstallToken, ["machine_id"] = (other ?? machine).MachineId, ["ssh_fingerprint"] = (other ?? machine).SshFingerprint,
        ["hostname"] = (other ?? machine).Hostname, ["public_ip"] = (other ?? machine).PublicIp, ["agent_version"] = "1.0.0",
    };

    public Task<Answer> PrecheckAsync(TestMachine? other = null) => host.PostAsync($"{Requests.V2}/install/precheck", PrecheckBody(other).ToJsonString());

    public Task<Answer> ActivateAsync(TestMachine? other = null, string? token = null, string? address = null) => ActivateAsync(ActivateBody(other, token), address);

    public Task<Answer> ActivateAsync(JsonObject body, string? address = null) =>
        host.PostAsync($"{Requests.V2}/install/activate", body.ToJsonString(), address is null ? [] : [(TestHost.AddressHeader, address)]);

    public Task<Answer> ConfirmAsync(string? token = null) => host.PostAsync($"{Requests.V2}/install/confirm", new { activation_id = ActivationId, install_token = token ?? InstallToken });

    public Task<Answer> ReleaseAsync() => host.PostAsync($"{Requests.V2}/install/release", new { activation_id = ActivationId });

    public Task<Answer> RegisterAsync(TestMachine? other = null, string? token = null) => host.PostAsync("/register", RegisterBody(other, token).ToJsonString());

    /// <summary>Prechecks, and keeps the token.</summary>
    public async Task<Install> PrecheckedAsync()
    {
        PrecheckToken = (await PrecheckAsync()).Text("precheck_token");
        return this;
    }

    /// <summary>Activates, and keeps what came.</summary>
    public async Task<Install> ActivatedAsync()
    {
        var answer = await ActivateAsync();
        (ActivationId, InstallToken) = (answer.Text("activation_id"), answer.Text("install_token"));
        return this;
    }

    /// <summary>Confirms.</summary>
    public async Task<Install> ConfirmedAsync()
    {
        (await ConfirmAsync()).Outcome.Should().Be("200");
        return this;
    }

    /// <summary>Releases, and gets the code back.</summary>
    public async Task<Install> ReleasedAsync()
    {
        (await ReleaseAsync()).Data.GetProperty("install_code_restored").GetBoolean().Should().BeTrue();
        return this;
    }

    /// <summary>Registers; the server's id and token.</summary>
    public async Task<(string Id, string Token)> RegisteredAsync()
    {
        var json = (await RegisterAsync()).Json;
        return (json.Text("server_id"), json.Text("server_token"));
    }

    /// <summary>The number of the code's row.</summary>
    public long CodeId() => host.Storage.Read(db => db.Codes.Where(c => c.Hint == InstallLifecycle.Codes.InstallCode.Parse(code)!.Hint).OrderBy(c => c.Id).Last().Id);

    /// <summary>An administrator revokes the code.</summary>
    public async Task<Install> RevokedAsync()
    {
        (await host.Lifecycle.RevokeCodeAsync(CodeId(), new Caller("", "", "", TestAdministrators.Name), isDryRun: false)).Refused.Should().BeNull();
        return this;
    }

    /// <summary>A member's value in a payload.</summary>
    public static JsonElement Claims(string token) => JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement;
}

/// <summary>Installs that have come so far.</summary>
internal static class Installs
{
    public static async Task<Install> IssuedAsync(this TestHost host, TestMachine? machine = null) => new(host, (await host.IssueAsync()).Text("install_code"), machine ?? TestMachine.Any());

    public static async Task<Install> PrecheckedAsync(this TestHost host, TestMachine? machine = null) => await (await host.IssuedAsync(machine)).PrecheckedAsync();

    public static async Task<Install> ActivatedAsync(this TestHost host, TestMachine? machine = null) => await (await host.PrecheckedAsync(machine)).ActivatedAsync();

    public static async Task<Install> ConfirmedAsync(this TestHost host) => await (await host.ActivatedAsync()).ConfirmedAsync();
}
