using System.Text.RegularExpressions;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Web;

/// <summary>GET /: a page for browsers, and nothing for programs.</summary>
public sealed partial class StartPageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8")]
    [InlineData("application/json;q=0.5, text/html")]
    [InlineData("Text/HTML; charset=utf-8")]
    public async Task Who_asks_for_a_page_gets_it(string accept)
    {
        var answer = await GetAsync(accept);
        (answer.Status, answer.ContentHeaders.ContentType!.ToString()).Should().Be((200, "text/html; charset=utf-8"));
        answer.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("default-src 'none'").And.NotContain("unsafe");
        answer.Headers.CacheControl!.NoStore.Should().BeTrue();
        answer.Headers.Contains("Set-Cookie").Should().BeFalse("nobody is here yet");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("application/json, text/html;q=0.9")]
    [InlineData("text/html;q=0, */*")]
    [InlineData("application/problem+json")]
    [InlineData("image/png")]
    [InlineData("nonsense")]
    public async Task Who_does_not_is_told_that_there_is_nothing(string? accept)
    {
        var answer = await GetAsync(accept);
        (answer.Status, answer.Body, answer.ContentHeaders.ContentType!.ToString())
            .Should().Be((404, """{"error":"Not Found"}""", "application/json; charset=utf-8"));
    }

    [Fact]
    public async Task Its_links_lead_to_something_and_none_away()
    {
        string page = (await GetAsync("text/html")).Body;
        string[] links = [.. Link().Matches(page).Select(m => m.Groups[1].Value).Where(l => l != "#content").Distinct()];
        links.Should().BeEquivalentTo("/account", "/slowdns", "/admin", "/openapi", "/.well-known/openid-configuration");
        foreach (string link in links) (await server.CallAsync("GET", link)).Status.Should().BeOneOf([200, 303], link);
    }

    [Fact]
    public async Task Who_is_signed_in_is_not_named_there()
    {
        using var browser = await Browser.OfAsync(server);
        (await browser.GetAsync("/", ("Accept", "text/html"))).Body.Should().NotContain("bob");
    }

    private Task<Answer> GetAsync(string? accept) => server.CallAsync("GET", "/", null, null, accept is null ? [] : [("Accept", accept)]);

    [GeneratedRegex("<a [^>]*href=\"([^\"]+)\"")]
    private static partial Regex Link();
}
