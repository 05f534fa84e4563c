using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Deployment;

/// <summary>deploy/nginx.conf before a real server: it adds nothing to what the server says, and says what the server cannot.</summary>
public sealed class NginxTests : IDisposable
{
    private const int LargestBody = 64 * 1024;

    // An address of each API, and how it says an error: a code where it has codes, and words.
    private static readonly (string Path, Func<string, string, string> Of)[] Shapes =
    [
        ("/connect/token", (_, words) => $$"""{"error":"invalid_request","error_description":"{{words}}"}"""),
        ("/api/v2/slowdns/", (code, words) => $$$"""{"error":{"code":"{{{code}}}","message":"{{{words}}}"}}"""),
        ("/register", (code, _) => $$"""{"error":"{{code}}"}"""),
        ("/api/login", (_, words) => $$"""{"success":false,"error":"{{words}}"}"""),
        ("/auth/login", (_, words) => $$"""{"success":false,"error":"{{words}}"}"""),
        ("/v1/auth/login", (_, words) => $$"""{"success":false,"error":"{{words}}"}"""),
        ("/api/auth", (_, words) => $$"""{"error":"{{words}}"}"""),
        ("/api/v1/auth/login", (_, words) => $$"""{"error":"{{words}}"}"""),
        ("/admin/api/users", (_, words) => $$"""{"type":"about:blank","title":"{{words}}","status":STATUS,"detail":"{{words}}"}"""),
    ];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task The_configuration_is_one()
    {
        var (code, said) = await NginxProcess.CheckAsync();
        code.Should().Be(0, said);
        said.Should().NotContain("[warn]");
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task Behind_it_a_request_has_its_clients_address_and_was_HTTPS_whatever_the_client_says()
    {
        await using var server = await StartServerAsync();
        await using var nginx = await NginxProcess.StartAsync([PortOf(server)]);
        (string, string)[] lies = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "evil.example"), ("Forwarded", "for=203.0.113.9")];
        (await nginx.SendAsync("GET", "/.well-known/openid-configuration", null, lies)).Status.Should().Be(200);
        (await nginx.SendAsync("POST", "/api/login", Json(new { email = "bob@example.com", password = "wrong" }), lies)).Status.Should().Be(401);
        var trail = await ServerProcess.RunAsync(folder.Path, ["audit", "export"]);
        var failed = trail.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Last(e => e.GetProperty("event").GetString() is "sign_in.failed");
        failed.GetProperty("address").GetString().Should().Be(NginxProcess.ClientAddress);
        // The page would name the host it was asked by.
        (await nginx.SendAsync("GET", "/slowdns", null, lies)).Body.Should().Contain("https://localhost").And.NotContain("evil.example");
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task What_the_server_refuses_is_said_in_its_own_words()
    {
        await using var server = await StartServerAsync(("RateLimits:Login:Permits", "1000"), ("RateLimits:Api:Permits", "1000"), ("RateLimits:Password:Permits", "1000"));
        await using var nginx = await NginxProcess.StartAsync([PortOf(server)]);
        foreach (string path in (string[])["/connect/token", "/api/login", "/auth/login", "/api/v1/auth/login", "/api/v2/slowdns/install/precheck", "/register"])
        {
            // More than once: the server closes the connection on a body that is too large, and nginx has others that it kept.
            for (int i = 0; i < 10; i++)
                await ExpectSameAsync("POST", path, () => new ByteArrayContent(new byte[LargestBody + 40_000 + i]) { Headers = { ContentType = new("application/json") } }, 413);
            await ExpectSameAsync("PUT", path, () => null, 405);
            await ExpectSameAsync("POST", path, () => new StringContent("a", Encoding.UTF8, "text/plain"), path == "/connect/token" ? 400 : 415);
            await ExpectSameAsync("GET", path + "/nothing", () => null, 404);
        }

        async Task ExpectSameAsync(string method, string path, Func<HttpContent?> body, int status)
        {
            using var direct = new HttpRequestMessage(new HttpMethod(method), path) { Content = body(), Headers = { { "X-Forwarded-Proto", "https" }, { "X-Forwarded-For", NginxProcess.ClientAddress } } };
            using var said = await server.Http.SendAsync(direct);
            var answer = await nginx.SendAsync(method, path, body());
            (answer.Status, answer.Body, answer.ContentHeaders.ContentType?.ToString()).Should().Be((status, await said.Content.ReadAsStringAsync(), said.Content.Headers.ContentType?.ToString()), "{0} {1}", method, path);
            answer.ContentHeaders.Allow.Should().Equal(said.Content.Headers.Allow);
        }
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task A_body_beyond_what_nginx_takes_is_413_in_JSON()
    {
        await using var nginx = await NginxProcess.StartAsync([DeploymentFiles.FreePort()]);
        var answer = await nginx.SendAsync("POST", "/connect/token", new ByteArrayContent(new byte[300 * 1024]));
        (answer.Status, answer["error"]).Should().Be((413, "invalid_request"));
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task Without_a_server_the_answer_is_502_in_the_shape_of_each_API()
    {
        await using var nginx = await NginxProcess.StartAsync([DeploymentFiles.FreePort()]);
        foreach (var (path, body) in ((string, string)[])[
            ("/connect/token", """{"error":"temporarily_unavailable","error_description":"The server is busy; try again"}"""),
            ("/api/v2/slowdns/install/precheck", """{"error":{"code":"unavailable","message":"The server is busy; try again"}}"""),
            ("/checkin", """{"error":"unavailable"}"""),
            ("/api/login", """{"success":false,"error":"The server is busy; try again"}"""),
            ("/v1/auth/login", """{"success":false,"error":"The server is busy; try again"}"""),
            ("/api/v1/auth/login", """{"error":"The server is busy; try again"}"""),
            ("/api/auth", """{"error":"The server is busy; try again"}""")])
        {
            var answer = await nginx.SendAsync("POST", path, Json(new { }));
            (answer.Status, answer.Body).Should().Be((502, body), path);
            answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
            answer.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(5));
            answer.Headers.CacheControl!.NoStore.Should().BeTrue();
            answer.Headers.GetValues("Strict-Transport-Security").Should().ContainSingle();
        }
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task What_nginx_refuses_itself_is_refused_in_the_shape_of_each_API()
    {
        await using var nginx = await NginxProcess.StartAsync([DeploymentFiles.FreePort()]);
        foreach (var (path, shape) in Shapes)
        {
            await RefusedAsync($"GET {path}%00 HTTP/1.1", 400, shape("invalid_request", "The request is not well-formed"));
            await RefusedAsync($"GET {path}/%zz?SECRET HTTP/1.1", 400, shape("invalid_request", "The request is not well-formed"));
            await RefusedAsync($"GET https://localhost{path}/../../../../../../../SECRET HTTP/1.1", 400, shape("invalid_request", "The request is not well-formed"));
            await RefusedAsync($"GET {path}/{new string('a', 9000)} HTTP/1.1", 414, shape("invalid_request", "The address is too long"));
            await RefusedAsync($"GET {path}?SECRET={new string('a', 9000)} HTTP/1.1", 414, shape("invalid_request", "The address is too long"));
            await RefusedAsync($"GET {path} HTTP/1.1\r\nSECRET: {new string('a', 9000)}", 400, shape("invalid_request", "The request is not well-formed"));
            await RefusedAsync($"GET {path} HTTP/9.9", 505, shape("invalid_request", "The request is not well-formed"));
            await RefusedAsync($"POST {path} HTTP/1.1\r\nTransfer-Encoding: gzip", 501, shape("invalid_request", "The transfer coding is not supported"));
            await RefusedAsync($"TRACE {path} HTTP/1.1\r\nCookie: SECRET", 405, shape("method_not_allowed", "The method is not allowed"));
            await RefusedAsync($"GET {path} HTTP/1.1", 400, shape("invalid_request", "The request is not well-formed"), host: null);
        }
        foreach (string path in (string[])["/%00", "/%zz", "/../../SECRET", "SECRET"])
            await RefusedAsync($"GET {path} HTTP/1.1", 400, """{"error":"The request is not well-formed"}""");
        await RefusedAsync("GET /nginx-says HTTP/1.1", 404, """{"error":"Not found"}""");
        nginx.AccessLog.Should().Contain("\"TRACE /connect/token HTTP/1.1\" 405").And.Contain("\"GET /api/v2/slowdns/%00 ").And.NotContain("?");

        async Task RefusedAsync(string line, int status, string body, string? host = "Host: localhost\r\n")
        {
            var answer = await nginx.SendRawAsync($"{line}\r\n{host}Connection: close\r\n\r\n");
            (answer.Status, answer.Body).Should().Be((status, body.Replace("STATUS", $"{status}", StringComparison.Ordinal)), line[..Math.Min(line.Length, 60)]);
            answer.Text.Should().MatchRegex("Content-Type: application/(problem\\+)?json; charset=utf-8\r\n").And.Contain("Cache-Control: no-store\r\n").And.NotContain("nginx/").And.NotContain("SECRET");
            answer.Text.Contains("\r\nAllow: ", StringComparison.Ordinal).Should().Be(status == 405);
            answer.Text.Should().NotContain("Retry-After");
        }
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task On_plain_HTTP_it_redirects_what_reads_and_refuses_the_rest_as_the_server_does()
    {
        await using var server = await StartServerAsync();
        await using var nginx = await NginxProcess.StartAsync([PortOf(server)]);
        (await nginx.SendPlainAsync("GET /account?a=b HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")).Text.Should().StartWith("HTTP/1.1 308 ").And.Contain("Location: https://localhost/account?a=b\r\n");
        foreach (var (path, shape) in Shapes)
        {
            using var said = await server.Http.PostAsync(path, Json(new { }));
            var answer = await nginx.SendPlainAsync($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
            answer.Status.Should().Be((int)said.StatusCode, path);
            answer.Body.Should().Be(shape(path == "/connect/token" ? "invalid_request" : "https_required", "HTTPS is required").Replace("STATUS", "403", StringComparison.Ordinal));
            NamesIn(answer.Body).Should().BeSubsetOf(NamesIn(await said.Content.ReadAsStringAsync()), "the server has the same shape at {0}", path);
            answer.Text.Should().Contain("Cache-Control: no-store\r\n");
        }

        static IEnumerable<string> NamesIn(string json) => JsonDocument.Parse(json).RootElement.EnumerateObject().SelectMany(p => p.Value.ValueKind == JsonValueKind.Object ? p.Value.EnumerateObject().Select(inner => $"{p.Name}.{inner.Name}") : [p.Name]);
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task A_replica_that_is_not_there_costs_no_request_whatever_its_method()
    {
        await using var server = await StartServerAsync();
        await using var nginx = await NginxProcess.StartAsync([DeploymentFiles.FreePort(), PortOf(server), DeploymentFiles.FreePort()]);
        for (int i = 0; i < 12; i++)
            (await nginx.SendAsync("POST", "/connect/token", new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]), ("Authorization", OAuth.Basic("worker", TestImport.Secret).ToString()))).Status.Should().Be(200);
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task What_a_replica_may_have_seen_is_repeated_only_where_HTTP_says_that_it_may_be()
    {
        using FailingUpstream first = new(), second = new(), third = new();
        await using var nginx = await NginxProcess.StartAsync([first.Port, second.Port, third.Port]);
        (await nginx.SendAsync("POST", "/connect/token", Json(new { }))).Status.Should().Be(502);
        (first.Requests + second.Requests + third.Requests).Should().Be(1);
        (await nginx.SendAsync("GET", "/connect/userinfo")).Status.Should().Be(502);
        (first.Requests + second.Requests + third.Requests).Should().BeGreaterThan(2);
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task Administration_probes_and_metrics_are_not_for_everyone()
    {
        await using var server = await StartServerAsync();
        await using var nginx = await NginxProcess.StartAsync([PortOf(server)]);
        foreach (string path in (string[])["/admin", "/admin/api/clients", "/ADMIN/api/clients", "/%61dmin", "/x/../Admin/api/clients", "//admin", "/health/ready", "/metrics"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(nginx.Http.BaseAddress + path[1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            using var response = await nginx.Http.SendAsync(request);
            ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType).Should().Be((403, path.StartsWith("/admin/api", StringComparison.OrdinalIgnoreCase) ? "application/problem+json" : "application/json"), path);
        }
    }

    [Fact]
    public void For_one_server_it_is_the_same_but_for_the_upstream()
    {
        const string First = "# What was asked for, without the query";
        string[] configurations = [.. ((string[])["nginx.conf", "nginx-one.conf"]).Select(name => File.ReadAllText(DeploymentFiles.PathOf(name)))];
        configurations.Select(text => text[text.IndexOf(First, StringComparison.Ordinal)..]).Distinct().Should()
            .ContainSingle("from '{0}' on one is a copy of the other", First);
        configurations.Select(text => Regex.Count(text, @"^\s+server 127\.0\.0\.1:", RegexOptions.Multiline)).Should().Equal(3, 1);
    }

    [NeedsCommandFact(NginxProcess.Program)]
    public async Task Its_log_tells_no_secrets()
    {
        await using var server = await StartServerAsync();
        await using var nginx = await NginxProcess.StartAsync([PortOf(server)]);
        await nginx.SendAsync("GET", "/connect/userinfo?access_token=SECRET", null, ("Authorization", new AuthenticationHeaderValue("Bearer", "SECRET").ToString()), ("Cookie", "a=SECRET"), ("Referer", "https://localhost/?SECRET"));
        // It is written after the answer is sent.
        (await Eventually.TrueAsync(() => Task.FromResult(nginx.AccessLog.Contains("GET /connect/userinfo", StringComparison.Ordinal)), TimeSpan.FromSeconds(10))).Should().BeTrue();
        nginx.AccessLog.Should().Contain(NginxProcess.ClientAddress).And.NotContain("SECRET");
    }

    private async Task<ServerProcess> StartServerAsync(params (string Name, string? Value)[] settings)
    {
        await TestTemplate.CopyAsync(folder.Path);
        return await ServerProcess.StartAsync(folder.Path, [("ASPNETCORE_ENVIRONMENT", "Production"), ("TokenServer:Issuer", "https://localhost"), ("TokenServer:TrustedProxies:0", IPAddress.Loopback.ToString()), .. settings]);
    }

    private static int PortOf(ServerProcess server) => new Uri(server.Address).Port;

    private static ByteArrayContent Json(object value) => new(JsonSerializer.SerializeToUtf8Bytes(value)) { Headers = { ContentType = new("application/json") } };
}
