using TokenServer.Clients;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>POST /revoke: a server revokes itself, an administrator any (contract sections 5 and 6).</summary>
public sealed class ServerRevocationTests(InstallServer shared) : IClassFixture<InstallServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task An_administrators_access_token_revokes_any_server_and_the_audit_says_who_did()
    {
        var install = await new Installation(server).UpToAsync(Confirm);
        var signedIn = await server.SignInAsync(scope: "openid admin");
        (await RevokeAsync(signedIn["access_token"]!, install)).ShouldBe(200, $$"""{"status":"revoked","server_id":"{{install.ServerId}}"}""");
        (await install.DoAsync(CheckIn)).ShouldRefuseFlat(401, "server_revoked");
        (await server.CallAsync("GET", "/status", install.ServerToken)).ShouldRefuseFlat(401, "server_revoked");
        InstallAudit.Of(server).Single(e => e.Event == "server.revoked" && e.Target == install.ServerId).Should().Be(new InstallAudit("server.revoked", "1", install.ServerId, "127.0.0.1", null));
        (await RevokeAsync(signedIn["access_token"]!, install)).Status.Should().Be(200, "again changes nothing");
        InstallAudit.Of(server).Count(e => e.Event == "server.revoked" && e.Target == install.ServerId).Should().Be(1);
    }

    [Fact]
    public async Task So_does_a_clients_own_token_with_the_scope()
    {
        await server.Get<ClientRegistry>().AddAsync(new() { ClientId = "robot", ClientSecret = TestImport.Secret, GrantTypes = ["client_credentials"], Scope = "admin api" }, "test");
        var install = await new Installation(server).UpToAsync(Register);
        string without = (await server.TokenAsync("robot", ("grant_type", "client_credentials")))["access_token"]!;
        (await RevokeAsync(without, install)).ShouldRefuseFlat(403, "insufficient_scope");
        string token = (await server.TokenAsync("robot", ("grant_type", "client_credentials"), ("scope", "admin")))["access_token"]!;
        (await RevokeAsync(token, install)).Status.Should().Be(200);
        InstallAudit.Of(server).Single(e => e.Event == "server.revoked" && e.Target == install.ServerId).Actor.Should().Be("robot");
    }

    [Fact]
    public async Task A_user_without_the_role_gets_no_token_that_would_do()
    {
        var install = await new Installation(server).UpToAsync(Register);
        (await server.SignInAsync(user: "bob", scope: "openid admin"))["error"].Should().Be("invalid_scope");
        (await RevokeAsync((await server.SignInAsync(user: "bob"))["access_token"]!, install)).ShouldRefuseFlat(403, "insufficient_scope");
        (await install.DoAsync(CheckIn)).Status.Should().Be(200);
        InstallAudit.Of(server).Should().Contain(e => e.Event == "install.refused" && e.Detail == "revoke: insufficient_scope" && e.Address == "127.0.0.1");
    }

    [Fact]
    public async Task An_administrators_token_whose_session_has_ended_is_invalid()
    {
        var install = await new Installation(server).UpToAsync(Register);
        var signedIn = await server.SignInAsync(scope: "openid admin");
        await server.PostAsync("/connect/revoke", "web", ("token", signedIn["access_token"]!));
        (await RevokeAsync(signedIn["access_token"]!, install)).ShouldRefuseFlat(401, "invalid_token");
        (await install.DoAsync(CheckIn)).Status.Should().Be(200);
    }

    [Fact]
    public async Task An_administrator_names_a_server_that_there_is()
    {
        string token = (await server.SignInAsync(scope: "openid admin"))["access_token"]!;
        foreach (object? body in (object?[])[null, new { }, new { server_id = (string?)null }, new { server_id = "" }])
            (await server.CallAsync("POST", "/revoke", token, body)).ShouldRefuseFlat(400, "invalid_request");
        (await server.CallAsync("POST", "/revoke", token, new { server_id = "srv_0000000000000000" })).ShouldRefuseFlat(404, "not_found");
    }

    [Fact]
    public async Task A_server_revokes_itself_and_no_other()
    {
        Installation one = await new Installation(server).UpToAsync(Confirm), other = await new Installation(server).UpToAsync(Confirm);
        (await RevokeAsync(one.ServerToken, other)).ShouldRefuseFlat(403, "forbidden");
        (await RevokeAsync(one.ServerToken, one)).ShouldBe(200, $$"""{"status":"revoked","server_id":"{{one.ServerId}}"}""");
        (await other.DoAsync(Revoke)).ShouldBe(200, $$"""{"status":"revoked","server_id":"{{other.ServerId}}"}""");
        InstallAudit.Of(server).Single(e => e.Event == "server.revoked" && e.Target == other.ServerId).Actor.Should().Be(other.ServerId);
    }

    [Fact]
    public async Task A_disabled_administrators_token_is_invalid()
    {
        await using var own = await InstallServer.StartAsync(InstallRequests.NoInstallLimits);
        var install = await new Installation(own).UpToAsync(Register);
        string token = (await own.SignInAsync(scope: "openid admin"))["access_token"]!;
        var accounts = own.Get<TokenServer.Accounts.UserAccounts>();
        await accounts.DisableAsync(accounts.Find(1)!, "test");
        (await own.CallAsync("POST", "/revoke", token, new { server_id = install.ServerId })).ShouldRefuseFlat(401, "invalid_token");
    }

    private Task<Answer> RevokeAsync(string bearer, Installation install) => server.CallAsync("POST", "/revoke", bearer, new { server_id = install.ServerId });
}
