using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>Every 401 says which token it wants, and that one was no good only where one was shown (RFC 6750 section 3); bodies stay the seeds'.</summary>
public sealed class ChallengeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Realm = "Bearer realm=\"TokenServer\"", Bad = Realm + ", error=\"invalid_token\"";
    private const string Install = "Bearer realm=\"SlowDNS\"", BadInstall = Install + ", error=\"invalid_token\"";
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("GET", "/api/tunnels", Realm, Bad)]
    [InlineData("POST", "/api/logout", Realm, Bad)]
    [InlineData("DELETE", "/api/tunnels/1", Realm, Bad)]
    [InlineData("GET", "/auth/me", Realm, Bad)]
    [InlineData("POST", "/v1/auth/logout", Realm, Bad)]
    [InlineData("GET", "/api/status", Realm, Bad)]
    [InlineData("GET", "/api/v1/auth/keys", Realm, Bad)]
    [InlineData("POST", "/api/v1/auth/2fa/setup", Realm, Bad)]
    [InlineData("GET", "/connect/userinfo", Realm, Bad)]
    [InlineData("GET", "/admin/api/keys", Realm, Bad)]
    [InlineData("POST", "/checkin", Install, BadInstall)]
    [InlineData("POST", "/revoke", Install, BadInstall)]
    public async Task Without_a_token_it_names_the_scheme_and_with_a_bad_one_the_error(string method, string path, string without, string with)
    {
        Expect(await server.CallAsync(method, path), without);
        Expect(await server.CallAsync(method, path, null, null, ("Authorization", "Basic d2ViOng=")), without);
        foreach (string token in (string[])["garbage", "ey.ey.ey", "rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
            Expect(await server.CallAsync(method, path, token), with);
    }

    [Theory]
    [InlineData("/api/login", """{"email":"bob","password":"wrong"}""")]
    [InlineData("/api/verify-2fa", """{"temp_token":"x","code":"123456"}""")]
    [InlineData("/auth/login", """{"email":"john","password":"correct horse battery"}""")]
    [InlineData("/v1/auth/refresh", """{"refresh_token":"rt_x"}""")]
    [InlineData("/api/v1/auth/login", """{"username":"nobody","password":"x"}""")]
    [InlineData("/api/v1/auth/login", """{"username":"john","password":"correct horse battery"}""")]
    public async Task Who_fails_to_sign_in_has_shown_no_token(string path, string body) => Expect(await server.CallAsync("POST", path, null, body), Realm);

    [Fact]
    public async Task A_token_that_has_died_is_a_bad_one()
    {
        string token = await ((Door)Door.Account).TokenAsync(server);
        (await server.CallAsync("POST", "/auth/logout", token)).Status.Should().Be(200);
        foreach (string path in (string[])["/auth/me", "/api/tunnels", "/api/v1/auth/keys"]) Expect(await server.CallAsync("GET", path, token), Bad);
    }

    private static void Expect(Answer answer, string challenge)
    {
        answer.Status.Should().Be(401, answer.Body);
        answer.Headers.WwwAuthenticate.ToString().Should().Be(challenge);
    }
}
