using System.IO.Compression;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>Headers and bodies as proxies and old clients send them: bytes beyond ASCII, codings, byte order marks.</summary>
public sealed class RequestHeaderTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Mark = "\uFEFF";
    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("X-Office: Z\u00fcrich")]
    [InlineData("User-Agent: caf\u00e9/1.0")]
    [InlineData("Referer: https://example.com/\u00ff")]
    [InlineData("Cookie: city=K\u00f6ln")]
    [InlineData("Via: 1.1 \u00e4")]
    public async Task A_byte_beyond_ASCII_in_a_header_that_nobody_reads_does_no_harm(string header)
    {
        foreach (string path in (string[])["/.well-known/jwks", "/api/v2/healthz", "/account/sign-in", "/status"])
            (await server.SendRawAsync($"GET {path} HTTP/1.1\n{header}")).Status.Should().Be(200, path);
    }

    [Theory]
    [InlineData("GET /api/tunnels HTTP/1.1\nAuthorization: Bearer \u00fc", 401, """{"success":false,"error":"Invalid token"}""")]
    [InlineData("GET /auth/me HTTP/1.1\nAuthorization: Bearer a.b.\u00e9", 401, """{"success":false,"error":"Invalid token"}""")]
    [InlineData("GET /api/status HTTP/1.1\nAuthorization: \u00df", 401, """{"error":"Authentication required"}""")]
    [InlineData("POST /checkin HTTP/1.1\nAuthorization: Bearer st_\u00fc", 401, """{"error":"invalid_token"}""")]
    [InlineData("POST /connect/token HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nAuthorization: Basic \u00fc", 401,
        """{"error":"invalid_client","error_description":"client authentication failed"}""")]
    [InlineData("POST /api/v1/auth/login HTTP/1.1\nContent-Type: application/json; charset=\u00e4\nContent-Length: 0", 415,
        """{"error":"The body must be application/json"}""")]
    public async Task In_one_that_is_read_it_gets_an_error_of_the_face(string head, int status, string body)
    {
        var answer = await server.SendRawAsync(head);
        (answer.Status, answer.Body).Should().Be((status, body));
    }

    [Theory]
    [InlineData("/connect/token", "gzip")]
    [InlineData("/connect/introspect", "br")]
    [InlineData("/api/login", "gzip")]
    [InlineData("/auth/login", "deflate")]
    [InlineData("/v1/auth/refresh", "gzip, identity")]
    [InlineData("/api/auth", "zstd")]
    [InlineData("/api/v1/auth/login", "x-gzip")]
    [InlineData("/register", "GZIP")]
    [InlineData("/admin/api/clients", "gzip")]
    [InlineData("/api/v2/slowdns/install/precheck", "gzip")]
    public async Task A_compressed_body_is_told_so_in_the_shape_of_the_face(string path, string coding)
    {
        var answer = await SendAsync(path, Compressed("""{"email":"jane","password":"x"}"""), coding);
        answer.Status.Should().Be(415, answer.Body);
        answer.Body.Should().Contain(path == "/register" ? "unsupported_media_type" : "compressed").And.StartWith("{");
    }

    [Fact]
    public async Task A_page_takes_no_compressed_form()
    {
        var answer = await SendAsync("/account/sign-in", Compressed("username=jane"), "gzip", "application/x-www-form-urlencoded");
        (answer.Status, answer.ContentHeaders.ContentType!.MediaType).Should().Be((415, "text/html"));
    }

    [Fact]
    public async Task A_transfer_coding_under_the_chunks_is_one_too()
    {
        var answer = await server.SendRawAsync(
            "POST /api/login HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: gzip, chunked", "2\r\n{}\r\n0\r\n\r\n"u8.ToArray());
        answer.Status.Should().Be(415);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("IDENTITY")]
    [InlineData("")]
    public async Task A_coding_that_changes_nothing_is_none(string coding) =>
        (await SendAsync("/auth/login", """{"email":"nobody","password":"x"}"""u8.ToArray(), coding)).Status.Should().Be(401);

    [Fact]
    public async Task A_request_without_a_body_may_name_any_coding() =>
        (await server.CallAsync("GET", "/.well-known/jwks", null, null, ("Content-Encoding", "gzip"))).Status.Should().Be(200);

    [Theory]
    [InlineData("/api/login", """{"email":"nobody","password":"x"}""", 401)]
    [InlineData("/v1/auth/login", """{"email":"nobody","password":"x"}""", 401)]
    [InlineData("/api/v1/auth/refresh", """{"refreshToken":"x"}""", 401)]
    [InlineData("/register", "{}", 400)]
    [InlineData("/api/v2/slowdns/install/precheck", "{}", 400)]
    public async Task A_byte_order_mark_before_JSON_changes_nothing(string path, string json, int status)
    {
        var (plain, marked) = (await server.CallAsync("POST", path, null, json), await server.CallAsync("POST", path, null, Mark + json));
        plain.Status.Should().Be(status);
        (marked.Status, marked.Body).Should().Be((plain.Status, plain.Body));
        (await server.CallAsync("POST", path, null, Mark + Mark + json)).Status.Should().Be(400);
    }

    private static byte[] Compressed(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest)) gzip.Write(System.Text.Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private Task<Answer> SendAsync(string path, byte[] body, string coding, string type = "application/json")
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = new(type) } };
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        return server.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content });
    }
}
