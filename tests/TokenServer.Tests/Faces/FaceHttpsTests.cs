using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>Plain HTTP in Production, in each face's words (contract section 3).</summary>
public sealed class FaceHttpsTests
{
    private static readonly string[] Production = [.. FaceRequests.NoLimits, "--environment=Production", "--TokenServer:Issuer=https://id.example.com"];

    [Fact]
    public async Task Production_refuses_plain_HTTP_on_every_route()
    {
        await using var server = await TestServer.StartAsync(Production);
        foreach (var (path, methods) in FaceRoute.Methods.Append(("/auth/nothing", ["GET", "POST"])).Append(("/api/tunnels/1/2", ["GET"])).Append(("/api/v1/auth", ["PUT"])))
            foreach (string method in methods.Where(m => m != "HEAD"))
                ExpectRefused(await server.CallAsync(method, path, "garbage", method == "POST" ? """{"email":"bob","username":"bob","password":"wrong"}""" : null), path);
        server.AuditedEvents().Should().NotContain("sign_in.failed");
    }

    [Fact]
    public async Task It_is_refused_before_the_body_is_read()
    {
        await using var server = await TestServer.StartAsync(Production);
        // At once: Kestrel waits some seconds for each body before it closes.
        await Task.WhenAll(FaceRoute.All.Select(async route =>
        {
            // The body never comes: who waited for it would never answer.
            var answer = await server.SendRawAsync($"POST {route.Path} HTTP/1.1\nContent-Type: application/json\nContent-Length: 1000\nExpect: 100-continue");
            answer.Status.Should().Be(403);
            answer.Body.Should().Be(Refusal(route.Path));
        }));
    }

    [Fact]
    public async Task A_trusted_proxys_word_that_it_was_HTTPS_counts()
    {
        await using var server = await TestServer.StartAsync([.. Production, "--TokenServer:TrustedProxies:0=127.0.0.1"]);
        foreach (Door door in Door.Faces.Select(d => (Door)d))
        {
            string body = $$"""{"{{door.LoginField}}":"bob","password":"{{TestImport.Password}}"}""";
            (await server.CallAsync("POST", door.Prefix + "/login", null, body, ("X-Forwarded-Proto", "https"))).Status.Should().Be(200);
            ExpectRefused(await server.CallAsync("POST", door.Prefix + "/login", null, body, ("X-Forwarded-Proto", "http")), door.Prefix + "/login");
            ExpectRefused(await server.CallAsync("POST", door.Prefix + "/login", null, body), door.Prefix + "/login");
        }
        (await server.CallAsync("GET", "/api/status", null, null, ("X-Forwarded-Proto", "https"))).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_strangers_word_does_not()
    {
        await using var server = await TestServer.StartAsync([.. Production, "--TokenServer:TrustedProxies:0=10.0.0.0/8"]);
        foreach (var (path, methods) in FaceRoute.Methods)
            ExpectRefused(await server.CallAsync(methods[0], path, null, null, ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "10.0.0.1")), path);
    }

    [Fact]
    public async Task Refused_requests_use_up_no_limit()
    {
        await using var server = await TestServer.StartAsync(["--environment=Production", "--TokenServer:Issuer=https://id.example.com", "--TokenServer:TrustedProxies:0=127.0.0.1",
            "--RateLimits:Login:Permits=1", "--RateLimits:Api:Permits=1", "--RateLimits:Password:Permits=1", "--RateLimits:Pin:Permits=1"]);
        (string Path, string Body, int Status)[] requests =
        [
            ("/api/login", "{}", 400), ("/api/verify-2fa", "{}", 400), ("/auth/verify-2fa", """{"temp_token":"x","code":"1"}""", 401),
            ("/api/v1/auth/verify-2fa", """{"temp_token":"x","code":"1"}""", 401), ("/api/auth", """{"pin":"1"}""", 500),
        ];
        foreach (var (path, body, status) in requests)
        {
            for (int i = 0; i < 3; i++) ExpectRefused(await server.CallAsync("POST", path, null, body), path);
            (await server.CallAsync("POST", path, null, body, ("X-Forwarded-Proto", "https"))).Status.Should().Be(status, path);
            (await server.CallAsync("POST", path, null, body, ("X-Forwarded-Proto", "https"))).Status.Should().Be(429, path);
        }
    }

    private static void ExpectRefused(Answer answer, string path)
    {
        FaceRoute.ExpectError(answer, 403, path);
        answer.Body.Should().Be(Refusal(path));
    }

    private static string Refusal(string path) => FaceRoute.SaysSuccess(path) ? """{"success":false,"error":"HTTPS is required"}""" : """{"error":"HTTPS is required"}""";
}
