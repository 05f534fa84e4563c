using System.Text.Json.Nodes;
using InstallLifecycle.HostKeys;
using InstallLifecycle.Tests.Support;
using Ssh;

namespace InstallLifecycle.Tests.HostKeys;

/// <summary>Old and new clients, at each setting of <c>InstallLifecycle:HostKeyProof</c> (contract section 5b). The keys are fixed: no other program is needed.</summary>
public sealed class HostKeyProofSettingTests
{
    public enum Client
    {
        /// <summary>Sends what the seed has.</summary>
        Old,

        /// <summary>Sends its key, and signs where there is something to sign.</summary>
        New,

        /// <summary>Sends its key, and signs nothing.</summary>
        Half,

        /// <summary>Sends no key, but a signature.</summary>
        Odd,
    }

    [Theory]
    [InlineData(Client.Old, HostKeyProof.Offered, "200", "200", false)]
    [InlineData(Client.Old, HostKeyProof.Required, "400 invalid_request", "404 install_code_invalid", false)]
    [InlineData(Client.Old, HostKeyProof.Off, "200", "200", false)]
    [InlineData(Client.New, HostKeyProof.Offered, "200", "200", true)]
    [InlineData(Client.New, HostKeyProof.Required, "200", "200", true)]
    [InlineData(Client.New, HostKeyProof.Off, "200", "200", false)]
    [InlineData(Client.Half, HostKeyProof.Offered, "200", "401 host_key_proof_invalid", false)]
    [InlineData(Client.Half, HostKeyProof.Required, "200", "401 host_key_proof_invalid", false)]
    [InlineData(Client.Half, HostKeyProof.Off, "200", "200", false)]
    [InlineData(Client.Odd, HostKeyProof.Offered, "200", "200", false)]
    [InlineData(Client.Odd, HostKeyProof.Required, "400 invalid_request", "404 install_code_invalid", false)]
    [InlineData(Client.Odd, HostKeyProof.Off, "200", "200", false)]
    public async Task Each_client_is_served_as_the_setting_says(Client client, HostKeyProof setting, string precheck, string activate, bool isProven)
    {
        var options = Limits.None();
        options.HostKeyProof = setting;
        await using var host = await TestHost.StartAsync(options);
        using var key = new SshKey();
        var install = await host.IssuedAsync(TestMachine.Any() with { SshFingerprint = key.Fingerprint });
        var answer = await PostAsync(host, "precheck", install.PrecheckBody(), "ssh_public_key", client is Client.New or Client.Half ? key.PublicKey : null);
        answer.Outcome.Should().Be(precheck);
        if (precheck != "200") return;
        install.PrecheckToken = answer.Text("precheck_token");
        string[] members = [.. answer.Data.EnumerateObject().Select(m => m.Name)];
        bool isAsked = client is Client.New or Client.Half && setting != HostKeyProof.Off;
        members.Should().Equal((string[])["install_code", "install_code_hint", "precheck_token", "precheck_expires_at", "machine_binding", .. isAsked ? ["challenge", "proof_text"] : Array.Empty<string>()]);
        string? signature = client is Client.Old or Client.Half ? null : key.Sign(isAsked ? answer.Text("proof_text") : "anything");
        var activated = await PostAsync(host, "activate", install.ActivateBody(), "ssh_signature", signature);
        activated.Outcome.Should().Be(activate);
        if (activate != "200") return;
        activated.Data.TryGetProperty("host_key_proven", out _).Should().Be(isProven, "an old client's answer has the seed's members alone");
        (install.ActivationId, install.InstallToken) = (activated.Text("activation_id"), activated.Text("install_token"));
        var server = await install.RegisteredAsync();
        Install.Claims((await install.ConfirmAsync()).Text("receipt")).GetProperty("host_key_proven").GetBoolean().Should().Be(isProven);
        host.Lifecycle.Servers(new(null, null, 10)).Single(s => s.ServerId == server.Id).HostKeyProven.Should().Be(isProven);
    }

    [Fact]
    public async Task A_precheck_from_before_the_proof_was_required_activates_nothing()
    {
        var options = Limits.None();
        await using var host = await TestHost.StartAsync(options);
        var install = await host.PrecheckedAsync();
        options.HostKeyProof = HostKeyProof.Required;
        (await install.ActivateAsync()).Outcome.Should().Be("401 host_key_proof_invalid");
    }

    private static Task<Answer> PostAsync(TestHost host, string step, JsonObject body, string field, string? value)
    {
        if (value is not null) body[field] = value;
        return host.PostAsync($"{Requests.V2}/install/{step}", body.ToJsonString());
    }
}
