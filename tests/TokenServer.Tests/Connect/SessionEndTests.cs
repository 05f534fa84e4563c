using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Storage.Rows;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>What ends sessions and tokens from outside: a disabled account, a new password, a revoked client (contract sections 0 and 6).</summary>
public sealed class SessionEndTests
{
    private const string NewPassword = "another horse battery";

    [Fact]
    public async Task Disabling_an_account_ends_its_sessions()
    {
        await using var server = await TestServer.StartAsync();
        var signedIn = await server.SignInAsync();
        await server.Get<UserAccounts>().DisableAsync(Jane(server), "test");
        await ExpectDeadAsync(server, signedIn);
    }

    [Fact]
    public async Task A_disabled_account_signs_in_as_with_a_wrong_password()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<UserAccounts>().DisableAsync(Jane(server), "test");
        (await server.SignInAsync()).Body.Should().Be((await server.SignInAsync(password: "wrong")).Body);
    }

    [Fact]
    public async Task Enabling_an_account_brings_no_session_back()
    {
        await using var server = await TestServer.StartAsync();
        var signedIn = await server.SignInAsync();
        await server.Get<UserAccounts>().DisableAsync(Jane(server), "test");
        await server.Get<UserAccounts>().EnableAsync(Jane(server), "test");
        await ExpectDeadAsync(server, signedIn);
        (await server.SignInAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Disabling_an_account_ends_its_temp_tokens()
    {
        await using var server = await TestServer.StartAsync();
        string temp = (await server.SignInAsync(user: "john"))["temp_token"]!;
        await server.Get<UserAccounts>().DisableAsync(server.Get<UserAccounts>().FindByLogin("john")!, "test");
        (await server.SecondFactorAsync(temp, server.TotpCode()))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_new_password_ends_the_sessions()
    {
        await using var server = await TestServer.StartAsync();
        var signedIn = await server.SignInAsync();
        await server.Get<UserAccounts>().SetPasswordAsync(Jane(server), NewPassword, "test");
        await ExpectDeadAsync(server, signedIn);
        (await server.SignInAsync())["error"].Should().Be("invalid_grant");
        (await server.SignInAsync(password: NewPassword)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_new_password_ends_a_sign_in_that_waits_for_its_second_factor()
    {
        await using var server = await TestServer.StartAsync();
        string temp = (await server.SignInAsync(user: "john"))["temp_token"]!;
        await server.Get<UserAccounts>().SetPasswordAsync(server.Get<UserAccounts>().FindByLogin("john")!, NewPassword, "test");
        (await server.SecondFactorAsync(temp, server.TotpCode()))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_new_password_leaves_other_accounts_alone()
    {
        await using var server = await TestServer.StartAsync();
        var bob = await server.SignInAsync(user: "bob");
        await server.Get<UserAccounts>().SetPasswordAsync(Jane(server), NewPassword, "test");
        (await server.IsActiveAsync(bob["access_token"]!)).Should().BeTrue();
    }

    [Fact]
    public async Task Revoking_a_client_makes_all_its_tokens_inactive()
    {
        await using var server = await TestServer.StartAsync();
        var signedIn = await server.SignInAsync();
        string worker = await server.WorkerTokenAsync();
        await server.Get<ClientRegistry>().RevokeAsync("web", "test");
        (await server.IntrospectAsync(signedIn["access_token"]!)).Body.Should().Be("""{"active":false}""");
        (await server.UserInfoAsync(signedIn["access_token"]!)).Status.Should().Be(401);
        (await server.RefreshAsync(signedIn["refresh_token"]!))["error"].Should().Be("invalid_client");
        (await server.IsActiveAsync(worker)).Should().BeTrue();
    }

    [Fact]
    public async Task Restoring_a_client_leaves_its_old_tokens_dead()
    {
        await using var server = await TestServer.StartAsync();
        var signedIn = await server.SignInAsync();
        await server.Get<ClientRegistry>().RevokeAsync("web", "test");
        await server.Get<ClientRegistry>().RestoreAsync("web", "test");
        await ExpectDeadAsync(server, signedIn);
    }

    [Fact]
    public async Task A_restored_client_gets_new_tokens_that_live()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<ClientRegistry>().RevokeAsync("web", "test");
        await server.Get<ClientRegistry>().RestoreAsync("web", "test");
        var signedIn = await server.SignInAsync();
        (await server.IsActiveAsync(signedIn["access_token"]!)).Should().BeTrue();
        (await server.RefreshAsync(signedIn["refresh_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_temp_token_from_before_a_client_was_revoked_is_dead_after_it_is_restored()
    {
        await using var server = await TestServer.StartAsync();
        string temp = (await server.SignInAsync(user: "john"))["temp_token"]!;
        await server.Get<ClientRegistry>().RevokeAsync("web", "test");
        await server.Get<ClientRegistry>().RestoreAsync("web", "test");
        (await server.SecondFactorAsync(temp, server.TotpCode()))["error"].Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_revoked_client_introspects_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<ClientRegistry>().RevokeAsync("api", "test");
        (await server.IntrospectAsync(await server.WorkerTokenAsync())).Status.Should().Be(401);
    }

    private static AccountSnapshot Jane(TestServer server) => server.Get<UserAccounts>().FindByLogin("jane")!;

    private static async Task ExpectDeadAsync(TestServer server, Answer tokens)
    {
        (await server.IntrospectAsync(tokens["access_token"]!)).Body.Should().Be("""{"active":false}""");
        (await server.UserInfoAsync(tokens["access_token"]!)).Status.Should().Be(401);
        (await server.IntrospectAsync(tokens["refresh_token"]!, "web")).Body.Should().Be("""{"active":false}""");
        (await server.RefreshAsync(tokens["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }
}
