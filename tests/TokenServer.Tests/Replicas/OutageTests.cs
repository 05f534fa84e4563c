using System.Diagnostics;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Replicas;

/// <summary>PostgreSQL goes and comes back while replicas are at work: who needs it is told so, who does not is served, and nothing has to be started again.</summary>
[Collection(DurableReplicaCollection.Name)]
public sealed class OutageTests(DurableReplicas durable, ITestOutputHelper output)
{
    private const int Askers = 8;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Scale.Of(3, otherwise: 2)), Warmth = TimeSpan.FromSeconds(1), Patience = Eventually.Never;

    [PostgresFact]
    public Task PostgreSQL_stopped_and_started_again() => OutliveAsync(durable.Server.StopAsync);

    // The kills of it under load are there each time.
    [FullPostgresFact]
    public Task PostgreSQL_crashed_and_started_again() => OutliveAsync(durable.Server.CrashAsync);

    [PostgresFact]
    public async Task Connections_that_are_cut_fail_what_they_were_at_and_no_more()
    {
        var load = await LoadAsync(async () =>
        {
            await Task.Delay(Warmth);
            await durable.Server.CutAsync(durable.Database.Name);
            await Task.Delay(Warmth);
        });
        load.Recorder.Unavailable.Should().BeLessThanOrEqualTo(load.Completed.Count * 3, "each flow was at one thing");
    }

    [PostgresFact]
    public async Task PostgreSQL_that_hangs_keeps_nobody_waiting_without_end()
    {
        await using var replica = await durable.Set.JoinAsync(("ConnectionStrings:Default", durable.Database.ConnectionString + ";Command Timeout=1"));
        using var http = Caller.Create(new SocketsHttpHandler { UseCookies = false }, replica.Address, Caller.NewAddress());
        string token = await TokenAsync(http);
        var session = (await http.SignInAsync()).Should200();
        Answer[] answers;
        await durable.Server.FreezeAsync();
        try
        {
            answers = await Task.WhenAll(Enumerable.Range(0, Askers).SelectMany(_ => (Task<Answer>[])
            [
                http.IntrospectAsync(token), http.IntrospectAsync(session["refresh_token"]!, "web"), http.RefreshAsync(session["refresh_token"]!), http.SignInAsync(),
                http.CallAsync("GET", "/auth/me", session["access_token"]), http.RevokeAsync("web", session["refresh_token"]!),
            ])).WaitAsync(Patience);
        }
        finally
        {
            await durable.Server.ThawAsync();
        }
        answers.Should().OnlyContain(a => a.Status == 503 || a.Status == 200, "what was known a moment ago is good, and the rest is refused");
        answers.Count(a => a.Status == 503).Should().BeGreaterThan(answers.Length / 2);
        await DurableReplicas.ReadyAsync(durable.Set.Connect(Caller.NewAddress()));
    }

    private async Task OutliveAsync(Func<Task> stopAsync)
    {
        var back = new Stopwatch();
        int during = 0;
        var replicas = durable.Set.Connect(Caller.NewAddress(), isPatient: false);
        string token = await TokenAsync(replicas[0]);
        await LoadAsync(async () =>
        {
            await Task.Delay(Warmth);
            await stopAsync();
            for (long stopped = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(stopped) < Outage; during++)
            {
                foreach (var replica in replicas)
                {
                    (await replica.IsActiveAsync(token)).Should().BeTrue();
                    await TokenAsync(replica);
                }
            }
            await durable.Server.StartAgainAsync();
            back.Start();
            await DurableReplicas.ReadyAsync(replicas);
            back.Stop();
            await Task.Delay(Warmth);
        });
        output.WriteLine($"away for {Outage.TotalSeconds:0} s: {during * ReplicaProcesses.Count} introspections and as many client_credentials were answered meanwhile; all replicas were ready {back.ElapsedMilliseconds} ms after its return");
        back.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
    }

    private async Task<Load> LoadAsync(Func<Task> until)
    {
        using var recorder = new Recorder(durable.Set.Spread());
        var (load, flows) = (new Load(recorder), new Flows(durable.Set, recorder, durable.Set[0].Address));
        var promises = new Promises(flows.Connect);
        await promises.PrepareAsync();
        await load.RunAsync([.. flows.All, .. promises.Flows], until);
        output.WriteLine(load.ToString());
        await promises.HoldAsync(durable.Set.Connect());
        output.WriteLine(promises.ToString());
        load.ShouldBeAsOfOneServer();
        return load;
    }

    private static async Task<string> TokenAsync(HttpClient http) => (await http.TokenAsync("worker", ("grant_type", "client_credentials"))).Should200()["access_token"]!;
}
