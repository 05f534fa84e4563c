using TokenServer.Accounts;
using TokenServer.Storage.Rows;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>What one face ends, all faces see on the next request (contract section 0).</summary>
public sealed class EndsEverywhereTests
{
    private const string NewPassword = "another horse battery";
    private static readonly Door Account = Door.Account;

    public static TheoryData<string> FaceNames => Door.FaceNames;

    [Theory]
    [MemberData(nameof(FaceNames))]
    public async Task Logging_out_by_one_face_ends_a_session_of_any(string face)
    {
        await using var server = await StartAsync();
        foreach (Door door in Doors)
        {
            var ended = await door.SignInAsync(server);
            var other = await door.SignInAsync(server);
            (await server.CallAsync("POST", face + "/logout", door.AccessToken(ended))).Status.Should().Be(200);
            await ExpectEndedAsync(server, door, ended);
            (await server.IsGoodEverywhereAsync(door.AccessToken(other))).Should().BeTrue();
            (await server.CallAsync("POST", face + "/logout", door.AccessToken(ended))).Status.Should().Be(401);
        }
    }

    [Theory]
    [MemberData(nameof(FaceNames))]
    public async Task Logging_out_ends_the_older_access_tokens_of_the_session_too(string face)
    {
        await using var server = await StartAsync();
        var first = await Account.SignInAsync(server);
        var second = await Account.RefreshAsync(server, Account.RefreshToken(first)!);
        await server.CallAsync("POST", face + "/logout", Account.AccessToken(first));
        await ExpectEndedAsync(server, Account, first);
        await ExpectEndedAsync(server, Account, second);
    }

