using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Browser.Tests.Support;

namespace Browser.Tests;

/// <summary>The page's answers as they are on the wire; no browser is needed.</summary>
public sealed class AnswerTests
{
    [Theory]
    [InlineData("/slowdns", 200, "text/html")]
    [InlineData("/slowdns/nothing", 404, "text/html")]
    [InlineData("/slowdns/unavailable", 503, "text/html")]
    [InlineData("/slowdns/page.css", 200, "text/css")]
    [InlineData("/slowdns/page.js", 200, "text/javascript")]
    [InlineData("/slowdns/icon.svg", 200, "image/svg+xml")]
    public async Task Every_answer_is_protected(string path, int status, string mediaType)
    {
        await using var server = await PageServer.StartAsync();
        using var client = new HttpClient();
        using var answer = await client.GetAsync(server.Address + path);
        ((int)answer.StatusCode).Should().Be(status);
        answer.Content.Headers.ContentType!.MediaType.Should().Be(mediaType);
        Header(answer, "Content-Security-Policy").Should().StartWith("default-src 'none'; script-src 'self'; style-src 'self';").And.Contain("frame-ancestors 'none'").And.NotContain("unsafe");
        Header(answer, "X-Content-Type-Options").Should().Be("nosniff");
        Header(answer, "X-Frame-Options").Should().Be("DENY");
        Header(answer, "Referrer-Policy").Should().Be("same-origin");
        if (mediaType == "text/html") answer.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Fact]
    public async Task An_error_page_keeps_what_its_error_says()
    {
        await using var server = await PageServer.StartAsync();
        using var client = new HttpClient();
        using var unavailable = await client.GetAsync($"{server.Address}/slowdns/unavailable");
        unavailable.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(5));
        (await unavailable.Content.ReadAsStringAsync()).Should().Contain("Please try again in 5 seconds.");
        using var notAllowed = await client.DeleteAsync($"{server.Address}/slowdns");
        notAllowed.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        notAllowed.Content.Headers.Allow.Should().BeEquivalentTo("GET", "POST");
        notAllowed.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
    }

    [Fact]
    public async Task The_pages_files_are_kept_by_version_and_asked_for_by_tag()
    {
        await using var server = await PageServer.StartAsync();
        using var client = new HttpClient();
        string page = await client.GetStringAsync($"{server.Address}/slowdns");
        string script = Regex.Match(page, "src=\"(/slowdns/page.js[^\"]+)\"").Groups[1].Value;
        using var versioned = await client.GetAsync(server.Address + script);
        versioned.Headers.CacheControl!.ToString().Should().Be("public, max-age=31536000, immutable");
        using var bare = await client.GetAsync($"{server.Address}/slowdns/page.js");
        bare.Headers.CacheControl!.ToString().Should().Be("no-cache");
        using var again = new HttpRequestMessage(HttpMethod.Get, $"{server.Address}/slowdns/page.js");
        again.Headers.IfNoneMatch.Add(bare.Headers.ETag!);
        using var unchanged = await client.SendAsync(again);
        unchanged.StatusCode.Should().Be(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("install.sh")]
    [InlineData("agent.sh")]
    public async Task The_scripts_that_the_command_fetches_are_served_as_they_are(string name)
    {
        await using var server = await PageServer.StartAsync();
        using var client = new HttpClient();
        using var answer = await client.GetAsync($"{server.Address}/slowdns/{name}");
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().Should().Be("text/x-shellscript; charset=utf-8");
        answer.Headers.CacheControl!.ToString().Should().Be("no-cache");
        (await answer.Content.ReadAsStringAsync()).Should().Be(string.Concat(Parts(Path.GetFileNameWithoutExtension(name)).Select(File.ReadAllText)));
    }

    // A script's own parts and the shared ones, in the order of their numbers.
    private static IEnumerable<string> Parts(string script) => new[] { script, "shared" }
        .SelectMany(folder => Directory.GetFiles(Path.Combine(FindRoot(), "samples", "installer", folder))).OrderBy(Path.GetFileName, StringComparer.Ordinal);

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_form_on_another_site_gets_no_code(string header, string value)
    {
        await using var server = await PageServer.StartAsync();
        using var client = new HttpClient();
        await client.GetStringAsync($"{server.Address}/slowdns");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.Address}/slowdns");
        request.Headers.Add(header, value);
        using var answer = await client.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("Not allowed").And.NotContain("IPT-SD-");
        server.Issued.Should().Be(0);
    }

    [Theory]
    [InlineData("a$(id).example", 400)]
    [InlineData("a;id.example", 400)]
    [InlineData("a&b.example", 400)]
    [InlineData("a'b.example", 400)]
    [InlineData("a.b:99999", 400)]
    [InlineData("a..b", 400)]
    [InlineData(".", 400)]
    [InlineData("[1:2]", 400)]
    [InlineData("[:::]", 400)]
    [InlineData("slowdns.example", 200)]
    [InlineData("[2001:db8::1]:8443", 200)]
    public async Task Nothing_that_a_shell_would_read_gets_into_the_command(string host, int status)
    {
        await using var server = await PageServer.StartAsync();
        string answer = await SendAsync(server, $"GET /slowdns HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        answer.Should().StartWith($"HTTP/1.1 {status} ");
        if (status == 200) answer.Should().Contain($"SLOWDNS_URL=http://{host} bash");
        else answer.Should().NotContain("SLOWDNS_URL");
    }

    [Fact]
    public async Task A_request_without_a_host_gets_an_error_page()
    {
        await using var server = await PageServer.StartAsync();
        (await SendAsync(server, "GET /slowdns HTTP/1.0\r\n\r\n")).Should().StartWith("HTTP/1.1 400 ").And.Contain("The request was not understood");
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Auth.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests run outside the repository");
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(", ", answer.Headers.GetValues(name));

    private static async Task<string> SendAsync(PageServer server, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(server.Address).Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
