using FsCheck;
using FsCheck.Fluent;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Connect.Remembered;

/// <summary>Whatever is asked and whatever changes, nobody can tell a server that remembers its decisions from one that does not.</summary>
public sealed class SameAnswersTests : IAsyncLifetime
{
    private const int AskedAgain = 2, AfterChange = 4;
    private static readonly int Sequences = Scale.IsFull ? 60 : 20, LeastKnown = 8 * Sequences;
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromSeconds(61);
    private TwoServers servers = null!;
    private int sequences;

    public async Task InitializeAsync() => servers = await TwoServers.StartAsync();

    public async Task DisposeAsync() => await servers.DisposeAsync();

    [Fact]
    public void Remembered_decisions_are_never_told_from_new_ones()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Sequences), Prop.ForAll(Sequence.Any, Holds));
        servers.Known.Should().BeGreaterThan(LeastKnown, "else nothing was compared");
    }

    // FsCheck waits for nobody, and this thread is one of the few that tests run on.
    private void Holds(Sequence sequence) => Task.Run(() => RunAsync(sequence)).GetAwaiter().GetResult();

    // What was asked lately is asked again, after a change more of it. A step takes a minute, so that no limit on wrong secrets is met.
    private async Task RunAsync(Sequence sequence)
    {
        var world = new World(servers, ++sequences);
        await world.PrepareAsync();
        var asked = new List<Sent>();
        foreach (var step in sequence.Steps)
        {
            servers.Remembering.Clock.Advance(BetweenSteps);
            if (step is MakeChange change) await world.ChangeAsync(change);
            else asked.Add(world.Of(step));
            var lately = asked.AsEnumerable().Reverse().Distinct();
            var now = step is MakeChange ? Step.Always.Select(world.Of).Concat(lately.Take(AfterChange)) : lately.Take(AskedAgain);
            foreach (var sent in now)
            {
                if (await servers.DifferenceAsync(sent) is { } difference)
                    throw new InvalidOperationException($"after {step}: {difference}");
            }
        }
    }
}
