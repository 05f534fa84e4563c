using TokenServer.Tests.Samples;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>A receipt is checked years later, offline, by the saved keys (contract section 5b).</summary>
public sealed class ReceiptVerifyTests : IAsyncLifetime
{
    // With typ and algorithm pinned, as whoever verifies a JWT should.
    private const string Jose = """
        globalThis.crypto ??= (await import('node:crypto')).webcrypto;
        const { createLocalJWKSet, jwtVerify } = await import('jose'), { readFileSync } = await import('node:fs');
        const [keys, receipt] = process.argv.slice(-2).map(file => readFileSync(file, 'utf8'));
        const { payload } = await jwtVerify(receipt.trim(), createLocalJWKSet(JSON.parse(keys)), { typ: 'install-receipt+jwt', algorithms: ['ES256'] });
        console.log(JSON.stringify(payload));
        """;

    private TemporaryFolder folder = null!;

    public async Task InitializeAsync() => folder = await TestTemplate.FolderAsync();

    public Task DisposeAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task After_all_keys_were_rotated_twice_the_saved_keys_are_enough()
    {
        var (install, receipt, keys) = await RotatedTwiceAsync();
        // Another folder: there is no database, and nothing listens.
        using var elsewhere = new TemporaryFolder();
        var said = await ServerProcess.RunAsync(elsewhere.Path, ["receipt", "verify", receipt, "--keys", keys]);
        said.ExitCode.Should().Be(0, said.Error);
        var claims = System.Text.Json.JsonDocument.Parse(said.Output).RootElement;
        (claims.Text("jti"), claims.Text("sub"), claims.GetProperty("machine").Text("hostname")).Should().Be((install.ActivationId, install.ServerId, install.Hostname));
        said.Output.Should().NotContain(install.MachineId);
        (await ServerProcess.RunAsync(elsewhere.Path, ["receipt", "verify", "-", "--keys", keys], install.Receipt + "\n")).Output.Should().Be(said.Output);
        (await ServerProcess.RunAsync(folder.Path, ["receipt", "verify", receipt])).Output.Should().Be(said.Output, "the server's own database has the keys too");
        Directory.EnumerateFileSystemEntries(elsewhere.Path).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_no_receipt_of_these_keys_is_said_to_be_none()
    {
        var (install, receipt, keys) = await RotatedTwiceAsync();
        string[] parts = install.Receipt.Split('.');
        // A letter in the middle of a part: one of its bytes is another then.
        string Altered(int part) => string.Join('.', parts.Select((p, i) => i == part ? p[..20] + (p[20] == 'A' ? 'B' : 'A') + p[21..] : p));
        await RefusesAsync(Altered(1), keys, "the signature is not that of its key");
        await RefusesAsync(Altered(2), keys, "the signature is not that of its key");
        await RefusesAsync(install.Receipt[..^1], keys, "no signed token");
        await RefusesAsync(install.InstallToken, keys, "no receipt of an install");
        await RefusesAsync("hello", keys, "no signed token");
        string others = folder.Write("other-keys.json", """{"keys":[]}""");
        await RefusesAsync(install.Receipt, others, "is not among the keys");
        await RefusesAsync(install.Receipt, receipt, "the keys are no JWK set");
        (await ServerProcess.RunAsync(folder.Path, ["receipt", "verify", "missing", "--keys", keys])).ExitCode.Should().Be(1);
    }

    [Fact]
    public async Task A_receipt_of_a_leaked_key_proves_nothing_any_more()
    {
        Installation before, after;
        string keys;
        await using (var server = await ServerProcess.StartAsync(folder.Path, [.. Limits]))
        {
            before = await new Installation(server.Http).UpToAsync(Confirm);
            (await ServerProcess.RunAsync(folder.Path, ["keys", "rotate", "--compromised"])).ExitCode.Should().Be(0);
            // The server learns of its new keys within a second.
            (await Eventually.TrueAsync(async () =>
            {
                string kid = Jwt.Header((await new Installation(server.Http).UpToAsync(Confirm)).Receipt).Text("kid");
                return kid != Jwt.Header(before.Receipt).Text("kid");
            }, TimeSpan.FromSeconds(20))).Should().BeTrue();
            after = await new Installation(server.Http).UpToAsync(Confirm);
            keys = folder.Write("keys.json", (await server.Http.CallAsync("GET", "/.well-known/install-receipt-keys")).Body);
        }
        await RefusesAsync(before.Receipt, keys, "it had leaked");
        (await ServerProcess.RunAsync(folder.Path, ["receipt", "verify", "-", "--keys", keys], after.Receipt)).ExitCode.Should().Be(0);
    }

    [NeedsCommandFact("node", "npm")]
    public async Task Npm_jose_finds_the_same()
    {
        var (install, receipt, keys) = await RotatedTwiceAsync();
        string installed = await SampleTests.InstallAsync();
        var (code, said) = await Command.RunAsync("node", ["--input-type=module", "-e", Jose, keys, receipt], installed);
        code.Should().Be(0, said);
        said.Should().Contain($"\"jti\":\"{install.ActivationId}\"");
        int middle = install.Receipt.LastIndexOf('.') + 10;
        string altered = folder.Write("altered.jwt", install.Receipt[..middle] + (install.Receipt[middle] == 'A' ? 'B' : 'A') + install.Receipt[(middle + 1)..]);
        var (failed, error) = await Command.RunAsync("node", ["--input-type=module", "-e", Jose, keys, altered], installed);
        failed.Should().NotBe(0);
        error.Should().Contain("ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
    }

    private static IEnumerable<(string Name, string? Value)> Limits => InstallRequests.NoInstallLimits.Select(s => s[2..].Split('=')).Select(s => (s[0], (string?)s[1]));

    // The keys are those that are published when the server stops for good.
    private async Task<(Installation Install, string Receipt, string Keys)> RotatedTwiceAsync()
    {
        await using var server = await ServerProcess.StartAsync(folder.Path, [.. Limits]);
        var install = await new Installation(server.Http).UpToAsync(Confirm);
        for (int i = 0; i < 2; i++) (await ServerProcess.RunAsync(folder.Path, ["keys", "rotate"])).ExitCode.Should().Be(0);
        string keys = (await server.Http.CallAsync("GET", "/.well-known/install-receipt-keys")).Body;
        return (install, folder.Write("receipt.jwt", install.Receipt + "\n"), folder.Write("keys.json", keys));
    }

    private async Task RefusesAsync(string receipt, string keys, string because)
    {
        var said = await ServerProcess.RunAsync(folder.Path, ["receipt", "verify", "-", "--keys", keys], receipt);
        said.ExitCode.Should().Be(1, receipt);
        said.Output.Should().BeEmpty();
        said.Error.Should().Contain("not a good receipt").And.Contain(because).And.NotContain("   at ");
    }
}
