using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect;

/// <summary>UserInfo: what the scopes allow, and how the token is shown (OpenID Connect Core section 5.3, RFC 6750).</summary>
public sealed class UserInfoTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task With_openid_alone_it_tells_the_subject()
    {
        var answer = await server.UserInfoAsync(await TokenAsync("openid"));
        (answer.Status, answer.Body).Should().Be((200, """{"sub":"1"}"""));
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
    }

    [Fact]
    public async Task With_profile_it_tells_names_and_role()
    {
        var answer = await server.UserInfoAsync(await TokenAsync("openid profile"));
        answer.Json.Names().Should().BeEquivalentTo("sub", "name", "preferred_username", "role");
        (answer["name"], answer["preferred_username"], answer["role"]).Should().Be(("Jane Doe", "jane", "admin"));
    }

    [Fact]
    public async Task With_email_it_tells_the_address()
    {
        var answer = await server.UserInfoAsync(await TokenAsync("openid email"));
        answer.Json.Names().Should().BeEquivalentTo("sub", "email", "email_verified");
        answer["email"].Should().Be("jane@example.com");
        answer.Json.GetProperty("email_verified").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task The_token_may_come_in_a_form()
    {
        var answer = await server.PostAsync("/connect/userinfo", null, ("access_token", await TokenAsync("openid")));
        (answer.Status, answer["sub"]).Should().Be((200, "1"));
    }

    [Fact]
    public async Task The_token_may_come_in_the_header_of_a_POST()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/userinfo");
        request.Headers.TryAddWithoutValidation("Authorization", "bearer " + await TokenAsync("openid"));
        (await server.SendAsync(request)).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task The_token_is_never_read_from_the_address(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/connect/userinfo?access_token=" + await TokenAsync("openid"));
        (await server.SendAsync(request)).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_token_shown_in_two_ways_is_an_invalid_request()
    {
        string token = await TokenAsync("openid");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/userinfo") { Content = new FormUrlEncodedContent([KeyValuePair.Create("access_token", token)]) };
        request.Headers.Authorization = new("Bearer", token);
        var answer = await server.SendAsync(request);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic d2ViOng=")]
    [InlineData("Bearer")]
    public async Task Without_a_token_the_challenge_names_no_error(string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        var answer = await server.SendAsync(request);
        answer.Status.Should().Be(401);
        var challenge = answer.Headers.WwwAuthenticate.Should().ContainSingle().Subject;
        challenge.Scheme.Should().Be("Bearer");
        challenge.Parameter.Should().NotContain("error");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ey.ey.ey")]
    public async Task A_wrong_token_is_challenged_as_invalid(string token)
    {
        var answer = await server.UserInfoAsync(token);
        (answer.Status, answer["error"]).Should().Be((401, "invalid_token"));
        answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.ToString().Should().StartWith("Bearer ").And.Contain("error=\"invalid_token\"");
    }

    [Fact]
    public async Task A_refresh_token_or_an_id_token_is_no_access_token()
    {
        var signedIn = await server.SignInAsync();
        (await server.UserInfoAsync(signedIn["refresh_token"]!))["error"].Should().Be("invalid_token");
        (await server.UserInfoAsync(signedIn["id_token"]!))["error"].Should().Be("invalid_token");
    }

    [Fact]
    public async Task Without_openid_the_scope_is_insufficient() => await ExpectForbiddenAsync(await TokenAsync("profile email api"));

    [Fact]
    public async Task Without_a_user_the_scope_is_insufficient() => await ExpectForbiddenAsync(await server.WorkerTokenAsync());

    private async Task ExpectForbiddenAsync(string token)
    {
        var answer = await server.UserInfoAsync(token);
        (answer.Status, answer["error"]).Should().Be((403, "insufficient_scope"));
        answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.ToString().Should().Contain("error=\"insufficient_scope\"");
    }

    private async Task<string> TokenAsync(string scope) => (await server.SignInAsync(scope: scope))["access_token"]!;
}
