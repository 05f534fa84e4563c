using System.Buffers.Text;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Storage;

/// <summary>What may not be found in the database's files, nor in the log (contract section 0).</summary>
public sealed class AtRestTests
{
    [Fact]
    public async Task No_secret_of_any_flow_is_in_the_files_or_the_log()
    {
        await using var server = await TestServer.StartAsync();
        var secrets = await RunFlowsAsync(server);
        byte[] files = Files.OfDatabase(server.Folder);
        files.Length.Should().BeGreaterThan(10_000);
        foreach (var (what, secret) in secrets)
        {
            files.ShouldNotContain(secret, what);
            server.Log.Lines.Should().NotContain(l => l.Contains(secret, StringComparison.Ordinal), "{0} may not be logged", what);
        }
        foreach (var (what, token) in secrets.Where(s => s.Secret.Length >= 43 && s.What.EndsWith("token", StringComparison.Ordinal)))
            files.ShouldNotContain(Base64Url.DecodeFromChars(token.AsSpan(token.Length - 43))[8..], "the secret part of a " + what);
        files.ShouldNotContain(Enrolment.Read(TestImport.TotpSecret)!, "the bytes of a TOTP secret");
    }

    [Fact]
    public async Task What_is_looked_for_would_be_found()
    {
        await using var server = await TestServer.StartAsync();
        server.Invoking(s => Files.OfDatabase(s.Folder).ShouldNotContain("jane@example.com", "an address")).Should().Throw<Exception>();
    }

    private static async Task<List<(string What, string Secret)>> RunFlowsAsync(TestServer server)
    {
        var signedIn = await server.SignInAsync();
        var refreshed = await server.RefreshAsync(signedIn["refresh_token"]!);
        await server.RefreshAsync(signedIn["refresh_token"]!);
        var opaque = await server.TokenAsync("opaque", ("grant_type", "client_credentials"));
        (await server.IsActiveAsync(opaque["access_token"]!)).Should().BeTrue();
        var due = await server.SignInAsync(user: "john");
        string code = server.TotpCode();
        var confirmed = await server.TokenAsync("web", ("grant_type", "urn:tokenserver:grant-type:two_factor"), ("temp_token", due["temp_token"]!), ("code", code));
        int john = server.Get<TokenServer.Accounts.UserAccounts>().FindByLogin("john")!.Id;
        string[] codes = await server.Get<Database>().WriteAsync(s => RecoveryCodes.Replace(s, john));
        await server.SignInAsync(password: "a wrong guess");
        await server.PostAsync("/connect/revoke", "web", ("token", refreshed["refresh_token"]!));
        return
        [
            ("password", TestImport.Password), ("wrong password", "a wrong guess"), ("client secret", TestImport.Secret), ("TOTP secret", TestImport.TotpSecret),
            ("used refresh token", signedIn["refresh_token"]!), ("refresh token", refreshed["refresh_token"]!), ("second refresh token", confirmed["refresh_token"]!),
            ("access JWT", signedIn["access_token"]!), ("id JWT", signedIn["id_token"]!), ("opaque token", opaque["access_token"]!), ("temp token", due["temp_token"]!),
            .. codes.SelectMany(c => new[] { ("recovery code", c), ("recovery code", c.Replace("-", "", StringComparison.Ordinal)) }),
        ];
    }
}
