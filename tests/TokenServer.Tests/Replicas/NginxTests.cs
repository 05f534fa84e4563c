using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Replicas;

/// <summary>Three replicas behind nginx are one server to their clients.</summary>
[Collection(ReplicaCollection.Name)]
public sealed class NginxTests(SharedReplicas shared, ITestOutputHelper output)
{
    private static readonly TimeSpan Some = TimeSpan.FromSeconds(4);

    [NeedsNginxFact]
    public async Task A_load_of_all_grants_and_faces_is_answered_as_by_one_server()
    {
        await using var nginx = await Nginx.StartAsync(shared.Set);
        using var recorder = new Recorder(new Patient(nginx.Way));
        var (load, flows) = (new Load(recorder), new Flows(shared.Set, recorder, nginx.Address));
        await load.RunAsync(flows.All, async () =>
        {
            await Task.Delay(Some / 2);
            // New keys sign from here on, and every replica knows them already.
            var http = shared.Set.Connect()[0];
            (await http.CallAsync("POST", "/admin/api/keys/rotate", await http.AdminTokenAsync())).Should200();
            await Task.Delay(Some / 2);
        });
        output.WriteLine(load.ToString());
        load.ShouldBeAsOfOneServer();
        (recorder.Unavailable, recorder.Unanswered).Should().Be((0, 0));
        load.Completed.Keys.Should().BeEquivalentTo(flows.All.Select(f => f.Name), "each came to its end");
    }

    [NeedsNginxFact]
    public async Task A_rolling_restart_fails_no_request()
    {
        await using var nginx = await Nginx.StartAsync(shared.Set);
        using var recorder = new Recorder(new Patient(new Retrying(nginx.Way)));
        var (load, promises) = (new Load(recorder), new Promises(new Flows(shared.Set, recorder, nginx.Address).Connect));
        await promises.PrepareAsync();
        await load.RunAsync(promises.Flows, async () =>
        {
            for (int i = 0; i < ReplicaProcesses.Count; i++)
            {
                await shared.Set[i].TerminateAsync();
                (await shared.Set[i].WaitAsync()).Should().Be(0);
                await shared.Set.StartAgainAsync(i);
            }
        });
        output.WriteLine(load.ToString());
        await promises.HoldAsync(shared.Set.Connect());
        output.WriteLine(promises.ToString());
        load.ShouldBeAsOfOneServer();
        (recorder.Unavailable, recorder.Unanswered).Should().Be((0, 0));
    }

    [NeedsNginxFact]
    public async Task A_stream_of_events_passes_at_once_and_tells_what_another_replica_did()
    {
        await using var nginx = await Nginx.StartAsync(shared.Set);
        using var browser = Caller.Create(nginx.Way, nginx.Address, Caller.NewAddress());
        var install = await new Installation(browser).OpenPageAsync();
        using var stream = await EventReader.OpenAsync(browser, install.Cookie);
        foreach (string step in Installation.Steps)
        {
            (await install.DoAsync(step)).Status.Should().BeInRange(200, 201);
            (await stream.NextAsync()).Should().NotBeNull().And.Be(EventReader.EventOf(step));
        }
    }

    // What every client does: a connection that is lost before there is an answer is made anew.
    private sealed class Retrying(HttpMessageHandler way) : DelegatingHandler(way)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException)
            {
                return await base.SendAsync(request, cancellationToken);
            }
        }
    }
}
