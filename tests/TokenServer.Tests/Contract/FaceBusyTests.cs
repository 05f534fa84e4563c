using TokenServer.Protection;
using TokenServer.Tests.Accounts;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Contract;

/// <summary>What each face says while too many passwords wait to be hashed (docs/decisions/0006).</summary>
[Collection(Alone.Name)]
public sealed class FaceBusyTests
{
    [Fact]
    public async Task A_face_that_cannot_hash_now_answers_503_in_its_own_shape()
    {
        await using var server = await TestServer.StartAsync(["--RateLimits:Login:Permits=1000", "--RateLimits:Pin:Permits=1000", "--RateLimits:Password:Permits=1000"], hashesInEarnest: true);
        await server.SetPinAsync();
        var waiting = PasswordHashingTests.FillQueue(server.Get<PasswordHashing>());
        await Task.WhenAll(
            ExpectAsync(() => server.InTunnelLoginAsync(), a => a.ShouldFail(503, "<text>")),
            ExpectAsync(() => server.VpnLoginAsync(), a => a.ShouldFail(503, "<text>")),
            ExpectAsync(() => server.AccountLoginAsync(), a => a.ShouldFailPlainly(503, "<text>")),
            ExpectAsync(() => server.PostJsonAsync("/api/auth", new { pin = SeedRequests.Pin }), a => a.ShouldFailPlainly(503, "<text>")));
        await Task.WhenAll(waiting);
        (await server.AccountLoginAsync()).Status.Should().Be(200);
    }

    private static async Task ExpectAsync(Func<Task<Answer>> request, Action<Answer> isRight)
    {
        // Each thread may still take a hash from the full queue, so that many find a place; one more does not.
        var answers = await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount + 1).Select(_ => request()));
        var refused = answers.First(a => a.Status == 503);
        isRight(refused);
        refused.Headers.RetryAfter!.Delta.Should().BePositive();
    }
}
