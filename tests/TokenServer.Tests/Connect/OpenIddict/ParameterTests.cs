using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// Repeated, empty, unknown and misplaced parameters: OpenIddict makes arrays of the first, which read as missing (contract section 1).
/// </summary>
public sealed class ParameterTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string TwoFactor = "grant_type=urn%3Atokenserver%3Agrant-type%3Atwo_factor";
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData(Calls.Token, "grant_type=password&username=jane&username=jane&password=x")]
    [InlineData(Calls.Token, "grant_type=password&username=jane&password=x&password=y")]
    [InlineData(Calls.Token, "grant_type=password&username=jane&username=&password=x")]
    [InlineData(Calls.Token, "grant_type=refresh_token&refresh_token=x&refresh_token=x")]
    [InlineData(Calls.Token, "grant_type=refresh_token&refresh_token=x&scope=api&scope=openid")]
    [InlineData(Calls.Token, TwoFactor + "&temp_token=x&temp_token=x&code=1")]
    [InlineData(Calls.Token, TwoFactor + "&temp_token=x&code=1&code=2")]
    [InlineData(Calls.Introspect, "token=x&token=y")]
    [InlineData(Calls.Introspect, "token=x&token=")]
    [InlineData(Calls.Introspect, "token=x&token_type_hint=access_token&token_type_hint=access_token")]
    [InlineData(Calls.Introspect, "token=x&client_id=web&client_id=web")]
    [InlineData(Calls.Introspect, "token=x&unknown=1&unknown=2")]
    [InlineData(Calls.Revoke, "token=x&token=y")]
    [InlineData(Calls.Revoke, "token=x&token_type_hint=access_token&token_type_hint=refresh_token")]
    [InlineData(Calls.Revoke, "token=x&client_id=web&client_id=web")]
    [InlineData(Calls.Revoke, "token=x&unknown=1&unknown=2")]
    public async Task A_repeated_parameter_is_an_invalid_request(string path, string body) =>
        (await server.FormAsync(path, body, "web")).ShouldBeError(400, "invalid_request");

    [Fact]
    public async Task A_token_shown_twice_in_a_form_of_UserInfo_is_an_invalid_request()
    {
        string token = (await server.SignInAsync())["access_token"]!;
        (await server.FormAsync(Calls.UserInfo, $"access_token={token}&access_token={token}")).ShouldBeError(400, "invalid_request");
    }

    [Fact]
    public async Task A_repeated_token_is_not_revoked()
    {
        string token = await server.WorkerTokenAsync();
        (await server.FormAsync(Calls.Revoke, $"token={token}&token={token}", "worker")).ShouldBeError(400, "invalid_request");
        (await server.IsActiveAsync(token)).Should().BeTrue();
    }

    [Theory]
    [InlineData(Calls.Introspect, "token=")]
    [InlineData(Calls.Introspect, "token&token_type_hint=access_token")]
    [InlineData(Calls.Revoke, "token=")]
    [InlineData(Calls.Revoke, "token")]
    [InlineData(Calls.Token, "grant_type=refresh_token&refresh_token=")]
    [InlineData(Calls.Token, "grant_type=password&username=&password=x")]
    [InlineData(Calls.Token, "grant_type=password&username=jane&password=")]
    [InlineData(Calls.Token, TwoFactor + "&temp_token=&code=1")]
    [InlineData(Calls.Token, TwoFactor + "&temp_token=x&code=")]
    public async Task An_empty_parameter_that_is_required_is_a_missing_one(string path, string body) =>
        (await server.FormAsync(path, body, "web")).ShouldBeError(400, "invalid_request");

    [Theory]
    [InlineData(Calls.Token, "grant_type=client_credentials&client_id=&client_secret=&scope=")]
    [InlineData(Calls.Revoke, "token=x&client_id=&client_secret=&token_type_hint=")]
    public async Task An_empty_parameter_that_is_not_required_counts_as_absent(string path, string body) =>
        (await server.FormAsync(path, body, "worker")).Status.Should().Be(200);

    [Fact]
    public async Task An_empty_scope_at_a_refresh_asks_for_the_sessions_scopes()
    {
        string token = (await server.SignInAsync())["refresh_token"]!;
        var answer = await server.FormAsync(Calls.Token, $"grant_type=refresh_token&scope=&refresh_token={token}", "web");
        answer["scope"].Should().Be("openid offline_access api");
    }

    [Fact]
    public async Task An_empty_token_in_a_form_of_UserInfo_is_none()
    {
        var answer = await server.FormAsync(Calls.UserInfo, "access_token=");
        answer.Status.Should().Be(401);
        answer.Headers.WwwAuthenticate.Should().ContainSingle().Which.Parameter.Should().NotContain("error");
    }

    [Theory]
    [InlineData("state")]
    [InlineData("nonce")]
    [InlineData("resource")]
    [InlineData("audience")]
    [InlineData("redirect_uri")]
    [InlineData("response_type")]
    [InlineData("response_mode")]
    [InlineData("code")]
    [InlineData("code_verifier")]
    [InlineData("code_challenge")]
    [InlineData("device_code")]
    [InlineData("request")]
    [InlineData("request_uri")]
    [InlineData("request_id")]
    [InlineData("id_token_hint")]
    [InlineData("prompt")]
    [InlineData("max_age")]
    [InlineData("claims")]
    [InlineData("assertion")]
    [InlineData("username")]
    [InlineData("password")]
    [InlineData("refresh_token")]
    [InlineData("access_token")]
    [InlineData("token")]
    public async Task A_parameter_of_another_request_is_ignored_and_not_answered(string name)
    {
        var answer = await server.FormAsync(Calls.Token, $"grant_type=client_credentials&{name}=x", "worker");
        answer.Status.Should().Be(200, "the body is {0}", answer.Body);
        answer.Json.Names().Should().BeEquivalentTo("access_token", "token_type", "expires_in", "scope");
    }

    [Theory]
    [InlineData("scope=openid")]
    [InlineData("grant_type=client_credentials")]
    [InlineData("access_token=x")]
    [InlineData("resource=x&audience=x&colour=blue")]
    public async Task Introspection_and_revocation_ignore_parameters_that_are_none_of_theirs(string more)
    {
        string token = await server.WorkerTokenAsync();
        (await server.FormAsync(Calls.Introspect, $"token={token}&{more}", "api"))["active"].Should().Be("True");
        (await server.FormAsync(Calls.Revoke, $"token={token}&{more}", "worker")).Status.Should().Be(200);
        (await server.IsActiveAsync(token)).Should().BeFalse();
    }

    [Fact]
    public async Task UserInfo_ignores_parameters_that_are_none_of_its()
    {
        string token = (await server.SignInAsync())["access_token"]!;
        (await server.FormAsync(Calls.UserInfo, $"access_token={token}&scope=email&schema=openid"))["sub"].Should().Be("1");
    }

    [Theory]
    [InlineData("?scope=files")]
    [InlineData("?grant_type=password")]
    [InlineData("?client_id=web&client_secret=x")]
    public async Task What_stands_in_the_address_neither_adds_to_the_form_nor_repeats_it(string query)
    {
        var answer = await server.FormAsync(Calls.Token + query, "grant_type=client_credentials", "worker");
        (answer.Status, answer["scope"]).Should().Be((200, "api files"));
    }

    [Theory]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task Credentials_in_the_address_authenticate_nobody(string path)
    {
        string query = $"?client_id=web&client_secret={Uri.EscapeDataString(TestImport.Secret)}";
        (await server.FormAsync(path + query, "token=x")).ShouldBeError(401, "invalid_client");
    }

    [Fact]
    public async Task A_token_in_the_address_beside_the_forms_is_not_looked_at()
    {
        string token = await server.WorkerTokenAsync(), other = await server.WorkerTokenAsync();
        (await server.FormAsync($"{Calls.Introspect}?token=x", $"token={token}", "api"))["active"].Should().Be("True");
        (await server.FormAsync($"{Calls.Revoke}?token={other}", $"token={token}", "worker")).Status.Should().Be(200);
        (await server.IsActiveAsync(other)).Should().BeTrue();
    }

    [Theory]
    [InlineData(Calls.Introspect, "text/plain")]
    [InlineData(Calls.Introspect, "multipart/form-data; boundary=x")]
    [InlineData(Calls.Introspect, null)]
    [InlineData(Calls.Revoke, "text/plain")]
    [InlineData(Calls.Revoke, "multipart/form-data; boundary=x")]
    [InlineData(Calls.Revoke, null)]
    [InlineData(Calls.UserInfo, "text/plain")]
    [InlineData(Calls.UserInfo, "multipart/form-data; boundary=x")]
    public async Task What_is_no_form_is_an_invalid_request(string path, string? type) =>
        (await server.FormAsync(path, "token=x&access_token=x", path == Calls.UserInfo ? null : "web", type: type))
            .ShouldBeError(400, "invalid_request");
}
