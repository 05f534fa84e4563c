using TokenServer.Accounts.Pins;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Faces;

/// <summary>The PIN face's file, read at each attempt (contract section 4).</summary>
public sealed class PinFileTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("1234")]
    [InlineData("not a hash at all!")]
    [InlineData("AAAA")]
    [InlineData("AQAAAAIAAzRQ")]
    [InlineData("AQAAAAIAAzRQAAAAEAAAAAAAAAAA")]
    [InlineData("é😀")]
    public async Task A_file_that_holds_no_hash_is_a_clear_500(string text)
    {
        await using var server = await TestServer.StartAsync();
        await File.WriteAllTextAsync(PathOf(server), text);
        var answer = await TryAsync(server, "1234");
        (answer.Status, answer.Body).Should().Be((500, """{"error":"Failed to read PIN hash: the file holds no hash"}"""));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_a_clear_500_without_a_path()
    {
        await using var server = await TestServer.StartAsync();
        (await TryAsync(server, "1234")).Body.Should().Be("""{"error":"Failed to read PIN hash: No such file or directory"}""");
        Directory.CreateDirectory(PathOf(server));
        var answer = await TryAsync(server, "1234");
        answer.Status.Should().Be(500);
        answer["error"].Should().MatchRegex("^Failed to read PIN hash: [A-Z][a-z ]+$");
    }

    [Fact]
    public async Task A_broken_file_shows_nothing_of_itself()
    {
        await using var server = await TestServer.StartAsync();
        await File.WriteAllTextAsync(PathOf(server), "the secret of another file");
        var answer = await TryAsync(server, "1234");
        answer.Body.Should().NotContain("secret");
        server.Log.Lines.Should().NotContain(l => l.Contains("the secret of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_PIN_counts_at_once_and_ends_the_tokens_of_the_old_one()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<PinFile>().SetAsync("1234", "test");
        string old = (await TryAsync(server, "1234"))["token"]!;
        (await StatusAsync(server, old)).Status.Should().Be(200);
        await server.Get<PinFile>().SetAsync("5678", "test");
        (await StatusAsync(server, old)).Body.Should().Be("""{"error":"Authentication required"}""");
        (await TryAsync(server, "1234")).Status.Should().Be(401);
        string fresh = (await TryAsync(server, "5678"))["token"]!;
        (await StatusAsync(server, fresh)).Status.Should().Be(200);
        (await StatusAsync(server, old)).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_changed_PIN_makes_the_old_tokens_inactive()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddRelayAsync();
        await server.Get<PinFile>().SetAsync("1234", "test");
        string old = (await TryAsync(server, "1234"))["token"]!;
        (await server.IsActiveAsync(old, "relay")).Should().BeTrue();
        await server.Get<PinFile>().SetAsync("5678", "test");
        (await server.IsActiveAsync(old, "relay")).Should().BeFalse();
    }

    [Fact]
    public async Task A_PIN_that_was_changed_while_it_was_checked_gives_no_token_of_the_new_one()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<PinFile>().SetAsync("1234", "test");
        var (isRight, hash) = await server.Get<PinFile>().VerifyAsync("1234", null);
        await server.Get<PinFile>().SetAsync("5678", "test");
        isRight.Should().BeTrue();
        (await StatusAsync(server, await server.Get<PinTokens>().IssueAsync(hash))).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_file_that_is_gone_for_a_while_is_read_again_when_it_is_back()
    {
        await using var server = await TestServer.StartAsync();
        await server.Get<PinFile>().SetAsync("1234", "test");
        File.Move(PathOf(server), PathOf(server) + ".away");
        (await TryAsync(server, "1234")).Status.Should().Be(500);
        File.Move(PathOf(server) + ".away", PathOf(server));
        (await TryAsync(server, "1234")).Status.Should().Be(200);
    }

    private static string PathOf(TestServer server) => Path.Combine(server.Folder, "pin.hash");

    private static Task<Answer> TryAsync(TestServer server, string pin) => server.CallAsync("POST", "/api/auth", null, new { pin });

    private static Task<Answer> StatusAsync(TestServer server, string token) => server.CallAsync("GET", "/api/status", token);
}
