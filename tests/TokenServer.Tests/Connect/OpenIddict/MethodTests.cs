using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.OpenIddict;

/// <summary>
/// Methods and addresses of the endpoints: OpenIddict answers 400 to a wrong method and reads GET requests (contract sections 0 and 1).
/// </summary>
public sealed class MethodTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    public static TheoryData<string, string, string> WrongMethods()
    {
        var data = new TheoryData<string, string, string>();
        (string Path, string Allowed)[] endpoints =
        [
            (Calls.Token, "POST"), (Calls.Introspect, "POST"), (Calls.Revoke, "POST"), (Calls.UserInfo, "GET, HEAD, POST"),
            (Calls.Configuration, "GET, HEAD"), (Calls.Server, "GET, HEAD"), (Calls.Jwks, "GET, HEAD"),
        ];
        foreach (var (path, allowed) in endpoints)
            foreach (string method in (string[])["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
                if (!allowed.Split(", ").Contains(method)) data.Add(method, path, allowed);
        return data;
    }

    [Theory]
    [MemberData(nameof(WrongMethods))]
    public async Task A_wrong_method_is_told_the_right_ones(string method, string path, string allowed)
    {
        var answer = await server.AskAsync(method, path);
        answer.ShouldBeError(405, "invalid_request");
        answer.ContentHeaders.Allow.Should().BeEquivalentTo(allowed.Split(", "));
    }

    [Theory]
    [InlineData(Calls.Token)]
    [InlineData(Calls.Introspect)]
    [InlineData(Calls.Revoke)]
    public async Task HEAD_where_only_POST_is_right_is_a_wrong_method_and_has_no_body(string path)
    {
        var answer = await server.AskAsync("HEAD", path);
        (answer.Status, answer.Body).Should().Be((405, ""));
        answer.ContentHeaders.Allow.Should().BeEquivalentTo("POST");
    }

    [Fact]
    public async Task Introspection_by_GET_tells_nothing()
    {
        string token = await server.WorkerTokenAsync();
        var answer = await server.AskAsync("GET", $"{Calls.Introspect}?token={token}", OAuth.Basic("api", TestImport.Secret));
        answer.ShouldBeError(405, "invalid_request");
    }

    [Fact]
    public async Task Revocation_by_GET_revokes_nothing()
    {
        string token = await server.WorkerTokenAsync();
        var answer = await server.AskAsync("GET", $"{Calls.Revoke}?token={token}", OAuth.Basic("worker", TestImport.Secret));
        answer.ShouldBeError(405, "invalid_request");
        (await server.IsActiveAsync(token)).Should().BeTrue();
    }

    [Fact]
    public async Task A_token_request_by_GET_gets_no_token()
    {
        var answer = await server.AskAsync("GET", Calls.Token + "?grant_type=client_credentials", OAuth.Basic("worker", TestImport.Secret));
        answer.ShouldBeError(405, "invalid_request");
    }

    [Theory]
    [InlineData("POST", Calls.Token, 400)]
    [InlineData("POST", Calls.Introspect, 400)]
    [InlineData("POST", Calls.Revoke, 400)]
    [InlineData("GET", Calls.UserInfo, 401)]
    [InlineData("GET", Calls.Configuration, 200)]
    [InlineData("GET", Calls.Server, 200)]
    [InlineData("GET", Calls.Jwks, 200)]
    public async Task An_address_ignores_case_and_a_slash_at_its_end_and_has_nothing_below(string method, string path, int status)
    {
        (await StatusAsync(path)).Should().Be(status);
        (await StatusAsync(path + "/")).Should().Be(status);
        (await StatusAsync(path.ToUpperInvariant())).Should().Be(status);
        (await StatusAsync(path.ToUpperInvariant() + "/")).Should().Be(status);
        (await StatusAsync(path + "/subpath")).Should().Be(404);
        (await StatusAsync(path + "/subpath/")).Should().Be(404);

        async Task<int> StatusAsync(string address) =>
            (method == "POST" ? await server.FormAsync(address, "", "web") : await server.AskAsync(method, address)).Status;
    }
}
