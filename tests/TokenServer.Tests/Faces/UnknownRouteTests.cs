using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>Wrong methods and unknown addresses are answered in the shape of the face they are below (contract section 0).</summary>
public sealed class UnknownRouteTests(UnknownRouteTests.Unlimited shared) : IClassFixture<UnknownRouteTests.Unlimited>
{
    private static readonly string[] Known = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "QUERY"];

    public static TheoryData<string> Paths => [.. FaceRoute.Methods.Select(r => r.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_wrong_method_is_answered_with_the_right_ones(string path)
    {
        string[] right = FaceRoute.Methods.Single(r => r.Path == path).Methods;
        foreach (string method in Known.Except(right))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            var answer = await shared.Server.SendAsync(request);
            answer.Status.Should().Be(405, method);
            answer.ContentHeaders.Allow.Should().BeEquivalentTo(right, method);
            if (method != "HEAD") FaceRoute.ExpectError(answer, 405, path);
        }
    }

    [Theory]
    [InlineData("GET", "/api/login/more")]
    [InlineData("POST", "/api/login/more")]
    [InlineData("POST", "/api/verify-2fa/more")]
    [InlineData("POST", "/api/logout/x")]
    [InlineData("GET", "/api/tunnels/1/2")]
    [InlineData("POST", "/api/tunnels/1/nothing")]
    [InlineData("POST", "/api/tunnels/1/regenerate/more")]
    [InlineData("GET", "/auth")]
    [InlineData("GET", "/auth/")]
    [InlineData("POST", "/auth/nothing")]
    [InlineData("GET", "/auth/me/more")]
    [InlineData("GET", "/auth/%F0%9F%98%80")]
    [InlineData("GET", "/auth/%FF")]
    [InlineData("GET", "/v1/auth")]
    [InlineData("POST", "/v1/auth/nothing")]
    [InlineData("GET", "/api/auth/more")]
    [InlineData("GET", "/api/status/more")]
    [InlineData("GET", "/api/v1/auth")]
    [InlineData("POST", "/api/v1/auth/nothing")]
    [InlineData("DELETE", "/api/v1/auth/keys/a/b")]
    [InlineData("POST", "/api/v1/auth/2fa")]
    public async Task An_unknown_address_below_a_face_is_answered_in_its_shape(string method, string path)
    {
        FaceRoute.ExpectError(await shared.Server.CallAsync(method, path), 404, path);
        FaceRoute.ExpectError(await shared.Server.CallAsync(method, path, "garbage", method == "POST" ? "{" : null), 404, path);
    }

    [Theory]
    [InlineData("/api/tunnels/1")]
    [InlineData("/api/v1/auth/keys/key_x")]
    public async Task Who_shows_no_token_does_not_learn_whether_an_id_exists(string path) =>
        FaceRoute.ExpectError(await shared.Server.CallAsync("DELETE", path), 401, path);

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/authors")]
    [InlineData("/api/loginx")]
    [InlineData("/v1")]
    public async Task An_address_below_no_face_is_not_found(string path)
    {
        var answer = await shared.Server.CallAsync("GET", path);
        (answer.Status, answer["error"]).Should().Be((404, "Not Found"));
    }

    [Theory]
    [InlineData("/API/Login", "/api/login")]
    [InlineData("/Auth/Login/", "/auth/login")]
    [InlineData("/api/V1/auth/login", "/api/v1/auth/login")]
    public async Task Addresses_ignore_case_and_a_slash_at_the_end(string path, string face) =>
        FaceRoute.ExpectError(await shared.Server.CallAsync("POST", path, null, "{}"), 400, face);

    /// <summary>A server without limits.</summary>
    public sealed class Unlimited : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await TestServer.StartAsync(FaceRequests.NoLimits);

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
