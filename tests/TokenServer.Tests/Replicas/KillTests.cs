using System.Globalization;
using TokenServer.Tests.Support;
using Xunit.Abstractions;

namespace TokenServer.Tests.Replicas;

/// <summary>What any replica has answered all of them keep, whichever is killed, and when PostgreSQL is too (docs/decisions/0004).</summary>
[Collection(DurableReplicaCollection.Name)]
public sealed class KillTests(DurableReplicas durable, ITestOutputHelper output)
{
    private const int PostgresCrashes = 3, Storm = 250;

    // Twenty take minutes.
    private static readonly int Kills = Scale.Of(20, otherwise: 3);

    [PostgresFact]
    public async Task Nothing_acknowledged_is_lost_by_kills_of_replicas_under_load()
    {
        await RageAsync("kills of a replica, or of all three at once", Kills, async (kill, promises) =>
        {
            int[] killed = kill % (ReplicaProcesses.Count + 1) is var one && one < ReplicaProcesses.Count ? [one] : [0, 1, 2];
            await Task.WhenAll(killed.Select(i => durable.Set[i].KillAsync()));
            return async () =>
            {
                // Through the others first: they need nothing of it.
                var others = Enumerable.Range(0, ReplicaProcesses.Count).Except(killed).Select(i => durable.Set.Connect()[i]).ToArray();
                if (others.Length > 0) await promises.HoldAsync(others);
                await Task.WhenAll(killed.Select(durable.Set.StartAgainAsync));
            };
        });
    }

    [PostgresFact]
    public async Task Nothing_acknowledged_is_lost_by_crashes_of_PostgreSQL_under_load()
    {
        await RageAsync("crashes of PostgreSQL", PostgresCrashes, async (_, _) =>
        {
            await durable.Server.CrashAsync();
            return durable.Server.StartAgainAsync;
        });
    }

    private async Task RageAsync(string what, int times, Func<int, Promises, Task<Func<Task>>> killAsync)
    {
        using var recorder = new Recorder(durable.Set.Spread());
        var (load, promises) = (new Load(recorder), new Promises(new Flows(durable.Set, recorder, durable.Set[0].Address).Connect));
        await promises.PrepareAsync();
        for (int kill = 0; kill < times; kill++)
        {
            Func<Task> reviveAsync = () => Task.CompletedTask;
            int before = promises.Acknowledged;
            await load.RunAsync(promises.Flows, async () =>
            {
                (await Eventually.TrueAsync(() => Task.FromResult(promises.Acknowledged - before > Storm || !load.Odd.IsEmpty), Eventually.Never)).Should().BeTrue("there is a storm");
                reviveAsync = await killAsync(kill, promises);
            });
            await reviveAsync();
            var replicas = durable.Set.Connect();
            await DurableReplicas.ReadyAsync(replicas);
            await promises.HoldAsync(replicas);
        }
        await promises.HoldDeadAsync(durable.Set.Connect());
        output.WriteLine($"{times} {what}: {load}");
        output.WriteLine(promises.ToString());
        load.ShouldBeAsOfOneServer();
    }
}
