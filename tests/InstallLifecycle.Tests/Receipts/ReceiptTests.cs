using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using InstallLifecycle.Tests.Support;

namespace InstallLifecycle.Tests.Receipts;

/// <summary>A confirmed install has a receipt, and the keys of all receipts stay (contract section 5b).</summary>
public sealed class ReceiptTests : IAsyncLifetime
{
    private static readonly Caller Admin = new("", "", "", TestAdministrators.Name);
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task It_says_what_was_installed_where_and_gives_no_machine_id_away()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        string receipt = (await install.ConfirmAsync()).Text("receipt");
        string issuer = host.Address.ToString(), hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{install.Machine.MachineId}")));
        JsonDocument.Parse(Base64Url.DecodeFromChars(receipt.Split('.')[0])).RootElement.Text("typ").Should().Be("install-receipt+jwt");
        Install.Claims(receipt).GetRawText().Should().Be($$"""
            {"iss":"{{issuer}}","jti":"{{install.ActivationId}}","iat":1774958400,"sub":"{{server.Id}}","code_hint":"{{install.Code[..11]}}...{{install.Code[^6..]}}","machine":{"machine_id_hash":"{{hash}}","ssh_fingerprint":"{{install.Machine.SshFingerprint}}","hostname":"ns1.example.com","public_ip":"1.2.3.4"},"host_key_proven":false,"installer_version":"2026.03.30","requested_ref":"main"}
            """);
        Verifies(receipt, await KeysAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task An_install_that_registered_no_server_has_one_without_a_subject() =>
        Install.Claims((await (await host.ActivatedAsync()).ConfirmAsync()).Text("receipt")).TryGetProperty("sub", out _).Should().BeFalse();

    [Fact]
    public async Task Its_key_stays_when_others_sign_and_after_a_restart()
    {
        string first = (await (await host.ActivatedAsync()).ConfirmAsync()).Text("receipt");
        host.Receipts.Rotate();
        string second = (await (await host.ActivatedAsync()).ConfirmAsync()).Text("receipt");
        host.Receipts.Rotate();
        host.Clock.Advance(TimeSpan.FromDays(3000));
        await host.Lifecycle.ExpireAsync(CancellationToken.None);
        await using var again = await host.RestartAsync();
        var keys = JsonDocument.Parse((await again.GetAsync("/.well-known/install-receipt-keys")).Body).RootElement.GetProperty("keys");
        keys.GetArrayLength().Should().Be(3, "the two that signed, and the one that will");
        Verifies(first, keys).Should().BeTrue();
        Verifies(second, keys).Should().BeTrue();
    }

    [Fact]
    public async Task A_leaked_key_stays_and_says_that_it_has_leaked()
    {
        await (await host.ActivatedAsync()).ConfirmAsync();
        await host.Lifecycle.ReplaceKeysAsync(Admin);
        host.Receipts.Rotate();
        string receipt = (await (await host.ActivatedAsync()).ConfirmAsync()).Text("receipt");
        var keys = (await KeysAsync()).EnumerateArray().ToList();
        keys.Should().HaveCount(2);
        keys.Count(k => k.TryGetProperty("revoked", out var revoked) && revoked.GetRawText() == """{"revoked_at":1774958400,"reason":"compromised"}""").Should().Be(1);
        keys.Single(k => !k.TryGetProperty("revoked", out _)).Text("kid").Should().Be(JsonDocument.Parse(Base64Url.DecodeFromChars(receipt.Split('.')[0])).RootElement.Text("kid"));
    }

    [Fact]
    public async Task Who_lost_the_answer_gets_it_again()
    {
        var install = await host.ActivatedAsync();
        var server = await install.RegisteredAsync();
        (await host.GetAsync($"{Requests.V2}/install/receipt", server.Token)).ShouldFail(404, "receipt_not_found");
        string receipt = (await install.ConfirmAsync()).Text("receipt");
        foreach (string token in (string[])[server.Token, install.InstallToken])
            (await host.GetAsync($"{Requests.V2}/install/receipt", token)).ShouldBe(200, $$"""{"data":{"activation_id":"{{install.ActivationId}}","receipt":"{{receipt}}"},"meta":{"message":"Install receipt"} }""");
        host.Clock.AdvanceMinutes(10);
        (await host.GetAsync($"{Requests.V2}/install/receipt", install.InstallToken)).ShouldFail(401, "install_token_invalid");
        (await host.GetAsync($"{Requests.V2}/install/receipt", server.Token)).Outcome.Should().Be("200");
        await host.PostAsAsync(server.Token, "/revoke");
        (await host.GetAsync($"{Requests.V2}/install/receipt", server.Token)).ShouldFail(401, "install_token_invalid");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("x")]
    public async Task Nobody_else_gets_it(string? token) => (await host.GetAsync($"{Requests.V2}/install/receipt", token)).ShouldFail(401, "install_token_invalid");

    [Fact]
    public async Task The_browser_session_that_issued_the_code_gets_it_as_a_file()
    {
        string cookie = await host.OpenPageAsync();
        var install = await new Install(host, (await host.IssueAsync(cookie)).Text("install_code"), TestMachine.Any()).PrecheckedAsync();
        await install.ActivatedAsync();
        string path = $"{Requests.V2}/code/receipt?activation_id={install.ActivationId}";
        (await host.SendAsync("GET", path, null, ("Cookie", cookie))).ShouldFail(404, "receipt_not_found");
        string receipt = (await install.ConfirmAsync()).Text("receipt");
        var file = await host.SendAsync("GET", path, null, ("Cookie", cookie));
        (file.Status, file.Body, file.ContentHeaders.ContentType!.ToString()).Should().Be((200, receipt + "\n", "application/jwt"));
        file.ContentHeaders.ContentDisposition!.ToString().Should().Be($"attachment; filename=\"receipt-{install.ActivationId}.jwt\"");
        (await host.SendAsync("GET", path, null, ("Cookie", await host.OpenPageAsync()))).ShouldFail(404, "receipt_not_found");
        (await host.SendAsync("GET", path, null)).ShouldFail(403, "browser_session_required");
        (await host.SendAsync("GET", $"{Requests.V2}/code/receipt?activation_id=act_%00", null, ("Cookie", cookie))).ShouldFail(404, "receipt_not_found");
        (await host.SendAsync("GET", $"{Requests.V2}/code/receipt", null, ("Cookie", cookie))).ShouldFail(404, "receipt_not_found");
    }

    private async Task<JsonElement> KeysAsync() => (await host.GetAsync("/.well-known/install-receipt-keys")).Json.GetProperty("keys");

    private static bool Verifies(string receipt, JsonElement keys)
    {
        string[] parts = receipt.Split('.');
        string id = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement.Text("kid");
        var key = keys.EnumerateArray().Single(k => k.Text("kid") == id);
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = Base64Url.DecodeFromChars(key.Text("x")), Y = Base64Url.DecodeFromChars(key.Text("y")) },
        });
        return ecdsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256);
    }
}
