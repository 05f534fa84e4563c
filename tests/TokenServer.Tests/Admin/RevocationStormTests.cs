using System.Collections.Concurrent;
using System.Diagnostics;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Admin;

/// <summary>A client revoked in the middle of a storm of its token requests: after the answer, no token it ever got is active.</summary>
[Collection(Alone.Name)]
public sealed class RevocationStormTests(ITestOutputHelper output)
{
    private const int Connections = 12, SignIns = 20;

    [Theory]
    [InlineData("POST /clients/web/revoke")]
    [InlineData("DELETE /clients/web")]
    public async Task After_the_answer_no_token_the_client_ever_got_is_active(string call)
    {
        await using var admin = await AdminServer.StartAsync();
        await admin.DoAsync("PATCH /clients/web", """{"grant_types":["password","refresh_token","client_credentials"]}""");
        var storm = new Storm(admin.Server);
        var running = storm.Rage();
        await storm.Enough.Task;
        var watch = Stopwatch.StartNew();
        var answer = await admin.DoAsync(call);
        output.WriteLine($"{call} answered after {watch.Elapsed.TotalMilliseconds:0.0} ms with {answer.Body}");
        answer.Json.Number("sessions").Should().BePositive();
        string[] soFar = [.. storm.Tokens];
        foreach (string token in soFar.Take(100)) (await admin.Server.IsActiveAsync(token)).Should().BeFalse("it was given out before the answer");
        await running;
        output.WriteLine($"{soFar.Length} tokens before the answer, {storm.Tokens.Count} in all, {storm.Refused} requests refused");
        foreach (string token in storm.Tokens) (await admin.Server.IsActiveAsync(token)).Should().BeFalse();
        (await admin.ListAsync("/sessions?status=active&limit=200", "client_id")).Should().NotContain("web");
    }

    private sealed class Storm(TestServer server)
    {
        private readonly ConcurrentBag<string> tokens = [];
        private int refused, refreshed;

        public TaskCompletionSource Enough { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public ConcurrentBag<string> Tokens => tokens;
        public int Refused => refused;

        public Task Rage() => Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Task.Run(() => RageAsync(i))));

        // Each goes on until it has been refused a few times: the revocation falls amid its requests.
        private async Task RageAsync(int number)
        {
            string? refresh = null;
            for (int refusals = 0; refusals < 5;)
            {
                var answer = number % 3 == 0 || refresh is null && number % 3 == 1
                    ? await server.SignInAsync("web", "bob")
                    : number % 3 == 1 ? await server.RefreshAsync(refresh!) : await server.TokenAsync("web", ("grant_type", "client_credentials"));
                if (answer.Status != 200)
                {
                    answer["error"].Should().BeOneOf("invalid_client", "invalid_grant", "slow_down");
                    refusals++;
                    Interlocked.Increment(ref refused);
                    continue;
                }
                tokens.Add(answer["access_token"]!);
                if ((refresh = answer["refresh_token"] ?? refresh) is null) continue;
                tokens.Add(refresh);
                if (Interlocked.Increment(ref refreshed) >= SignIns) Enough.TrySetResult();
            }
        }
    }
}
