using TokenServer.Accounts.Pins;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>The PIN face (contract section 4).</summary>
public sealed class PinContractTests
{
    [Fact]
    public async Task The_right_PIN_gives_a_token()
    {
        await using var server = await StartAsync();
        (await server.PostJsonAsync("/api/auth", """{"pin": "1234"}""")).ShouldBe(200, """{"token":"<pin>"}""");
    }

    [Fact]
    public async Task Each_token_is_another()
    {
        await using var server = await StartAsync();
        (await server.PinTokenAsync()).Should().NotBe(await server.PinTokenAsync());
    }

    [Theory]
    [InlineData("0000")]
    [InlineData("12345")]
    [InlineData(" 1234")]
    [InlineData("1234 ")]
    [InlineData("٤٣٢١")]
    public async Task Another_PIN_is_invalid(string pin)
    {
        await using var server = await StartAsync();
        (await server.PostJsonAsync("/api/auth", new { pin })).ShouldFailPlainly(401, "Invalid PIN");
    }

    [Fact]
    public async Task A_changed_PIN_counts_at_the_next_attempt()
    {
        await using var server = await StartAsync();
        await server.Get<PinFile>().SetAsync("4321", "test");
        (await server.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin })).ShouldFailPlainly(401, "Invalid PIN");
        (await server.PostJsonAsync("/api/auth", new { pin = "4321" })).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_changed_PIN_ends_the_tokens_of_the_old_one()
    {
        await using var server = await StartAsync();
        string token = await server.PinTokenAsync();
        await server.Get<PinFile>().SetAsync("4321", "test");
        (await server.GetAsync("/api/status", token)).ShouldFailPlainly(401, "Authentication required");
    }

    [Fact]
    public async Task Without_a_file_the_PIN_cannot_be_checked()
    {
        await using var server = await TestServer.StartAsync();
        (await server.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin })).ShouldFailPlainly(500, "Failed to read PIN hash: No such file or directory");
    }

    [Fact]
    public async Task Without_its_folder_the_PIN_cannot_be_checked()
    {
        await using var server = await TestServer.StartAsync(["--Pin:HashFile=no/such/folder/pin.hash"]);
        (await server.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin })).ShouldFailPlainly(500, "Failed to read PIN hash: No such file or directory");
    }

    [Fact]
    public async Task A_folder_in_the_files_place_is_no_hash_and_the_answer_names_no_path()
    {
        await using var server = await TestServer.StartAsync();
        Directory.CreateDirectory(Path.Combine(server.Folder, "pin.hash"));
        var answer = await server.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin });
        answer.ShouldFailPlainly(500, "/^Failed to read PIN hash: .+$/");
        answer.Body.Should().NotContain(server.Folder).And.NotContain("pin.hash").And.NotContain("/");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("not a hash")]
    [InlineData("1234")]
    [InlineData("hash")]
    [InlineData("AAAA")]
    [InlineData("AQAAAAIAAYagAAAAEA==")]
    [InlineData("\0\u0001\u0002")]
    public async Task A_file_that_holds_no_hash_is_a_failure_of_the_server(string text)
    {
        await using var server = await TestServer.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "pin.hash"), text);
        var answer = await server.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin });
        answer.ShouldFailPlainly(500, "/^Failed to read PIN hash: .+$/");
        answer.Body.Should().NotContain(server.Folder);
    }

    [Fact]
    public async Task Status_tells_what_a_token_may_know()
    {
        await using var server = await StartAsync();
        string token = await server.PinTokenAsync();
        server.Clock.Advance(TimeSpan.FromSeconds(90));
        (await server.GetAsync("/api/status", token)).ShouldBe(200,
            """{"status":"ok","version":"/^[0-9]+\\.[0-9]+\\.[0-9]+.*$/","uptime_seconds":90,"token_expires_at":"2026-11-21T12:15:00Z"}""");
    }

    [Fact]
    public async Task A_token_lives_15_minutes()
    {
        await using var server = await StartAsync();
        string token = await server.PinTokenAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        (await server.GetAsync("/api/status", token)).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await server.GetAsync("/api/status", token)).ShouldFailPlainly(401, "Authentication required");
    }

    [SqliteFact("replicas share their tokens, which outlive each of them")]
    public async Task A_token_is_gone_after_a_restart()
    {
        await using var server = await StartAsync();
        string token = await server.PinTokenAsync();
        await server.StopAsync();
        await using var next = await TestServer.StartAsync(folder: server.Folder, clock: server.Clock);
        (await next.GetAsync("/api/status", token)).ShouldFailPlainly(401, "Authentication required");
        (await next.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin })).Status.Should().Be(200);
    }

    [Fact]
    public async Task Status_takes_nothing_but_a_PIN_token()
    {
        await using var server = await StartAsync();
        string session = await server.SessionTokenAsync(), pin = await server.PinTokenAsync();
        string[] others = [session, (await server.ApiKeyAsync(session)).Key, await server.WorkerTokenAsync(), new('a', 64), pin.ToUpperInvariant(), pin[..^1], pin + "0", "garbage"];
        foreach (string other in others) (await server.GetAsync("/api/status", other)).ShouldFailPlainly(401, "Authentication required");
        (await server.GetAsync("/api/status")).ShouldFailPlainly(401, "Authentication required");
    }

    [Fact]
    public async Task A_PIN_token_is_good_on_no_other_face()
    {
        await using var server = await StartAsync();
        string token = await server.PinTokenAsync();
        (await server.GetAsync("/auth/me", token)).ShouldFail(401, "Invalid token");
        (await server.PostJsonAsync("/auth/logout", null, token)).ShouldFail(401, "Invalid token");
        (await server.GetAsync("/api/tunnels", token)).ShouldFail(401, "Invalid token");
        (await server.GetAsync("/api/v1/auth/keys", token)).ShouldFailPlainly(401, "Authentication required");
        (await server.UserInfoAsync(token)).Status.Should().Be(401);
    }

    [Fact]
    public async Task The_eleventh_attempt_in_a_minute_is_refused_however_right_it_is()
    {
        await using var server = await StartAsync();
        for (int i = 0; i < 9; i++) (await server.PostJsonAsync("/api/auth", new { pin = "0000" })).Status.Should().Be(401);
        (await server.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin })).Status.Should().Be(200);
        server.Clock.Advance(TimeSpan.FromSeconds(20));
        var refused = await server.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin });
        refused.ShouldFailPlainly(429, "Rate limited");
        refused.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task The_window_slides_so_that_one_attempt_passes_as_soon_as_the_first_is_a_minute_old()
    {
        // Without a file an attempt counts, and costs no hash.
        await using var server = await TestServer.StartAsync();
        for (int i = 0; i < 10; i++)
        {
            (await server.PostJsonAsync("/api/auth", new { pin = "x" })).Status.Should().Be(500);
            server.Clock.Advance(TimeSpan.FromSeconds(5));
        }
        for (int i = 0; i < 10; i++)
        {
            server.Clock.Advance(i == 0 ? TimeSpan.FromSeconds(9.999) : TimeSpan.FromSeconds(4.999));
            (await server.PostJsonAsync("/api/auth", new { pin = "x" })).Status.Should().Be(429);
            server.Clock.Advance(TimeSpan.FromSeconds(0.001));
            (await server.PostJsonAsync("/api/auth", new { pin = "x" })).Status.Should().Be(500);
            (await server.PostJsonAsync("/api/auth", new { pin = "x" })).Status.Should().Be(429);
        }
    }

    [Fact]
    public async Task Sixty_seconds_after_the_last_all_ten_attempts_are_there_again()
    {
        await using var server = await TestServer.StartAsync();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 10; i++) (await server.PostJsonAsync("/api/auth", new { pin = "x" })).Status.Should().Be(500);
            for (int i = 0; i < 5; i++) (await server.PostJsonAsync("/api/auth", new { pin = "x" })).Status.Should().Be(429);
            server.Clock.Advance(TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public async Task Each_address_has_its_own_limit()
    {
        await using var server = await TestServer.StartAsync(["--TokenServer:TrustedProxies:0=127.0.0.1"]);
        for (int i = 0; i < 10; i++) (await FromAsync(server, "192.0.2.1")).Status.Should().Be(500);
        (await FromAsync(server, "192.0.2.1")).ShouldFailPlainly(429, "Rate limited");
        (await FromAsync(server, "192.0.2.2")).Status.Should().Be(500);
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync();
        await server.SetPinAsync();
        return server;
    }

    private static Task<Answer> FromAsync(TestServer server, string address)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth") { Content = new StringContent("""{"pin":"x"}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
        return server.SendAsync(request);
    }
}