    [Fact]
    public async Task A_new_password_ends_every_other_session_and_no_key_or_tunnel()
    {
        await using var server = await StartAsync();
        string kept = await Account.TokenAsync(server);
        var others = await Task.WhenAll(Doors.Select(async d => (Door: d, Answer: await d.SignInAsync(server))));
        var (_, tunnel) = await server.AddTunnelAsync(kept);
        var (_, key) = await server.AddKeyAsync(kept);
        string jane = await Account.TokenAsync(server, "jane");
        (await server.CallAsync("POST", "/api/v1/auth/password", kept, new { current_password = TestImport.Password, new_password = NewPassword })).Status.Should().Be(200);
        (await server.IsGoodEverywhereAsync(kept)).Should().BeTrue();
        (await server.IsGoodEverywhereAsync(jane)).Should().BeTrue();
        foreach (var (door, answer) in others)
        {
            await ExpectEndedAsync(server, door, answer);
            door.ExpectWrongPassword(await door.SignInAsync(server));
            (await door.SignInAsync(server, password: NewPassword)).Status.Should().Be(200);
        }
        (await server.CallAsync("GET", "/auth/me", key)).Status.Should().Be(200);
        (await server.IntrospectAsync(tunnel, "relay")).Json.GetProperty("active").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task A_new_password_ends_the_sign_ins_that_wait_for_a_code()
    {
        await using var server = await StartAsync();
        string session = Account.AccessToken(await Account.VerifyAsync(server, await Account.TempTokenAsync(server), server.TotpCode()));
        var waiting = await Task.WhenAll(Doors.Select(async d => (Door: d, Token: await d.TempTokenAsync(server))));
        await server.CallAsync("POST", "/api/v1/auth/password", session, new { current_password = TestImport.Password, new_password = NewPassword });
        foreach (var (door, token) in waiting) door.ExpectWrongTempToken(await door.VerifyAsync(server, token, server.TotpCode(1)));
    }

    [Fact]
    public async Task Disabling_an_account_ends_its_sessions_for_good_and_rests_its_keys_and_tunnels()
    {
        await using var server = await StartAsync();
        var sessions = await Task.WhenAll(Doors.Select(async d => (Door: d, Answer: await d.SignInAsync(server))));
        var (_, tunnel) = await server.AddTunnelAsync(Account.AccessToken(sessions[2].Answer));
        var (_, key) = await server.AddKeyAsync(Account.AccessToken(sessions[2].Answer));
        var accounts = server.Get<UserAccounts>();
        await accounts.DisableAsync(accounts.FindByLogin("bob")!, "test");
        foreach (var (door, answer) in sessions)
        {
            await ExpectEndedAsync(server, door, answer);
            door.ExpectWrongPassword(await door.SignInAsync(server));
        }
        await ExpectKeyAndTunnelAsync(server, key, tunnel, areActive: false);
        await accounts.EnableAsync(accounts.FindByLogin("bob")!, "test");
        foreach (var (door, answer) in sessions) await ExpectEndedAsync(server, door, answer);
        await ExpectKeyAndTunnelAsync(server, key, tunnel, areActive: true);
        foreach (Door door in Doors) (await door.SignInAsync(server)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Disabling_an_account_ends_its_sign_ins_that_wait_for_a_code()
    {
        await using var server = await StartAsync();
        var waiting = await Task.WhenAll(Doors.Select(async d => (Door: d, Token: await d.TempTokenAsync(server))));
        var accounts = server.Get<UserAccounts>();
        await accounts.DisableAsync(accounts.FindByLogin("john")!, "test");
        await accounts.EnableAsync(accounts.FindByLogin("john")!, "test");
        foreach (var (door, token) in waiting) door.ExpectWrongTempToken(await door.VerifyAsync(server, token, server.TotpCode()));
    }

    [Fact]
    public async Task A_deleted_key_is_dead_at_once()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server);
        var (id, key) = await server.AddKeyAsync(session);
        var (_, other) = await server.AddKeyAsync(session, "other");
        await ExpectKeyAsync(server, key, isActive: true);
        (await server.CallAsync("DELETE", "/api/v1/auth/keys/" + id, session)).Status.Should().Be(204);
        await ExpectKeyAsync(server, key, isActive: false);
        await ExpectKeyAsync(server, other, isActive: true);
        (await server.CallAsync("DELETE", "/api/v1/auth/keys/" + id, session)).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_regenerated_or_deleted_tunnels_token_is_dead_at_once()
    {
        await using var server = await StartAsync();
        string session = await Account.TokenAsync(server);
        var (id, first) = await server.AddTunnelAsync(session);
        (await IsActiveAsync(server, first)).Should().BeTrue();
        string second = (await server.CallAsync("POST", $"/api/tunnels/{id}/regenerate", session)).Json.GetProperty("tunnel").Text("token");
        (await IsActiveAsync(server, first)).Should().BeFalse();
        (await IsActiveAsync(server, second)).Should().BeTrue();
        (await server.CallAsync("DELETE", $"/api/tunnels/{id}", session)).Status.Should().Be(204);
        (await IsActiveAsync(server, second)).Should().BeFalse();
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    public async Task Revoking_an_OAuth_token_ends_its_session_on_the_faces(string token)
    {
        await using var server = await StartAsync();
        Door connect = Door.Connect;
        var signedIn = await connect.SignInAsync(server);
        (await server.IsGoodEverywhereAsync(connect.AccessToken(signedIn))).Should().BeTrue();
        await server.PostAsync("/connect/revoke", "web", ("token", signedIn[token]!));
        await ExpectEndedAsync(server, connect, signedIn);
    }

    [Fact]
    public async Task No_OAuth_client_can_revoke_a_session_of_a_face()
    {
        await using var server = await StartAsync();
        var signedIn = await Account.SignInAsync(server);
        foreach (string token in new[] { Account.AccessToken(signedIn), Account.RefreshToken(signedIn)! })
            (await server.PostAsync("/connect/revoke", "web", ("token", token))).Status.Should().Be(200);
        (await server.IsGoodEverywhereAsync(Account.AccessToken(signedIn))).Should().BeTrue();
        (await Account.RefreshAsync(server, Account.RefreshToken(signedIn)!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_reused_refresh_token_ends_its_session_on_every_face()
    {
        await using var server = await StartAsync();
        var first = await Account.SignInAsync(server);
        Door vpn = Door.Vpn;
        var second = await vpn.RefreshAsync(server, Account.RefreshToken(first)!);
        server.Clock.Advance(TimeSpan.FromSeconds(31));
        (await Account.RefreshAsync(server, Account.RefreshToken(first)!)).Status.Should().Be(401);
        await ExpectEndedAsync(server, vpn, second);
    }

    [Theory]
    [InlineData("/auth")]
    [InlineData("/v1/auth")]
    [InlineData("/api/v1/auth")]
    public async Task Refresh_tokens_of_a_face_and_of_an_OAuth_client_are_useless_to_each_other(string face)
    {
        await using var server = await StartAsync();
        Door door = face, connect = Door.Connect;
        var ofFace = await door.SignInAsync(server);
        var ofClient = await connect.SignInAsync(server);
        foreach (string client in new[] { "web", "other" })
            (await server.RefreshAsync(door.RefreshToken(ofFace)!, client))["error"].Should().Be("invalid_grant");
        (await door.RefreshAsync(server, connect.RefreshToken(ofClient)!)).Status.Should().Be(401);
        // Neither was used up, and neither session ended by it.
        (await door.RefreshAsync(server, door.RefreshToken(ofFace)!)).Status.Should().Be(200);
        (await connect.RefreshAsync(server, connect.RefreshToken(ofClient)!)).Status.Should().Be(200);
        (await server.IsGoodEverywhereAsync(door.AccessToken(ofFace))).Should().BeTrue();
    }

    [Fact]
    public async Task The_faces_take_a_clients_token_for_a_user_and_not_its_own()
    {
        await using var server = await StartAsync();
        foreach (string client in new[] { "web", "opaque", "plain" })
        {
            var answer = await server.TokenAsync(null, ("grant_type", "password"), ("username", "bob"), ("password", TestImport.Password), ("scope", "api"), ("client_id", client), ("client_secret", TestImport.Secret));
            (await server.IsGoodEverywhereAsync(answer["access_token"]!)).Should().BeTrue(client);
        }
        foreach (string client in new[] { "worker", "opaque" })
            (await server.CallAsync("GET", "/auth/me", await server.WorkerTokenAsync(client))).Body.Should().Be("""{"success":false,"error":"Invalid token"}""");
    }

    private static IEnumerable<Door> Doors => Door.All.Select(d => (Door)d);

    private static async Task ExpectEndedAsync(TestServer server, Door door, Answer signedIn)
    {
        (await server.IsGoodEverywhereAsync(door.AccessToken(signedIn))).Should().BeFalse();
        if (door.RefreshToken(signedIn) is not { } refresh) return;
        (await door.RefreshAsync(server, refresh)).Status.Should().Be(door.Prefix == Door.Connect ? 400 : 401);
        if (door.Prefix != Door.Connect) (await server.CallAsync("POST", "/api/v1/auth/refresh", null, new { refreshToken = refresh })).Status.Should().Be(401);
    }

    private static async Task ExpectKeyAndTunnelAsync(TestServer server, string key, string tunnel, bool areActive)
    {
        await ExpectKeyAsync(server, key, areActive);
        (await IsActiveAsync(server, tunnel)).Should().Be(areActive);
    }

    private static async Task ExpectKeyAsync(TestServer server, string key, bool isActive)
    {
        foreach (string path in new[] { "/auth/me", "/v1/auth/me", "/api/tunnels" })
            (await server.CallAsync("GET", path, key)).Status.Should().Be(isActive ? 200 : 401, path);
        (await server.IsActiveAsync(key)).Should().Be(isActive);
    }

    private static Task<bool> IsActiveAsync(TestServer server, string tunnel) => server.IsActiveAsync(tunnel, "relay");

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync(FaceRequests.NoLimits);
        await server.AddRelayAsync();
        return server;
    }
}
