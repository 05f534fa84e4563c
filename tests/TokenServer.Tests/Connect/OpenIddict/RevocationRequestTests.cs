using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// Revocation answers 200 to whatever is no token of the caller's, where OpenIddict has errors for some (RFC 7009, contract section 1).
/// </summary>
public sealed class RevocationRequestTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    [InlineData("something_else")]
    public async Task A_wrong_hint_saves_no_token(string hint)
    {
        foreach (string kind in (string[])["access_token", "refresh_token"])
        {
            var signedIn = await server.SignInAsync();
            await ExpectDoneAsync("web", signedIn[kind]!, hint);
            (await server.IsActiveAsync(signedIn["access_token"]!)).Should().BeFalse();
            (await server.RefreshAsync(signedIn["refresh_token"]!)).ShouldBeError(400, "invalid_grant");
        }
        string opaque = await server.WorkerTokenAsync("opaque");
        await ExpectDoneAsync("opaque", opaque, hint);
        (await server.IsActiveAsync(opaque)).Should().BeFalse();
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    [InlineData("something_else")]
    public async Task Another_clients_token_stays_alive_whatever_the_hint(string hint)
    {
        var signedIn = await server.SignInAsync();
        foreach (string kind in (string[])["access_token", "refresh_token"]) await ExpectDoneAsync("other", signedIn[kind]!, hint);
        (await server.IsActiveAsync(signedIn["access_token"]!)).Should().BeTrue();
        (await server.IsActiveAsync(signedIn["refresh_token"]!, "web")).Should().BeTrue();
    }

    [Fact]
    public async Task An_id_token_is_no_token_to_revoke_and_no_error()
    {
        var signedIn = await server.SignInAsync();
        await ExpectDoneAsync("web", signedIn["id_token"]!);
        (await server.IsActiveAsync(signedIn["access_token"]!)).Should().BeTrue();
        (await server.RefreshAsync(signedIn["refresh_token"]!)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_temp_token_is_no_token_to_revoke_and_no_error()
    {
        string token = (await server.SignInAsync(user: "john"))["temp_token"]!;
        await ExpectDoneAsync("web", token);
        (await server.SecondFactorAsync(token, server.TotpCode())).Status.Should().Be(200);
    }

    [Fact]
    public async Task An_expired_token_is_no_error()
    {
        await using var own = await TestServer.StartAsync();
        string signed = await own.WorkerTokenAsync(), opaque = await own.WorkerTokenAsync("opaque");
        own.Clock.Advance(TimeSpan.FromHours(2));
        (await own.PostAsync(Calls.Revoke, "worker", ("token", signed))).Status.Should().Be(200);
        (await own.PostAsync(Calls.Revoke, "opaque", ("token", opaque))).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_users_opaque_token_that_is_revoked_ends_its_session()
    {
        string token = (await server.SignInAsync("opaque", scope: "openid api"))["access_token"]!;
        await ExpectDoneAsync("opaque", token);
        (await server.IsActiveAsync(token)).Should().BeFalse();
        (await server.UserInfoAsync(token)).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_client_of_the_audience_may_know_a_token_and_not_revoke_it()
    {
        string token = await server.WorkerTokenAsync();
        await ExpectDoneAsync("api", token);
        (await server.IsActiveAsync(token)).Should().BeTrue();
    }

    private async Task ExpectDoneAsync(string client, string token, string hint = "")
    {
        var answer = await server.PostAsync(Calls.Revoke, client, ("token", token), ("token_type_hint", hint));
        answer.Status.Should().Be(200);
        answer.Json.Names().Should().BeEmpty();
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
    }
}
