using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>CORS is for the origins of the setting and for nobody else (contract section 0).</summary>
public sealed class AllowedOriginsTests
{
    private const string Allowed = "https://app.example.com", Header = "Access-Control-Allow-Origin";
    private static readonly string[] Settings = ["--TokenServer:AllowedOrigins:0=" + Allowed];

    [Fact]
    public async Task An_allowed_origin_may_read_the_answers_errors_too()
    {
        await using var server = await TestServer.StartAsync(Settings);
        foreach (string path in new[] { "/.well-known/openid-configuration", "/.well-known/jwks", "/connect/userinfo", "/connect/nothing" })
            (await SendAsync(server, HttpMethod.Get, path, Allowed)).Headers.GetValues(Header).Should().Equal([Allowed], "{0}", path);
        (await SendAsync(server, HttpMethod.Post, "/connect/token", Allowed)).Headers.GetValues(Header).Should().Equal(Allowed);
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com.evil.example")]
    [InlineData("null")]
    public async Task Another_origin_may_not(string origin)
    {
        await using var server = await TestServer.StartAsync(Settings);
        (await SendAsync(server, HttpMethod.Get, "/.well-known/jwks", origin)).Headers.Contains(Header).Should().BeFalse();
    }

    [Fact]
    public async Task Without_the_setting_no_origin_may()
    {
        await using var server = await TestServer.StartAsync();
        (await SendAsync(server, HttpMethod.Get, "/.well-known/jwks", Allowed)).Headers.Contains(Header).Should().BeFalse();
    }

    [Fact]
    public async Task A_preflight_of_an_allowed_origin_is_granted()
    {
        await using var server = await TestServer.StartAsync(Settings);
        var answer = await PreflightAsync(server, "/connect/token", Allowed);
        answer.Status.Should().Be(204);
        answer.Headers.GetValues(Header).Should().Equal(Allowed);
        answer.Headers.GetValues("Access-Control-Allow-Headers").Single().Split(',').Should().BeEquivalentTo("Authorization", "Content-Type", "DPoP");
        answer.Headers.Contains("Access-Control-Allow-Credentials").Should().BeFalse();
    }

    [Theory]
    [InlineData("/admin/api/clients")]
    [InlineData("/api/v2/slowdns/code/issue")]
    [InlineData("/slowdns")]
    public async Task Administration_issuing_and_pages_are_for_no_other_origin(string path)
    {
        await using var server = await TestServer.StartAsync(Settings);
        (await SendAsync(server, HttpMethod.Get, path, Allowed)).Headers.Contains(Header).Should().BeFalse();
        (await PreflightAsync(server, path, Allowed)).Headers.Contains(Header).Should().BeFalse();
    }

    [Fact]
    public async Task Whatever_refuses_a_request_the_script_may_read_it()
    {
        string[] limits = ["--RateLimits:Login:Permits=1", "--RateLimits:Api:Permits=1", "--RateLimits:Password:Permits=1"];
        await using var server = await TestServer.StartAsync([.. Settings, .. limits]);
        string large = new('x', 70_000);
        (string Method, string Path, string? Body, int Status)[] refused =
        [
            ("POST", "/api/login", "{}", 400), ("POST", "/api/login", "{}", 429), ("GET", "/api/tunnels", null, 401), ("GET", "/api/tunnels", null, 429),
            ("POST", "/auth/login", large, 413), ("POST", "/connect/token", large, 413), ("GET", "/nothing", null, 404),
            ("DELETE", "/connect/token", null, 405), ("POST", "/api/v1/auth/login", "{", 400), ("POST", "/register", "{}", 400),
        ];
        foreach (var (method, path, body, status) in refused)
        {
            var answer = await server.CallAsync(method, path, null, body, ("Origin", Allowed));
            answer.Status.Should().Be(status, path);
            MayRead(answer, path);
        }
        await using var strict = await TestServer.StartAsync([.. Settings, "--TokenServer:RequireHttps=true"]);
        foreach (string path in (string[])["/api/login", "/auth/login", "/connect/token", "/api/auth", "/nothing"])
        {
            var answer = await strict.CallAsync("POST", path, null, "{}", ("Origin", Allowed));
            answer.Body.Should().Contain("HTTPS is required");
            MayRead(answer, path);
        }
        (await PreflightAsync(strict, "/api/login", Allowed)).Headers.GetValues(Header).Should().Equal(Allowed);
    }

    [Fact]
    public async Task A_server_that_fails_says_so_to_the_script_too()
    {
        await using var server = await TestServer.StartAsync(Settings);
        await server.Get<Database>().WriteAsync(s => s.Execute("""ALTER TABLE "AspNetUsers" RENAME TO "Gone" """));
        var answer = await server.CallAsync("POST", "/auth/login", null, """{"email":"bob","password":"x"}""", ("Origin", Allowed));
        answer.Status.Should().BeGreaterThanOrEqualTo(500);
        MayRead(answer, "/auth/login");
    }

    [Theory]
    [InlineData("https://app.example.com", "https://app.example.com.")]
    [InlineData("https://APP.example.com", "https://app.example.com")]
    [InlineData("https://app.example.com.", "https://app.example.com")]
    [InlineData("https://b\u00fccher.example", "https://xn--bcher-kva.example")]
    [InlineData("https://XN--BCHER-KVA.example:8443", "https://xn--bcher-kva.example:8443")]
    [InlineData("https://app.example.com:443", "https://app.example.com")]
    [InlineData("http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080")]
    public async Task A_host_is_one_however_it_is_spelled(string setting, string origin)
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:AllowedOrigins:0=" + setting]);
        (await SendAsync(server, HttpMethod.Get, "/.well-known/jwks", origin)).Headers.GetValues(Header).Should().Equal(origin);
    }

    [Fact]
    public async Task What_differs_by_origin_says_so_to_everybody()
    {
        await using var server = await TestServer.StartAsync([.. Settings, "--TokenServer:AllowedOrigins:1=https://other.example.com"]);
        foreach (string? origin in (string?[])[null, Allowed, "https://evil.example.com", "null"])
            foreach (string path in (string[])["/.well-known/jwks", "/connect/nothing", "/api/tunnels"])
                (await server.CallAsync("GET", path, null, null, origin is null ? [] : [("Origin", origin)])).Headers.Vary.Should().Equal(["Origin"], "{0}", path);
        foreach (string path in (string[])["/slowdns", "/account/sign-in", "/admin/api/keys"])
            (await server.CallAsync("GET", path)).Headers.Vary.Should().BeEmpty(path);
        await using var alone = await TestServer.StartAsync();
        (await alone.CallAsync("GET", "/.well-known/jwks")).Headers.Vary.Should().BeEmpty();
    }

    private static void MayRead(Answer answer, string path)
    {
        answer.Headers.GetValues(Header).Should().Equal([Allowed], path);
        answer.Headers.Vary.Should().Equal(["Origin"], path);
        answer.Headers.GetValues("Access-Control-Expose-Headers").SelectMany(h => h.Split(',')).Should()
            .BeEquivalentTo("Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "WWW-Authenticate", "DPoP-Nonce");
    }

    private static Task<Answer> SendAsync(TestServer server, HttpMethod method, string path, string origin)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        return server.SendAsync(request);
    }

    private static Task<Answer> PreflightAsync(TestServer server, string path, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return server.SendAsync(request);
    }
}
