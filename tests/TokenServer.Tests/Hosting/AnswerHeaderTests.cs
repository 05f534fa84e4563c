using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>The headers that every answer has, whoever writes it (contract section 0).</summary>
public sealed class AnswerHeaderTests
{
    private const string Hsts = "Strict-Transport-Security";
    private static readonly string[] Production =
        ["--environment=Production", "--TokenServer:Issuer=https://id.example.com", "--TokenServer:TrustedProxies:0=127.0.0.1"];

    private static readonly (string Method, string Path, string? Body, int Status)[] Answers =
    [
        ("GET", "/.well-known/jwks", null, 200), ("GET", "/.well-known/nothing", null, 404), ("POST", "/connect/token", null, 400),
        ("GET", "/connect/token", null, 405), ("POST", "/api/login", "{}", 400), ("GET", "/api/tunnels", null, 401),
        ("POST", "/auth/login", new string('x', 70_000), 413), ("GET", "/v1/auth/me", null, 401), ("POST", "/api/auth", "{", 400),
        ("GET", "/api/v1/auth/keys", null, 401), ("GET", "/api/v2/nothing", null, 404), ("POST", "/register", "[]", 400),
        ("GET", "/slowdns", null, 200), ("GET", "/slowdns/page.css", null, 200), ("GET", "/account", null, 303),
        ("GET", "/account/nothing", null, 404), ("GET", "/account/files/icon.svg", null, 200), ("GET", "/admin/api/keys", null, 401),
        ("GET", "/openapi", null, 200), ("GET", "/openapi/v1.json", null, 200), ("GET", "/health/live", null, 200), ("GET", "/", null, 404),
    ];

    [Fact]
    public async Task No_answer_lets_a_browser_guess_its_type()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var (method, path, body, status) in Answers)
        {
            var answer = await server.CallAsync(method, path, null, body);
            answer.Status.Should().Be(status, path);
            answer.Headers.GetValues("X-Content-Type-Options").Should().Equal(["nosniff"], path);
            answer.Headers.Contains(Hsts).Should().BeFalse("it is Development");
        }
    }

    [Fact]
    public async Task In_Production_every_answer_over_HTTPS_asks_for_HTTPS()
    {
        await using var server = await TestServer.StartAsync(Production);
        foreach (var (method, path, body, status) in Answers)
        {
            var answer = await server.CallAsync(method, path, null, body, ("X-Forwarded-Proto", "https"));
            answer.Status.Should().Be(status, path);
            answer.Headers.GetValues(Hsts).Should().Equal(["max-age=31536000"], path);
        }
        (await server.CallAsync("GET", "/.well-known/jwks")).Headers.Contains(Hsts).Should().BeFalse("over HTTP it means nothing (RFC 6797)");
        (await server.CallAsync("GET", "/health/live")).Headers.Contains(Hsts).Should().BeFalse();
    }

    [Theory]
    [InlineData("Production", "false", false)]
    [InlineData("Production", "true", true)]
    [InlineData("Development", "true", false)]
    public async Task The_setting_turns_it_off(string environment, string setting, bool asks)
    {
        await using var server = await TestServer.StartAsync([.. Production, $"--environment={environment}", $"--TokenServer:Hsts={setting}"]);
        var answer = await server.CallAsync("GET", "/.well-known/jwks", null, null, ("X-Forwarded-Proto", "https"));
        answer.Headers.Contains(Hsts).Should().Be(asks);
    }
}
