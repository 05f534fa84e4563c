using System.Collections.Concurrent;

namespace TokenServer.Tests.Replicas;

/// <summary>Flows, again and again and many at once, and whatever in them was not answered as it was due.</summary>
internal sealed class Load(Recorder recorder)
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<string, int> completed = new();

    public Recorder Recorder => recorder;

    /// <summary>Answers that one server would not have given.</summary>
    public ConcurrentQueue<string> Odd { get; } = new();

    /// <summary>How often each flow came to its end.</summary>
    public IReadOnlyDictionary<string, int> Completed => completed;

    /// <summary>Runs each flow again and again until <paramref name="until"/> has ended, and then to its end.</summary>
    /// <returns>What <paramref name="until"/> has.</returns>
    public async Task RunAsync(IEnumerable<(string Name, Func<Task> Run)> flows, Func<Task> until)
    {
        using var over = new CancellationTokenSource();
        var running = flows.Select(flow => Task.Run(() => RepeatAsync(flow.Name, flow.Run, over.Token))).ToList();
        try
        {
            await until();
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(running);
        }
    }

    /// <summary>Fails if anything was odd.</summary>
    public void ShouldBeAsOfOneServer()
    {
        Odd.Should().BeEmpty();
        recorder.Broken.Should().BeEmpty();
    }

    public override string ToString() => $"{recorder}; {string.Join(", ", completed.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"))}";

    private async Task RepeatAsync(string name, Func<Task> run, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await run();
                completed.AddOrUpdate(name, 1, (_, before) => before + 1);
            }
            catch (Exception e) when (e is UnavailableException or HttpRequestException)
            {
                // The recorder has counted it. A polite client waits before it begins again.
                await Task.Delay(Breath, CancellationToken.None);
            }
            catch (Exception e)
            {
                Odd.Enqueue($"{name}: {e.Message}\n{e.StackTrace}");
                return;
            }
        }
    }
}
