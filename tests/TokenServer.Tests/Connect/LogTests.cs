using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>Nothing in a log ever shows a secret, whatever the level (contract section 0).</summary>
public sealed class LogTests
{
    private static readonly string[] Everything = ["--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Microsoft=Trace",
        "--Logging:LogLevel:Quartz=Trace", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Trace",
        "--Logging:LogLevel:OpenIddict.Server=Trace"];

    [Fact]
    public async Task After_all_flows_no_line_of_the_log_has_a_secret()
    {
        await using var server = await TestServer.StartAsync(Everything);
        var secrets = new List<string> { TestImport.Password, TestImport.Secret, TestImport.TotpSecret };
        await SignInAndOutAsync(server, secrets);
        await SecondFactorAsync(server, secrets);
        await FailAsync(server, secrets);
        await ManageAsync(server, secrets);
        await server.StopAsync();
        ExpectNone(server, secrets);
    }

    [Fact]
    public async Task A_secret_that_a_client_wrongly_puts_in_the_address_is_not_in_the_log()
    {
        await using var server = await TestServer.StartAsync(Everything);
        string token = await server.WorkerTokenAsync();
        await server.PostAsync("/connect/token?client_secret=" + Uri.EscapeDataString(TestImport.Secret), null, ("grant_type", "password"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo?access_token=" + token);
        await server.SendAsync(request);
        await server.StopAsync();
        ExpectNone(server, [token, TestImport.Secret]);
    }

    private static async Task SignInAndOutAsync(TestServer server, List<string> secrets)
    {
        var signedIn = await server.SignInAsync();
        var refreshed = await server.RefreshAsync(signedIn["refresh_token"]!);
        secrets.AddRange(new[] { signedIn, refreshed }.SelectMany(a => new[] { a["access_token"]!, a["refresh_token"]!, a["id_token"]! }));
        string own = await server.WorkerTokenAsync(), opaque = await server.WorkerTokenAsync("opaque");
        secrets.AddRange([own, opaque]);
        foreach (string token in (string[])[refreshed["access_token"]!, refreshed["refresh_token"]!, own, opaque])
        {
            await server.IntrospectAsync(token);
            await server.UserInfoAsync(token);
            await server.PostAsync("/connect/userinfo", null, ("access_token", token));
        }
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await server.RefreshAsync(signedIn["refresh_token"]!);
        await server.PostAsync("/connect/revoke", "worker", ("token", own));
        await server.PostAsync("/connect/revoke", "opaque", ("token", opaque));
        await server.PostAsync("/connect/revoke", "web", ("token", (await server.SignInAsync())["refresh_token"]!));
    }

    private static async Task SecondFactorAsync(TestServer server, List<string> secrets)
    {
        string[] recovery = await server.Get<Database>().WriteAsync(s => RecoveryCodes.Replace(s, 2));
        string first = (await server.SignInAsync(user: "john"))["temp_token"]!, second = (await server.SignInAsync(user: "john"))["temp_token"]!;
        var answer = await server.SecondFactorAsync(first, server.TotpCode());
        secrets.AddRange([.. recovery, first, second, answer["access_token"]!, answer["refresh_token"]!]);
        await server.SecondFactorAsync(second, "wrong-code-of-john");
        await server.SecondFactorAsync(second, recovery[0]);
        secrets.Add("wrong-code-of-john");
    }

    private static async Task FailAsync(TestServer server, List<string> secrets)
    {
        const string Wrong = "a-wrong-password", WrongSecret = "a-wrong-secret",
            WrongToken = "rt_a-wrong-token-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", WrongCode = "a-wrong-install-code";
        secrets.AddRange([Wrong, WrongSecret, WrongToken, WrongCode]);
        await server.TokenAsync("worker", ("grant_type", "urn:tokenserver:grant-type:install_precheck"), ("install_code", WrongCode));
        await server.SignInAsync(password: Wrong);
        await server.TokenAsync(null, ("client_id", "worker"), ("client_secret", WrongSecret), ("grant_type", "client_credentials"));
        await server.RefreshAsync(WrongToken);
        await server.IntrospectAsync(WrongToken);
        await server.UserInfoAsync(WrongToken);
        await server.PostContentAsync("/connect/token", "application/x-www-form-urlencoded", System.Text.Encoding.UTF8.GetBytes($"password={Wrong}&x=%zz"));
        await server.PostContentAsync("/connect/token", "application/json", System.Text.Encoding.UTF8.GetBytes($$"""{"password":"{{Wrong}}"}"""));
        await server.SendRawAsync($"POST /connect/token HTTP/1.1\nAuthorization: Basic {WrongSecret}\0");
        await server.SendRawAsync($"POST /connect/token HTTP/1.1\nAuthorization Basic {WrongSecret}");
        await server.SendRawAsync($"GET /connect/userinfo?access_token={WrongSecret} HTTP/1.1 more");
        await server.SendRawAsync($"{WrongSecret}");
    }

    private static async Task ManageAsync(TestServer server, List<string> secrets)
    {
        secrets.AddRange([(await server.Get<ClientRegistry>().RotateSecretAsync("worker", "test"))!, "a new password"]);
        await server.Get<UserAccounts>().SetPasswordAsync(server.Get<UserAccounts>().FindByLogin("bob")!, "a new password", "test");
    }

    private static void ExpectNone(TestServer server, IEnumerable<string> secrets)
    {
        server.Log.Lines.Should().NotBeEmpty().And.Contain(l => l.StartsWith("Trace ", StringComparison.Ordinal) || l.StartsWith("Debug ", StringComparison.Ordinal));
        foreach (string secret in secrets.SelectMany(s => new[] { s, Uri.EscapeDataString(s), s.Replace(' ', '+') }).Distinct())
            server.Log.Lines.Where(l => l.Contains(secret, StringComparison.Ordinal)).Should().BeEmpty();
    }
}
