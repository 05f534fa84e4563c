using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// Errors are <c>error</c> and <c>error_description</c> alone: OpenIddict adds an <c>error_uri</c> and spells the charset otherwise
/// (contract section 1).
/// </summary>
public sealed class ErrorTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData(Calls.Token, "", 400, "invalid_request")]
    [InlineData(Calls.Token, "grant_type=nothing", 400, "unsupported_grant_type")]
    [InlineData(Calls.Token, "grant_type=client_credentials", 400, "unauthorized_client")]
    [InlineData(Calls.Token, "grant_type=password&username=jane&password=wrong&scope=api", 400, "invalid_grant")]
    [InlineData(Calls.Token, "grant_type=password&username=jane&password=x&scope=unheard-of", 400, "invalid_scope")]
    [InlineData(Calls.Token, "grant_type=password&username=jane", 400, "invalid_request")]
    [InlineData(Calls.Token, "grant_type=refresh_token", 400, "invalid_request")]
    [InlineData(Calls.Token, "grant_type=refresh_token&refresh_token=x", 400, "invalid_grant")]
    [InlineData(Calls.Token, "grant_type=urn:tokenserver:grant-type:two_factor&temp_token=x&code=123456", 400, "invalid_grant")]
    [InlineData(Calls.Token, "grant_type=authorization_code", 400, "unauthorized_client")]
    [InlineData(Calls.Introspect, "", 400, "invalid_request")]
    [InlineData(Calls.Introspect, "token_type_hint=access_token", 400, "invalid_request")]
    [InlineData(Calls.Revoke, "", 400, "invalid_request")]
    [InlineData(Calls.Revoke, "token_type_hint=access_token", 400, "invalid_request")]
    public async Task An_error_has_two_members_and_the_headers_of_every_answer(string path, string body, int status, string code)
    {
        var answer = await server.FormAsync(path, body, "web");
        answer.ShouldBeError(status, code);
        answer.Headers.WwwAuthenticate.Should().BeEmpty();
        if (path == Calls.Token) answer.Headers.Pragma.ToString().Should().Be("no-cache");
    }

    [Theory]
    [InlineData(Calls.Token)]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task A_failed_client_authentication_is_an_error_like_any_other(string path) =>
        (await server.FormAsync(path, "grant_type=client_credentials&token=x", "worker", "wrong")).ShouldBeError(401, "invalid_client");

    [Fact]
    public async Task A_client_that_may_not_introspect_is_an_error_like_any_other() =>
        (await server.FormAsync(Calls.Introspect, "token=x", "worker")).ShouldBeError(400, "unauthorized_client");

    [Theory]
    [InlineData(Calls.Token)]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    [InlineData(Calls.UserInfo)]
    public async Task A_body_too_large_is_an_error_like_any_other(string path)
    {
        string body = "x=" + new string('y', 64 * 1024);
        (await server.FormAsync(path, body, path == Calls.UserInfo ? null : "web")).ShouldBeError(413, "invalid_request");
    }

    [Fact]
    public async Task Errors_of_UserInfo_are_errors_like_any_other_and_name_the_realm()
    {
        var answers = new[]
        {
            (await server.AskAsync("GET", Calls.UserInfo), 401, "invalid_token"),
            (await server.UserInfoAsync("garbage"), 401, "invalid_token"),
            (await server.UserInfoAsync(await server.WorkerTokenAsync()), 403, "insufficient_scope"),
        };
        foreach (var (answer, status, code) in answers)
        {
            answer.ShouldBeError(status, code);
            answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.ToString().Should().StartWith("Bearer realm=\"");
        }
    }
}
