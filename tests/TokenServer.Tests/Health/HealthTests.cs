using Microsoft.Extensions.Hosting;
using TokenServer.Keys;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Health;

/// <summary>What orchestrators and load balancers ask.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task A_server_that_works_says_so_by_GET_and_by_HEAD(string path, string status)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.CallAsync("GET", path);
        answer.ShouldBe(200, $$"""{"status":"{{status}}"}""");
        answer.Headers.CacheControl!.ToString().Should().Be("no-store");
        answer.ContentHeaders.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
        var head = await server.CallAsync("HEAD", path);
        (head.Status, head.Body, head.ContentHeaders.ContentLength).Should().Be((200, "", answer.ContentHeaders.ContentLength));
        (await server.CallAsync("POST", path)).ShouldFailPlainly(405, "Method Not Allowed");
    }

    [Fact]
    public async Task Probes_come_over_plain_HTTP_and_as_often_as_they_like()
    {
        await using var server = await TestServer.StartAsync(["--environment=Production", "--TokenServer:Issuer=https://id.example.com", "--RateLimits:Api:Permits=1"]);
        (await server.CallAsync("GET", "/auth/me")).Status.Should().Be(403);
        for (int i = 0; i < 50; i++)
            foreach (string path in (string[])["/health/live", "/health/ready"]) (await server.CallAsync("GET", path)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_server_that_was_told_to_stop_is_not_ready_and_still_serves()
    {
        await using var server = await TestServer.StartAsync();
        server.Get<IHostApplicationLifetime>().StopApplication();
        var ready = await server.CallAsync("GET", "/health/ready");
        ready.ShouldBe(503, """{"status":"unavailable","checks":{"database":"ok","schema":"ok","signing_key":"ok","draining":"stopping"}}""");
        ready.Headers.CacheControl!.ToString().Should().Be("no-store");
        (await server.CallAsync("GET", "/health/live")).Status.Should().Be(200);
        (await server.SignInAsync()).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_makes_it_unready_and_leaves_it_alive()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<Database>().WriteAsync(s => s.Execute("""ALTER TABLE "__EFMigrationsHistory" RENAME TO "Gone" """));
        await ExpectAsync(server, "database", "failed");
        (await server.CallAsync("GET", "/health/live")).Status.Should().Be(200);
        await server.Get<Database>().WriteAsync(s => s.Execute("""ALTER TABLE "Gone" RENAME TO "__EFMigrationsHistory" """));
        (await server.CallAsync("GET", "/health/ready")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("__EFMigrationsHistory")]
    [InlineData("__InstallLifecycleMigrationsHistory")]
    public async Task A_database_without_the_tables_of_this_version_makes_it_unready(string history)
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<Database>().WriteAsync(s => s.Execute($"""DELETE FROM "{history}" """));
        await ExpectAsync(server, "schema", "outdated");
    }

    [Fact]
    public async Task Without_a_signing_key_it_is_not_ready()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<Database>().WriteAsync(s => s.Execute("""DELETE FROM "SigningKeys" """));
        server.Get<KeyRing>().Reload();
        await ExpectAsync(server, "signing_key", "missing");
    }

    private static async Task ExpectAsync(TestServer server, string check, string state)
    {
        var ready = await server.CallAsync("GET", "/health/ready");
        (ready.Status, ready["status"], ready.Json.GetProperty("checks").GetProperty(check).GetString()).Should().Be((503, "unavailable", state));
    }
}
