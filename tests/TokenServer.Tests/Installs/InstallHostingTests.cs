using TokenServer.Storage;
using TokenServer.Tests.Support;
using static TokenServer.Tests.Support.Installation;

namespace TokenServer.Tests.Installs;

/// <summary>What the host does for the lifecycle's routes: HTTPS, a database that does not answer, CORS (contract sections 0 and 3).</summary>
public sealed class InstallHostingTests
{
    private const string Origin = "https://app.example.com", Allows = "Access-Control-Allow-Origin";
    private static readonly string[] Production = ["--environment=Production", "--TokenServer:Issuer=https://id.example.com"];

    private static readonly (string Method, string Path)[] Enveloped =
    [
        ("POST", "/api/v2/slowdns/code/issue"), ("POST", "/api/v2/slowdns/install/precheck"), ("POST", "/api/v2/slowdns/install/activate"),
        ("POST", "/api/v2/slowdns/install/confirm"), ("POST", "/api/v2/slowdns/install/release"),
    ];

    private static readonly (string Method, string Path)[] Flat = [("POST", "/register"), ("POST", "/checkin"), ("POST", "/revoke"), ("GET", "/status")];

    [Fact]
    public async Task Production_refuses_plain_HTTP_in_the_shape_of_the_route()
    {
        await using var server = await InstallServer.StartAsync(Production);
        foreach (var (method, path) in Enveloped.Append(("GET", "/api/v2/nothing")).Append(("PUT", "/api/v2/slowdns/code/issue")).Append(("GET", "/api/v2/healthz/more")))
            (await server.CallAsync(method, path)).ShouldRefuse(403, "https_required");
        foreach (var (method, path) in Flat.Append(("DELETE", "/register")))
            (await server.CallAsync(method, path, "garbage")).ShouldRefuseFlat(403, "https_required");
        foreach (string path in (string[])["/slowdns", "/slowdns/install.sh", "/slowdns/nothing"]) ExpectPage(await server.CallAsync("GET", path), 403);
        InstallAudit.Of(server).Should().BeEmpty();
    }

    [Fact]
    public async Task It_is_refused_before_the_body_is_read()
    {
        await using var server = await InstallServer.StartAsync(Production);
        // Together: the server waits a while for the rest of each before it closes the connection.
        await Task.WhenAll(Enveloped.Concat(Flat.Where(r => r.Method == "POST")).Select(async route =>
        {
            // The body never comes: who waited for it would never answer.
            var answer = await server.SendRawAsync($"POST {route.Path} HTTP/1.1\nContent-Type: application/json\nContent-Length: 1000\nExpect: 100-continue");
            (answer.Status, answer.Body.Contains("\"https_required\"", StringComparison.Ordinal)).Should().Be((403, true), route.Path);
        }));
    }

    [Fact]
    public async Task Healthz_alone_stays_open()
    {
        await using var server = await InstallServer.StartAsync(Production);
        (await server.CallAsync("GET", "/api/v2/healthz")).ShouldBe(200, """{"data":{"status":"ok"},"meta":{"message":"OK"}}""");
        var wrong = await server.CallAsync("POST", "/api/v2/healthz");
        wrong.Status.Should().Be(405, "it is open for every method");
    }

    [Fact]
    public async Task A_trusted_proxys_word_that_it_was_HTTPS_counts_and_makes_a_whole_install()
    {
        await using var server = await InstallServer.StartAsync([.. Production, "--TokenServer:TrustedProxies:0=127.0.0.1"]);
        var install = await new Installation(server, ("X-Forwarded-Proto", "https")).UpToAsync(Confirm);
        (await install.DoAsync(CheckIn)).Status.Should().Be(200);
        install.Headers = [];
        (await install.DoAsync(CheckIn)).ShouldRefuseFlat(403, "https_required");
    }

