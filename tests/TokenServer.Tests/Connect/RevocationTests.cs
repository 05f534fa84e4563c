using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>What revoking a token ends (RFC 7009, contract section 1); dead at the very next request.</summary>
public sealed class RevocationTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task Revoking_a_refresh_token_ends_the_session()
    {
        var signedIn = await server.SignInAsync();
        await ExpectDoneAsync("web", signedIn["refresh_token"]!);
        await ExpectEndedAsync(signedIn);
    }

    [Fact]
    public async Task Revoking_a_sessions_access_token_ends_the_session()
    {
        var signedIn = await server.SignInAsync();
        await ExpectDoneAsync("web", signedIn["access_token"]!);
        await ExpectEndedAsync(signedIn);
    }

    [Fact]
    public async Task Revoking_ends_every_access_token_of_the_session()
    {
        var signedIn = await server.SignInAsync();
        var next = await server.RefreshAsync(signedIn["refresh_token"]!);
        await ExpectDoneAsync("web", next["access_token"]!);
        await ExpectEndedAsync(signedIn);
        await ExpectEndedAsync(next);
    }

    [Fact]
    public async Task Revoking_a_used_refresh_token_ends_its_session()
    {
        var signedIn = await server.SignInAsync();
        var next = await server.RefreshAsync(signedIn["refresh_token"]!);
        await ExpectDoneAsync("web", signedIn["refresh_token"]!);
        await ExpectEndedAsync(next);
    }

    [Fact]
    public async Task Revoking_one_session_leaves_the_users_others()
    {
        var one = await server.SignInAsync();
        var other = await server.SignInAsync();
        await ExpectDoneAsync("web", one["refresh_token"]!);
        (await server.IsActiveAsync(other["access_token"]!)).Should().BeTrue();
        (await server.RefreshAsync(other["refresh_token"]!)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("opaque")]
    public async Task A_clients_own_access_token_dies_alone(string client)
    {
        string one = await server.WorkerTokenAsync(client), other = await server.WorkerTokenAsync(client);
        await ExpectDoneAsync(client, one);
        (await server.IntrospectAsync(one)).Body.Should().Be("""{"active":false}""");
        (await server.IsActiveAsync(other)).Should().BeTrue();
    }

    [Fact]
    public async Task Revoking_again_changes_nothing_and_is_no_error()
    {
        string token = await server.WorkerTokenAsync();
        await ExpectDoneAsync("worker", token);
        await ExpectDoneAsync("worker", token);
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    public async Task Another_clients_token_stays_alive(string kind)
    {
        var signedIn = await server.SignInAsync();
        await ExpectDoneAsync("other", signedIn[kind]!);
        await ExpectDoneAsync("api", signedIn[kind]!);
        (await server.IsActiveAsync(signedIn["access_token"]!)).Should().BeTrue();
        (await server.RefreshAsync(signedIn["refresh_token"]!)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("temp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ey.ey.ey")]
    public async Task An_unknown_token_is_no_error(string token) => await ExpectDoneAsync("web", token);

    [Fact]
    public async Task A_public_client_revokes_its_own_token()
    {
        var signedIn = await server.TokenAsync(null, ("client_id", "mobile"), ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "offline_access api"));
        (await server.PostAsync("/connect/revoke", null, ("client_id", "mobile"), ("token", signedIn["refresh_token"]!))).Status.Should().Be(200);
        (await server.IsActiveAsync(signedIn["access_token"]!)).Should().BeFalse();
    }

    [Fact]
    public async Task A_missing_token_is_an_invalid_request()
    {
        var answer = await server.PostAsync("/connect/revoke", "web");
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Fact]
    public async Task A_stranger_revokes_nothing()
    {
        string token = await server.WorkerTokenAsync();
        var answer = await server.PostAsync("/connect/revoke", null, ("client_id", "worker"), ("token", token));
        (answer.Status, answer["error"]).Should().Be((401, "invalid_client"));
        (await server.IsActiveAsync(token)).Should().BeTrue();
    }

    private async Task ExpectDoneAsync(string client, string token)
    {
        var answer = await server.PostAsync("/connect/revoke", client, ("token", token));
        answer.Status.Should().Be(200);
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
    }

    private async Task ExpectEndedAsync(Answer tokens)
    {
        (await server.IntrospectAsync(tokens["access_token"]!)).Body.Should().Be("""{"active":false}""");
        (await server.UserInfoAsync(tokens["access_token"]!)).Status.Should().Be(401);
        (await server.IntrospectAsync(tokens["refresh_token"]!, "web")).Body.Should().Be("""{"active":false}""");
        (await server.RefreshAsync(tokens["refresh_token"]!))["error"].Should().Be("invalid_grant");
    }
}
