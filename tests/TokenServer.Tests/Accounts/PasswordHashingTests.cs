using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using TokenServer.Accounts;
using TokenServer.Protection;
using TokenServer.Storage;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Accounts;

/// <summary>Stored hashes that are renewed, and the bounded queue of docs/decisions/0006.</summary>
public sealed class PasswordHashingTests
{
    [Fact]
    public async Task A_hash_of_fewer_rounds_is_renewed_at_the_next_sign_in_and_still_good()
    {
        await using var server = await TestServer.StartAsync(hashesInEarnest: true);
        string weak = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 1000 })).HashPassword(this, TestImport.Password);
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "PasswordHash"=@p0 WHERE "UserName"='bob'""", weak));
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
        string renewed = HashOf(server, "bob");
        renewed.Should().NotBe(weak);
        RoundsOf(renewed).Should().Be(PasswordHashing.Rounds);
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
        HashOf(server, "bob").Should().Be(renewed);
    }

    [Fact]
    public async Task A_wrong_password_renews_no_hash()
    {
        await using var server = await TestServer.StartAsync(hashesInEarnest: true);
        string weak = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 1000 })).HashPassword(this, TestImport.Password);
        await server.Get<Database>().WriteAsync(s => s.Execute("""UPDATE "AspNetUsers" SET "PasswordHash"=@p0 WHERE "UserName"='bob'""", weak));
        (await server.SignInAsync(user: "bob", password: "wrong")).Status.Should().Be(400);
        HashOf(server, "bob").Should().Be(weak);
    }

    [Fact]
    public async Task When_too_many_wait_the_answer_is_503_with_Retry_After()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Password:Permits=1000"], hashesInEarnest: true);
        // The client's secret is remembered from here on, so that what follows waits for passwords alone.
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
        var waiting = FillQueue(server.Get<PasswordHashing>());
        // Each thread may still take a hash from the full queue, so that many find a place; one more does not.
        var answers = await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount + 1).Select(_ => server.SignInAsync(user: "bob")));
        answers.Should().OnlyContain(a => a.Status == 200 || a.Status == 503);
        var refused = answers.First(a => a.Status == 503);
        refused["error"].Should().Be("temporarily_unavailable");
        refused.Headers.RetryAfter!.Delta.Should().BePositive();
        waiting.Should().HaveCountGreaterThanOrEqualTo(64 * Environment.ProcessorCount);
        await Task.WhenAll(waiting);
        (await server.SignInAsync(user: "bob")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Requests_that_hash_nothing_are_served_while_the_queue_is_full()
    {
        await using var server = await TestServer.StartAsync(hashesInEarnest: true);
        string token = (await server.SignInAsync(user: "bob"))["access_token"]!;
        (await server.IsActiveAsync(token)).Should().BeTrue();
        var waiting = FillQueue(server.Get<PasswordHashing>());
        (await server.IsActiveAsync(token)).Should().BeTrue();
        (await server.RefreshAsync("rt_" + new string('A', 43)))["error"].Should().Be("invalid_grant");
        waiting.Should().Contain(w => !w.IsCompleted);
        await Task.WhenAll(waiting);
    }

    // Hashes that hold every thread for seconds, and behind them as many short ones as may wait.
    internal static List<Task> FillQueue(PasswordHashing hashing)
    {
        string slow = Hash(rounds: 3_000_000), quick = Hash(rounds: 1);
        var waiting = new List<Task>(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => hashing.VerifyAsync(slow, "x")));
        for (Task<PasswordVerificationResult?> last; !(last = hashing.VerifyAsync(quick, "x")).IsCompleted;) waiting.Add(last);
        return waiting;
    }

    // Identity's format V3: version, function (2: SHA-512), rounds, size of the salt, salt, subkey; numbers are big-endian.
    private static string Hash(int rounds) =>
        Convert.ToBase64String([1, 0, 0, 0, 2, (byte)(rounds >> 24), (byte)(rounds >> 16), (byte)(rounds >> 8), (byte)rounds, 0, 0, 0, 16, .. new byte[16 + 32]]);

    private static string HashOf(TestServer server, string user) => server.Get<UserAccounts>().FindByLogin(user)!.PasswordHash!;

    private static int RoundsOf(string hash) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(hash).AsSpan(5));
}
