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
        answer.Headers.GetValues("Access-Control-Allow-Headers").Single().Should().ContainEquivalentOf("Authorization");
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
