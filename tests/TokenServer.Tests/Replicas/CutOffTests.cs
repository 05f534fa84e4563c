using System.Diagnostics;
using Npgsql;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Replicas;

/// <summary>A replica that cannot know what the others revoke vouches for nothing (docs/decisions/0005).</summary>
[Collection(ReplicaCollection.Name)]
public sealed class CutOffTests(SharedReplicas shared, ITestOutputHelper output)
{
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(3), Return = Eventually.Never;

    [PostgresFact]
    public async Task A_replica_cut_off_from_the_database_refuses_after_a_second_and_knows_what_was_revoked_when_it_is_back()
    {
        var database = new NpgsqlConnectionStringBuilder(shared.ConnectionOverTcp);
        using var way = new BlackHole(database.Port);
        database.Port = way.Port;
        await using var cutOff = await shared.Set.JoinAsync(("ConnectionStrings:Default", database.ToString()));
        var others = shared.Set.Connect(Caller.NewAddress());
        string revoked = await TokenAsync(others[0]), sibling = await TokenAsync(others[0]);
        foreach (string token in (string[])[revoked, sibling]) (await cutOff.Http.IsActiveAsync(token)).Should().BeTrue();

        way.Close();
        (await others[1].RevokeAsync("worker", revoked)).Should200();
        var until = await Honoured.UntilRefusedAsync(() => VouchesAsync(cutOff.Http, revoked));
        output.WriteLine($"cut off, it refuses what was revoked elsewhere after {until.TotalMilliseconds:0} ms");
        // It does not know of either, and says so, soon.
        var watch = Stopwatch.StartNew();
        var refused = (await cutOff.Http.IntrospectAsync(sibling)).ShouldSay(503);
        output.WriteLine($"a 503 takes {watch.Elapsed.TotalMilliseconds:0} ms");
        refused["error"].Should().Be("temporarily_unavailable");
        refused.Headers.RetryAfter!.Delta.Should().BePositive();

        way.Open();
        watch.Restart();
        (await Eventually.TrueAsync(async () => (await cutOff.Http.IntrospectAsync(revoked)).Status == 200, Return)).Should().BeTrue();
        output.WriteLine($"it answers again {watch.Elapsed.TotalMilliseconds:0} ms after the connection is back");
        (await cutOff.Http.IsActiveAsync(revoked)).Should().BeFalse();
        (await cutOff.Http.IsActiveAsync(sibling)).Should().BeTrue();
    }

    [PostgresFact]
    public async Task Told_to_stop_while_it_is_cut_off_it_ends()
    {
        // What waits for the database waits for an hour; the scheduler has threads of its own that do.
        var database = new NpgsqlConnectionStringBuilder(shared.ConnectionOverTcp) { CommandTimeout = 3600 };
        using var way = new BlackHole(database.Port);
        database.Port = way.Port;
        await using var cutOff = await shared.Set.JoinAsync(("ConnectionStrings:Default", database.ToString()), ("TokenServer:ShutdownTimeout", "00:00:02"));
        way.Close();
        await cutOff.TerminateAsync();
        (await cutOff.WaitAsync()).Should().Be(0);
    }

    [PostgresFact]
    public async Task What_it_was_reading_when_it_was_cut_off_makes_no_late_answer_of_what_it_knew_then()
    {
        var database = new NpgsqlConnectionStringBuilder(shared.ConnectionOverTcp) { CommandTimeout = 2 };
        using var way = new BlackHole(database.Port);
        database.Port = way.Port;
        await using var cutOff = await shared.Set.JoinAsync(("ConnectionStrings:Default", database.ToString()));
        var other = shared.Set.Connect(Caller.NewAddress())[0];
        var session = (await other.SignInAsync("carl")).Should200();
        // It knows the client that asks, and not yet the name of the account that it is asked about.
        (await cutOff.Http.IsActiveAsync(await TokenAsync(other))).Should().BeTrue();

        way.Close();
        var asked = ((string?[])[session["access_token"], session["refresh_token"]]).Select(async token => (Answer: await cutOff.Http.IntrospectAsync(token!, "web"), At: Stopwatch.GetTimestamp())).ToList();
        (await other.RevokeAsync("web", session["refresh_token"]!)).Should200();
        long revoked = Stopwatch.GetTimestamp();
        foreach (var (answer, at) in await Task.WhenAll(asked))
        {
            var after = Stopwatch.GetElapsedTime(revoked, at);
            output.WriteLine($"{after.TotalMilliseconds:0} ms after the revocation: {answer.Status}");
            if (after > TimeSpan.FromSeconds(1)) answer.ShouldSay(503);
        }
        way.Open();
    }

    [PostgresFact]
    public async Task A_replica_that_stood_still_never_vouches_for_what_was_revoked_meanwhile()
    {
        var replicas = shared.Set.Connect(Caller.NewAddress(), isPatient: false);
        string token = await TokenAsync(replicas[0]);
        (await replicas[2].IsActiveAsync(token)).Should().BeTrue();
        Task<Answer>[] asked;
        await shared.Set[2].SuspendAsync();
        try
        {
            (await replicas[1].RevokeAsync("worker", token)).Should200();
            long revoked = Stopwatch.GetTimestamp();
            // It has them before it goes on: they are the first that it sees.
            asked = [.. Enumerable.Range(0, 32).Select(_ => replicas[2].IntrospectAsync(token))];
            (await Eventually.TrueAsync(() => Task.FromResult(Stopwatch.GetElapsedTime(revoked) >= Standstill), Standstill * 2)).Should().BeTrue();
        }
        finally
        {
            await shared.Set[2].ResumeAsync();
        }
        var answers = await Task.WhenAll(asked);
        answers.Where(a => a.Status == 200).Should().OnlyContain(a => a["active"] == "False");
        output.WriteLine($"of {answers.Length} questions that waited {answers.Count(a => a.Status == 200)} were answered inactive, {answers.Count(a => a.Status == 503)} refused");
        (await Eventually.TrueAsync(async () => (await replicas[2].IntrospectAsync(token)).Status == 200, Return)).Should().BeTrue();
        (await replicas[2].IsActiveAsync(token)).Should().BeFalse();
    }

    private static async Task<string> TokenAsync(HttpClient http) => (await http.TokenAsync("worker", ("grant_type", "client_credentials"))).Should200()["access_token"]!;

    // A refusal to say is none.
    private static async Task<bool> VouchesAsync(HttpClient http, string token)
    {
        var answer = await http.IntrospectAsync(token);
        return answer.Status == 200 && answer.Json.GetProperty("active").GetBoolean();
    }
}
