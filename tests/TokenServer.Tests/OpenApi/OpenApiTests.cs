using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TokenServer.OpenApi;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.OpenApi;

/// <summary>The description is there for everybody, and describes the routes that there are.</summary>
public sealed class OpenApiTests(SharedServer shared) : IClassFixture<SharedServer>
{
    // Pages and what belongs to them, which are no JSON.
    private static readonly string[] Pages = ["GET /", "GET /openapi", "GET /openapi/page.css", "GET /device", "GET /connect/events/stream", "POST /connect/events/stream"], BelowPages = ["/slowdns", "/account", "/admin", "/connect/authorize", "/connect/endsession", "/connect/verify"];

    private TestServer Server => shared.Server;

    [Fact]
    public void Every_JSON_route_is_described_and_no_other()
    {
        var routes = Server.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods,
            (e, method) => $"{method} /{Regex.Replace(e.RoutePattern.RawText!.TrimStart('/'), @"\{(\w+):\w+\}", "{$1}")}").ToList();
        // A HEAD is its GET without the body.
        routes.RemoveAll(route => route.StartsWith("HEAD ", StringComparison.Ordinal));
        var described = DocumentedOperation.All(new OpenApiDocument().Root).Select(o => o.ToString()).ToList();
        routes.Should().OnlyHaveUniqueItems().And.Contain(Pages);
        described.Should().BeEquivalentTo(routes.Except(Pages).Where(route => !IsPage(route.Split(' ')[1])));
    }

    [Fact]
    public async Task The_document_names_this_server_and_may_be_kept()
    {
        var answer = await Server.CallAsync("GET", "/openapi/v1.json");
        answer.Status.Should().Be(200);
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        answer.Headers.CacheControl!.ToString().Should().Be("public, max-age=3600");
        answer.Json.GetProperty("servers")[0].GetProperty("url").GetString().Should().Be(Server.Address);
        (await Server.CallAsync("GET", "/openapi/v1.json", headers: ("If-None-Match", answer.Headers.ETag!.ToString()))).Status.Should().Be(304);
    }

    [Fact]
    public async Task A_host_that_is_no_name_breaks_nothing()
    {
        var answer = await Server.CallAsync("GET", "/openapi/v1.json", headers: ("Host", "a\"b<c"));
        if (answer.Status == 200) JsonNode.Parse(answer.Body)!["servers"]!.AsArray().Should().ContainSingle();
        else answer.Status.Should().Be(400);
    }

    [Fact]
    public async Task An_issuer_that_is_set_is_the_address()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:Issuer=https://id.example.com/"]);
        (await server.CallAsync("GET", "/openapi/v1.json")).Json.GetProperty("servers")[0].GetProperty("url").GetString().Should().Be("https://id.example.com");
    }

    [Fact]
    public async Task The_page_has_every_operation_and_nothing_from_elsewhere()
    {
        var page = await Server.CallAsync("GET", "/openapi");
        page.Status.Should().Be(200);
        page.ContentHeaders.ContentType!.ToString().Should().Be("text/html; charset=utf-8");
        page.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("default-src 'none'").And.Contain("frame-ancestors 'none'").And.NotContain("unsafe");
        page.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        page.Headers.GetValues("X-Frame-Options").Should().Equal("DENY");
        page.Headers.GetValues("Referrer-Policy").Should().Equal("same-origin");
        foreach (var operation in DocumentedOperation.All(new OpenApiDocument().Root)) page.Body.Should().Contain($"id=\"{operation.Id}\"");
        page.Body.Should().NotContain("<script").And.NotContain("style=\"").And.NotContain("href=\"http").And.NotContain("src=");
        foreach (Match link in Regex.Matches(page.Body, "href=\"#([^\"]+)\"")) page.Body.Should().Contain($"id=\"{link.Groups[1].Value}\"");
        (await Server.CallAsync("GET", Regex.Match(page.Body, "href=\"(/openapi/page.css[^\"]*)\"").Groups[1].Value)).Headers.CacheControl!.ToString().Should().Contain("immutable");
    }

    [Theory]
    [InlineData("?q=getKeys", "One route has that.")]
    [InlineData("?q=POST%20/CONNECT/Revoke", null)]
    [InlineData("?q=%3Cscript%3Ealert(1)%3C/script%3E", "No route has that.")]
    [InlineData("?q=%ED%A0%80", "No route has that.")]
    [InlineData("?q=a%22%20onfocus=%22b", "No route has that.")]
    public async Task The_page_finds_routes_by_words(string question, string? said)
    {
        string page = (await Server.CallAsync("GET", "/openapi" + question)).Body;
        page.Should().NotContain("<script").And.NotContain(" onfocus=\"").And.Contain("value=\"");
        if (said is not null) page.Should().Contain(said);
        else page.Should().Contain("id=\"revoke\"").And.NotContain("id=\"introspect\"");
    }

    [Theory]
    [InlineData("?q=")]
    [InlineData("?q=%00")]
    [InlineData("?q=a&q=%01")]
    public async Task What_is_no_question_finds_all(string question) =>
        (await Server.CallAsync("GET", "/openapi" + question)).Body.Should().Be((await Server.CallAsync("GET", "/openapi")).Body);

    [Fact]
    public async Task Errors_below_it_are_plain()
    {
        (await Server.CallAsync("GET", "/openapi/v2.json")).ShouldFailPlainly(404, "Not Found");
        (await Server.CallAsync("POST", "/openapi/v1.json")).ShouldFailPlainly(405, "Method Not Allowed");
    }

    private static bool IsPage(PathString path) => !path.StartsWithSegments("/admin/api") && BelowPages.Any(page => path.StartsWithSegments(page));
}
