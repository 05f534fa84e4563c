using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>HEAD answers as GET does, without the body (contract section 0).</summary>
public sealed class HeadTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Fact]
    public void Every_route_that_knows_GET_knows_HEAD()
    {
        var routes = server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(e => (e.RoutePattern.RawText, e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods))
            .Where(r => r.HttpMethods.Contains("GET")).ToList();
        routes.Should().HaveCountGreaterThan(40);
        routes.Where(r => !r.HttpMethods.Contains("HEAD")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration", 200)]
    [InlineData("/.well-known/oauth-authorization-server", 200)]
    [InlineData("/.well-known/jwks", 200)]
    [InlineData("/connect/userinfo", 401)]
    [InlineData("/connect/nothing", 404)]
    [InlineData("/api/tunnels", 401)]
    [InlineData("/auth/me", 401)]
    [InlineData("/api/status", 401)]
    [InlineData("/api/v1/auth/keys", 401)]
    [InlineData("/api/v2/healthz", 200)]
    [InlineData("/status", 200)]
    [InlineData("/slowdns/install.sh", 200)]
    [InlineData("/admin/api/clients", 401)]
    [InlineData("/openapi", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/account", 303)]
    [InlineData("/admin", 303)]
    [InlineData("/account/files/pages.css", 200)]
    [InlineData("/", 404)]
    public async Task HEAD_has_the_status_and_the_headers_of_GET(string path, int status)
    {
        var (get, head) = (await server.CallAsync("GET", path), await server.CallAsync("HEAD", path));
        (get.Status, head.Status, head.Body).Should().Be((status, status, ""));
        Headers(head).Should().Equal(Headers(get));
    }

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/slowdns")]
    public async Task HEAD_of_a_page_is_no_form_and_has_no_body(string path)
    {
        var head = await server.CallAsync("HEAD", path);
        (head.Status, head.Body, head.ContentHeaders.ContentType!.ToString()).Should().Be((200, "", "text/html; charset=utf-8"));
    }

    [Fact]
    public async Task HEAD_with_a_token_reads_as_GET_does()
    {
        string token = await ((Door)Door.Account).TokenAsync(server);
        foreach (string path in (string[])["/auth/me", "/api/tunnels", "/api/v1/auth/keys"])
            (await server.CallAsync("HEAD", path, token)).Status.Should().Be(200, path);
    }

    // Without those of a moment, the limits' that count down, and a length of nothing, which HEAD need not name.
    private static string[] Headers(Answer answer) =>
    [
        .. answer.Headers.Concat(answer.ContentHeaders).Where(h => h.Key != "Date" && !h.Key.StartsWith("X-RateLimit", StringComparison.Ordinal))
            .Select(h => $"{h.Key}: {string.Join(", ", h.Value)}")
            .Where(h => h != "Content-Length: 0").Order(StringComparer.Ordinal),
    ];
}
