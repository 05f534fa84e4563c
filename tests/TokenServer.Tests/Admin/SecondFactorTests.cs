using TokenServer.Accounts;
using TokenServer.Tests.Support;
using TokenServer.Tests.Web.Console;

namespace TokenServer.Tests.Admin;

/// <summary>A person's session administers by the API only with a second factor, where that is demanded (contract section 6, RFC 9470).</summary>
public sealed class SecondFactorTests
{
    private const string Demanded = "--Admin:RequireSecondFactor=true";

    [Theory]
    [InlineData("GET", "/admin/api/clients")]
    [InlineData("GET", "/admin/api/scopes")]
    [InlineData("POST", "/admin/api/keys/rotate")]
    [InlineData("DELETE", "/admin/api/clients/worker")]
    public async Task A_session_by_password_alone_is_refused(string method, string path)
    {
        await using var server = await ConsoleVisits.StartAsync(Demanded);
        (await server.CallAsync(method, path, await ByPasswordAsync(server))).ShouldBeProblem(403, "insufficient_user_authentication");
    }

    [Fact]
    public async Task A_session_with_a_second_factor_is_let_in_until_the_factor_is_taken_off()
    {
        await using var server = await ConsoleVisits.StartAsync(Demanded);
        string temp = (await server.SignInAsync(user: "john", scope: "openid offline_access admin"))["temp_token"]!;
        var john = await server.SecondFactorAsync(temp, server.TotpCode());
        (await server.CallAsync("GET", "/admin/api/clients", john["access_token"])).Status.Should().Be(200);
        (await server.CallAsync("GET", "/admin/api/clients", (await server.RefreshAsync(john["refresh_token"]!))["access_token"])).Status.Should().Be(200, "it is the same session");
        var accounts = server.Get<UserAccounts>();
        await accounts.RemoveSecondFactorAsync(accounts.FindByLogin("john")!, "test");
        (await server.CallAsync("GET", "/admin/api/clients", john["access_token"])).ShouldBeProblem(401, "invalid_token");
        (await server.CallAsync("GET", "/admin/api/clients", (await server.SignInAsync(user: "john", scope: "openid admin"))["access_token"])).ShouldBeProblem(403, "insufficient_user_authentication");
    }

    [Fact]
    public async Task A_factor_that_is_turned_on_later_does_not_count_for_a_session_from_before()
    {
        await using var server = await ConsoleVisits.StartAsync(Demanded);
        string jane = await ByPasswordAsync(server);
        var accounts = server.Get<UserAccounts>();
        await server.Get<TokenServer.Storage.Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "TwoFactorEnabled"=@p0 WHERE "UserName"='jane'""", true));
        (await server.CallAsync("GET", "/admin/api/clients", jane)).ShouldBeProblem(403, "insufficient_user_authentication");
    }

    [Fact]
    public async Task A_clients_own_token_is_no_persons()
    {
        await using var admin = await AdminServer.StartAsync(Demanded);
        await admin.DoAsync("GET /clients");
    }

    [Theory]
    [InlineData("Production", null, 403)]
    [InlineData("Staging", null, 403)]
    [InlineData("Production", "false", 200)]
    [InlineData("Development", null, 200)]
    [InlineData("Development", "true", 403)]
    public async Task Only_Development_or_a_setting_relaxes_it(string environment, string? setting, int status)
    {
        await using var server = await TestServer.StartAsync(["--environment=" + environment, "--TokenServer:RequireHttps=false", .. setting is null ? Array.Empty<string>() : ["--Admin:RequireSecondFactor=" + setting]]);
        (await server.CallAsync("GET", "/admin/api/clients", await ByPasswordAsync(server))).Status.Should().Be(status);
    }

    private static async Task<string> ByPasswordAsync(TestServer server) => (await server.SignInAsync(scope: "openid admin"))["access_token"]!;
}
