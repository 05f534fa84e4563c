using TokenServer.Tests.Support;

namespace TokenServer.Tests.Hosting;

/// <summary>Plain HTTP in Production, and whom the forwarded headers are believed from (contract sections 0 and 3).</summary>
public sealed class HttpsTests
{
    private static readonly string[] Production = ["--environment=Production", "--TokenServer:Issuer=https://id.example.com"];

    [Theory]
    [InlineData("POST", "/connect/token")]
    [InlineData("POST", "/connect/introspect")]
    [InlineData("POST", "/connect/revoke")]
    [InlineData("GET", "/connect/userinfo")]
    [InlineData("GET", "/connect/nothing")]
    public async Task Production_refuses_plain_HTTP(string method, string path)
    {
        await using var server = await TestServer.StartAsync(Production);
        var answer = await SendAsync(server, method, path);
        (answer.Status, answer["error"]).Should().Be((400, "invalid_request"));
        answer["error_description"].Should().Contain("HTTPS");
    }

    [Fact]
    public async Task Plain_HTTP_may_be_allowed_in_Production()
    {
        await using var server = await TestServer.StartAsync([.. Production, "--TokenServer:RequireHttps=false"]);
        (await server.SignInAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task Plain_HTTP_may_be_refused_in_Development()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:RequireHttps=true"]);
        (await server.SignInAsync())["error"].Should().Be("invalid_request");
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    public async Task A_trusted_proxys_word_that_it_was_HTTPS_counts(string proxy)
    {
        await using var server = await TestServer.StartAsync([.. Production, $"--TokenServer:TrustedProxies:0={proxy}"]);
        (await SendAsync(server, "GET", "/.well-known/openid-configuration", ("X-Forwarded-Proto", "https"))).Status.Should().Be(200);
        (await SendAsync(server, "GET", "/.well-known/openid-configuration", ("X-Forwarded-Proto", "http"))).Status.Should().Be(400);
        (await SendAsync(server, "GET", "/.well-known/openid-configuration")).Status.Should().Be(400);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.1.2.3")]
    public async Task Anyone_elses_word_does_not(string? proxy)
    {
        await using var server = await TestServer.StartAsync([.. Production, .. proxy is null ? Array.Empty<string>() : [$"--TokenServer:TrustedProxies:0={proxy}"]]);
        (await SendAsync(server, "GET", "/.well-known/openid-configuration", ("X-Forwarded-Proto", "https"))).Status.Should().Be(400);
    }

    [Fact]
    public async Task Without_an_issuer_the_forwarded_host_of_a_trusted_proxy_names_the_server()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:TrustedProxies:0=127.0.0.1"]);
        var answer = await SendAsync(server, "GET", "/.well-known/openid-configuration", ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "id.example.com"));
        answer["issuer"].Should().Be("https://id.example.com");
    }

    [Fact]
    public async Task Without_trusted_proxies_forwarded_headers_change_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await SendAsync(server, "GET", "/.well-known/openid-configuration", ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "id.example.com"));
        answer["issuer"].Should().Be(server.Address);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https")]
    public async Task What_is_refused_to_a_proxy_on_this_machine_is_said_once_in_the_log(string? forwarded)
    {
        await using var server = await TestServer.StartAsync(Production);
        (string, string)[] headers = forwarded is null ? [] : [("X-Forwarded-Proto", forwarded)];
        for (int i = 0; i < 3; i++) await SendAsync(server, "GET", "/.well-known/jwks", headers);
        server.Log.Lines.Where(l => l.Contains("TokenServer:TrustedProxies", StringComparison.Ordinal)).Should().ContainSingle()
            .Which.Should().StartWith("Warning").And.Contain("127.0.0.1").And.Contain("X-Forwarded-Proto");
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", null, true)]
    [InlineData("http://127.0.0.1:0", "127.0.0.1,::1", false)]
    public async Task A_start_that_nobody_can_reach_by_HTTPS_warns(string address, string? proxies, bool warns)
    {
        using var folder = await TestTemplate.FolderAsync();
        await using var server = await ServerProcess.StartAtAsync(address, folder.Path, ("ASPNETCORE_ENVIRONMENT", "Production"),
            ("TokenServer:Issuer", "https://id.example.com"), ("TokenServer:TrustedProxies", proxies));
        await server.TerminateAsync();
        (await server.WaitAsync()).Should().Be(0);
        server.Output.Any(l => l.Contains("nothing brings HTTPS here", StringComparison.Ordinal)).Should().Be(warns);
    }

    private static Task<Answer> SendAsync(TestServer server, string method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return server.SendAsync(request);
    }
}
