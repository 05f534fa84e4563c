using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Keys;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Robustness;

/// <summary>What an operator does when something has leaked or was lost, and what then is dead.</summary>
public sealed class EmergencyTests
{
    [Fact]
    public async Task Replacing_all_keys_kills_every_signed_token_and_refreshing_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        var before = await server.SignInAsync();
        await server.Get<KeyRing>().ReplaceAllAsync("test");
        (await server.IsActiveAsync(before["access_token"]!)).Should().BeFalse();
        var after = await server.RefreshAsync(before["refresh_token"]!);
        (await server.IsActiveAsync(after["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task Ending_every_session_kills_every_access_token_of_users_and_of_clients_signed_or_opaque()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.SignInAsync();
        string[] tokens =
        [
            session["access_token"]!, await server.WorkerTokenAsync(),
            (await server.TokenAsync("opaque", ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "openid api")))["access_token"]!,
            (await server.TokenAsync("opaque", ("grant_type", "client_credentials")))["access_token"]!,
        ];
        foreach (string token in tokens) (await server.IsActiveAsync(token)).Should().BeTrue(token);
        string temporary = (await server.SignInAsync(user: "john"))["temp_token"]!;
        await server.Get<EverySession>().EndAsync("test");
        foreach (string token in tokens) (await server.IsActiveAsync(token)).Should().BeFalse(token);
        (await server.RefreshAsync(session["refresh_token"]!))["error"].Should().Be("invalid_grant");
        (await server.TokenAsync("web", ("grant_type", "urn:tokenserver:grant-type:two_factor"), ("temp_token", temporary), ("code", "123456")))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_second_factor_that_is_taken_off_is_asked_for_no_more()
    {
        await using var server = await TestServer.StartAsync();
        var accounts = server.Get<UserAccounts>();
        (await server.SignInAsync(user: "john"))["error"].Should().Be("mfa_required");
        (await accounts.RemoveSecondFactorAsync(accounts.FindByLogin("john")!, "test")).Should().BeTrue();
        (await server.SignInAsync(user: "john"))["access_token"].Should().NotBeNull();
        (await accounts.RemoveSecondFactorAsync(accounts.FindByLogin("john")!, "test")).Should().BeFalse();
    }

    [Fact]
    public async Task The_faces_client_cannot_be_revoked_and_one_that_an_earlier_version_revoked_is_restored_at_the_start()
    {
        using var folder = new TemporaryFolder();
        var credentials = new { username = "bob", password = TestImport.Password };
        await using (var server = await TestServer.StartAsync(folder: folder.Path))
        {
            var clients = server.Get<ClientRegistry>();
            (await clients.RevokeAsync(FirstPartyClient.ClientId, "test")).Should().BeFalse();
            (await server.CallAsync("POST", "/api/v1/auth/login", null, credentials))["token"].Should().NotBeNull();
            await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "OpenIddictApplications" SET "Properties"=@p1 WHERE "ClientId"=@p0""",
                FirstPartyClient.ClientId, """{"revoked_at":"2026-01-01T00:00:00+00:00"}"""));
            clients.Reload();
            (await server.CallAsync("POST", "/api/v1/auth/login", null, credentials))["error"].Should().Be("Invalid credentials");
        }
        await using var again = await TestServer.StartAsync(folder: folder.Path);
        (await again.CallAsync("POST", "/api/v1/auth/login", null, credentials))["token"].Should().NotBeNull();
    }

    [Fact]
    public async Task No_access_token_outlives_its_session()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Lifetimes:Session=01:30:00", "--TokenServer:Lifetimes:RefreshToken=01:00:00"]);
        var first = await server.SignInAsync();
        first["expires_in"].Should().Be("3600");
        server.Clock.Advance(TimeSpan.FromMinutes(50));
        (await server.RefreshAsync(first["refresh_token"]!))["expires_in"].Should().Be("2400");
    }

    [Fact]
    public async Task No_option_of_a_command_takes_a_setting_for_its_value()
    {
        using TemporaryFolder usual = new(), named = new();
        string setting = await TestDatabases.ConnectionStringAsync(named.Path) is { } connection ? "--ConnectionStrings:Default=" + connection : "--TokenServer:DataDirectory=" + named.Path;
        (await ServerProcess.RunAsync(usual.Path, ["client", "add", "job", "--scope", "admin", "--grant-type", "client_credentials", "--create", setting])).ExitCode.Should().Be(0);
        (await ServerProcess.RunAsync(named.Path, ["client", "list"])).Output.Should().EndWith("job\tconfidential\tactive\tclient_credentials\tadmin\n");
        (await ServerProcess.RunAsync(usual.Path, ["client", "list"])).Output.Should().NotContain("job");
    }
}
