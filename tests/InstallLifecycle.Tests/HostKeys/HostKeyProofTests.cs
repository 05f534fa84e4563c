using System.Text.Json.Nodes;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.HostKeys;

/// <summary>A machine proves its host key with the ssh-keygen that it has (contract section 5b).</summary>
public sealed class HostKeyProofTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Invalid = "401 host_key_proof_invalid";
    private readonly TestHost host = shared.Host;

    [SshKeygenTheory]
    [InlineData("ed25519", 0)]
    [InlineData("ecdsa", 256)]
    [InlineData("ecdsa", 384)]
    [InlineData("rsa", 2048)]
    [InlineData("rsa", 3072)]
    public async Task A_host_key_is_proven_by_its_signature(string type, int bits)
    {
        using var key = new HostKeyFile(type, bits);
        var install = await host.IssuedAsync(key.Machine());
        var answer = await PrecheckAsync(install, key.PublicKey);
        answer.ShouldBe(200, $$"""
            {"data":{"install_code":"{{install.Code}}","install_code_hint":"<hint>","precheck_token":"<jwt>","precheck_expires_at":"{{answer.Text("precheck_expires_at")}}",
            "machine_binding":{"machine_id":"{{install.Machine.MachineId}}","ssh_fingerprint":"{{install.Machine.SshFingerprint}}"},"challenge":"<challenge>","proof_text":"<text>"},
            "meta":{"message":"Install code validated"} }
            """.Replace("\"<text>\"", $"\"{TextOf(answer, install.Machine).ReplaceLineEndings("\\n")}\""));
        install.PrecheckToken = answer.Text("precheck_token");
        var activated = await ActivateAsync(install, key.Sign(answer.Text("proof_text")));
        activated.Outcome.Should().Be("200");
        activated.Data.GetProperty("host_key_proven").GetBoolean().Should().BeTrue();
        host.Lifecycle.Activations(new(null, null, 1)).Single().HostKeyProven.Should().BeTrue();
    }

    [SshKeygenTheory]
    [InlineData("-O", "hashalg=sha256")]
    [InlineData("-O", "hashalg=sha512")]
    public async Task Either_hash_of_the_text_may_be_signed(params string[] more)
    {
        using var key = new HostKeyFile("rsa", 2048);
        var (install, text) = await PrecheckedAsync(key);
        (await ActivateAsync(install, key.Sign(text, HostKeyFile.Namespace, more))).Outcome.Should().Be("200");
    }

    [SshKeygenFact]
    public async Task Each_precheck_has_a_challenge_of_its_own()
    {
        using var key = new HostKeyFile("ed25519");
        var (install, first) = await PrecheckedAsync(key);
        string signature = key.Sign(first), firstToken = install.PrecheckToken;
        string second = await AgainAsync(install, key);
        second.Should().NotBe(first);
        (await ActivateAsync(install, signature)).Outcome.Should().Be(Invalid, "the signature is over another precheck's text");
        install.PrecheckToken = firstToken;
        (await ActivateAsync(install, signature)).Outcome.Should().Be("200", "it is over this one's");
    }

    [SshKeygenFact]
    public async Task After_a_release_no_signature_is_good_again()
    {
        using var key = new HostKeyFile("ed25519");
        var (install, text) = await PrecheckedAsync(key);
        string signature = key.Sign(text), token = install.PrecheckToken;
        install.ActivationId = (await ActivateAsync(install, signature)).Text("activation_id");
        await install.ReleasedAsync();
        (await ActivateAsync(install, signature)).Outcome.Should().Be("401 precheck_token_invalid");
        await AgainAsync(install, key);
        (await ActivateAsync(install, signature)).Outcome.Should().Be(Invalid);
        install.PrecheckToken = token;
        (await ActivateAsync(install, signature)).Outcome.Should().Be("401 precheck_token_invalid");
    }

    [SshKeygenFact]
    public async Task A_lost_answer_is_repeated_for_the_same_signature()
    {
        using var key = new HostKeyFile("ecdsa", 256);
        var (install, text) = await PrecheckedAsync(key);
        string signature = key.Sign(text);
        string first = (await ActivateAsync(install, signature)).Text("activation_id");
        (await ActivateAsync(install, signature)).Text("activation_id").Should().Be(first);
    }

    [SshKeygenFact]
    public async Task What_was_begun_with_a_proof_is_not_repeated_without()
    {
        using var key = new HostKeyFile("ed25519");
        var (install, text) = await PrecheckedAsync(key);
        (await ActivateAsync(install, key.Sign(text))).Outcome.Should().Be("200");
        await install.PrecheckedAsync();
        (await install.ActivateAsync()).Outcome.Should().Be(Invalid);
    }

    [SshKeygenTheory]
    [InlineData("no signature")]
    [InlineData("an empty one")]
    [InlineData("another namespace")]
    [InlineData("another text")]
    [InlineData("another machine's text")]
    [InlineData("no line feed at the end")]
    [InlineData("another key")]
    [InlineData("altered")]
    [InlineData("shortened")]
    [InlineData("without its armor")]
    public async Task A_signature_that_is_not_of_this_text_by_this_key_proves_nothing_and_uses_up_nothing(string what)
    {
        using var key = new HostKeyFile("ed25519");
        using var other = new HostKeyFile("ed25519");
        await using var strict = await TestHost.StartAsync(Limits.Only((o, _) => o.ActivationsPerMachinePerDay = 1));
        var install = await strict.IssuedAsync(key.Machine());
        var precheck = await strict.PostAsync($"{Requests.V2}/install/precheck", With(install.PrecheckBody(), "ssh_public_key", key.PublicKey));
        install.PrecheckToken = precheck.Text("precheck_token");
        string text = precheck.Text("proof_text"), good = key.Sign(text);
        string? signature = what switch
        {
            "no signature" => null,
            "an empty one" => "",
            "another namespace" => key.Sign(text, "file"),
            "another text" => key.Sign("slowdns-install-v2" + text[18..]),
            "another machine's text" => key.Sign(text.Replace(install.Machine.MachineId, TestMachine.Any().MachineId, StringComparison.Ordinal)),
            "no line feed at the end" => key.Sign(text.TrimEnd('\n')),
            "another key" => other.Sign(text),
            "altered" => Altered(good),
            "shortened" => good.Remove(60, 4),
            _ => string.Concat(good.Split('\n')[1..^2]),
        };
        for (int i = 0; i < 3; i++) (await strict.PostAsync($"{Requests.V2}/install/activate", With(install.ActivateBody(), "ssh_signature", signature))).ShouldFail(401, "host_key_proof_invalid");
        strict.Storage.Events.Should().Contain(e => e.Detail == "activate: host_key_proof_invalid");
        (await strict.PostAsync($"{Requests.V2}/install/activate", With(install.ActivateBody(), "ssh_signature", good))).Outcome.Should().Be("200", "the one activation of the day is left");
    }

    [SshKeygenFact]
    public async Task A_key_that_is_not_the_fingerprints_is_refused()
    {
        using var key = new HostKeyFile("ed25519");
        var install = await host.IssuedAsync();
        (await PrecheckAsync(install, key.PublicKey)).ShouldName("ssh_public_key");
        (await install.PrecheckAsync()).Outcome.Should().Be("200", "the code is as it was");
    }

    [SshKeygenFact]
    public async Task A_certificate_is_refused_with_a_word_for_what_is_wanted()
    {
        using var key = new HostKeyFile("ed25519");
        var refused = await PrecheckAsync(await host.IssuedAsync(key.Machine()), key.Certificate());
        refused.ShouldFail(422, "host_key_not_supported");
        refused.Body.Should().Contain("certificate").And.Contain(".pub");
    }

    [SshKeygenTheory]
    [InlineData("rsa", 1024)]
    [InlineData("ecdsa", 521)]
    public async Task A_key_of_another_kind_or_too_small_is_not_supported(string type, int bits)
    {
        using var key = new HostKeyFile(type, bits);
        (await PrecheckAsync(await host.IssuedAsync(key.Machine()), key.PublicKey)).ShouldFail(422, "host_key_not_supported");
    }

    [SshKeygenFact]
    public async Task A_private_key_is_refused_and_told_of_nowhere()
    {
        using var key = new HostKeyFile("ed25519", passphrase: "secret");
        string file = await File.ReadAllTextAsync(key.Path);
        var refused = await PrecheckAsync(await host.IssuedAsync(key.Machine()), file);
        refused.ShouldName("ssh_public_key");
        refused.Body.Should().NotContain(file[100..140]);
    }

    [SshKeygenFact]
    public async Task An_encrypted_key_whose_owner_opens_it_proves_as_any_other()
    {
        using var key = new HostKeyFile("ed25519", passphrase: "secret");
        var (install, text) = await PrecheckedAsync(key);
        Action sealedKey = () => key.Sign(text);
        sealedKey.Should().Throw<InvalidOperationException>("it is the installer's matter");
        (await install.ActivateAsync()).Outcome.Should().Be(Invalid);
    }

    private Task<Answer> PrecheckAsync(Install install, string key) => host.PostAsync($"{Requests.V2}/install/precheck", With(install.PrecheckBody(), "ssh_public_key", key));

    private Task<Answer> ActivateAsync(Install install, string signature) => host.PostAsync($"{Requests.V2}/install/activate", With(install.ActivateBody(), "ssh_signature", signature));

    private async Task<(Install Install, string Text)> PrecheckedAsync(HostKeyFile key)
    {
        var install = await host.IssuedAsync(key.Machine());
        return (install, await AgainAsync(install, key));
    }

    private async Task<string> AgainAsync(Install install, HostKeyFile key)
    {
        var answer = await PrecheckAsync(install, key.PublicKey);
        install.PrecheckToken = answer.Text("precheck_token");
        return answer.Text("proof_text");
    }

    private static string TextOf(Answer answer, TestMachine machine) => $"slowdns-install-v1\n{answer.Text("challenge")}\n{machine.MachineId}\n{machine.SshFingerprint}\n";

    private static string With(JsonObject body, string name, string? value)
    {
        body[name] = value;
        return body.ToJsonString();
    }

    // Within the signature's own bytes, at its end.
    private static string Altered(string armored)
    {
        string[] lines = armored.Split('\n');
        byte[] blob = Convert.FromBase64String(string.Concat(lines[1..^2]));
        blob[^1] ^= 1;
        return $"{lines[0]}\n{Convert.ToBase64String(blob)}\n{lines[^2]}\n";
    }
}