    [Fact]
    public async Task The_page_is_this_site_by_the_address_the_proxy_says_it_has()
    {
        await using var server = await InstallServer.StartAsync([.. Production, "--TokenServer:TrustedProxies:0=127.0.0.1"]);
        (string, string)[] forwarded = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "dns.example.com")];
        (await new Installation(server, [.. forwarded, ("Origin", "https://dns.example.com")]).DoAsync(Issue)).Status.Should().Be(201);
        foreach (string origin in (string[])["http://dns.example.com", "https://evil.example.com", server.Address, "null"])
            (await new Installation(server, [.. forwarded, ("Origin", origin)]).DoAsync(Issue)).ShouldRefuse(403, "cross_site_request");
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_503_in_the_shape_of_the_route()
    {
        // A server of PostgreSQL of its own, which it may stop.
        await using var postgres = TestDatabases.ArePostgres ? await PostgresServer.StartAsync() : null;
        string[] database = postgres is null ? [] : ["--ConnectionStrings:Default=" + (await postgres.CreateDatabaseAsync()).ConnectionString];
        await using var server = await InstallServer.StartAsync([.. InstallRequests.NoInstallLimits, .. database]);
        Installation opened = await new Installation(server).OpenPageAsync(), issued = await new Installation(server).UpToAsync(Issue);
        Installation prechecked = await new Installation(server).UpToAsync(Precheck), registered = await new Installation(server).UpToAsync(Register);
        string browser = await server.Http.OpenPageAsync();
        await (postgres?.StopAsync() ?? BreakAsync(server));
        foreach (var (install, step) in ((Installation, string)[])[(opened, Issue), (issued, Precheck), (prechecked, Activate), (registered, Confirm), (registered, Release)])
            ExpectRetry(await install.DoAsync(step)).ShouldRefuse(503, "unavailable");
        foreach (string step in (string[])[Register, CheckIn, Revoke]) ExpectRetry(await registered.DoAsync(step)).ShouldRefuseFlat(503, "unavailable");
        ExpectRetry(await server.CallAsync("GET", "/status", registered.ServerToken)).ShouldRefuseFlat(503, "unavailable");
        ExpectRetry(await server.CallAsync("GET", "/api/v2/healthz")).ShouldRefuse(503, "unavailable");
        ExpectPage(ExpectRetry(await server.CallAsync("POST", "/slowdns", null, null, ("Cookie", browser))), 503);
        (await server.CallAsync("GET", "/status")).ShouldBe(200, """{"status":"ok"}""");
        var granted = ExpectRetry(await server.GrantAsync(prechecked, null, ("client_id", "installer")));
        (granted.Status, granted["error"]).Should().Be((503, "temporarily_unavailable"));
        ExpectRetry(await server.IntrospectAsync(registered.InstallToken, "fleet")).Status.Should().Be(503);
    }

    [Fact]
    public async Task Issuing_codes_is_open_to_no_other_origin_and_the_rest_of_the_API_to_those_of_the_setting()
    {
        await using var server = await InstallServer.StartAsync("--TokenServer:AllowedOrigins:0=" + Origin);
        foreach (string path in (string[])["/api/v2/slowdns/code/issue", "/api/v2/slowdns/code/issue/", "/API/v2/SlowDNS/Code/Issue", "/slowdns"])
        {
            foreach (string method in (string[])["POST", "GET", "OPTIONS"])
                (await server.CallAsync(method, path, null, null, ("Origin", Origin), ("Access-Control-Request-Method", "POST"))).Headers.Contains(Allows).Should().BeFalse("{0} {1}", method, path);
        }
        (await server.CallAsync("POST", "/api/v2/slowdns/install/precheck", null, "{}", ("Origin", Origin))).Headers.GetValues(Allows).Should().Equal(Origin);
        (await server.CallAsync("GET", "/api/v2/healthz", null, null, ("Origin", "https://evil.example.com"))).Headers.Contains(Allows).Should().BeFalse();
        (await new Installation(server, ("Origin", Origin)).DoAsync(Issue)).ShouldRefuse(403, "cross_site_request");
    }

    private static Answer ExpectRetry(Answer answer)
    {
        answer.Headers.RetryAfter!.Delta.Should().BePositive();
        return answer;
    }

    private static void ExpectPage(Answer answer, int status)
    {
        (answer.Status, answer.ContentHeaders.ContentType?.ToString()).Should().Be((status, "text/html; charset=utf-8"));
        answer.Headers.Contains("Content-Security-Policy").Should().BeTrue();
    }

    // Nothing can be written any more, and what the lifecycle reads is gone.
    private static Task BreakAsync(TestServer server) => server.Get<Database>().WriteAsync(s =>
    {
        foreach (string table in (string[])["InstallKeys", "InstallServers"]) s.Execute($"""ALTER TABLE "{table}" RENAME TO "{table}Gone" """);
        s.Execute("PRAGMA query_only=ON");
    });
}
