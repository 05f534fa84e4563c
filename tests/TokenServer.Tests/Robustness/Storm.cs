using System.Collections.Concurrent;
using TokenServer.Tests.Support;

namespace TokenServer.Tests.Robustness;

/// <summary>Many connections at work until, after so many answers, the server is killed under them.</summary>
internal sealed class Storm(CrashableServer server, int length)
{
    private readonly ConcurrentBag<string> dead = [];
    private readonly TaskCompletionSource enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int answers, refreshed;

    public CrashableServer Server => server;

    /// <summary>Completes when the server is about to be killed.</summary>
    public Task Over => enough.Task;

    /// <summary>The tokens whose revocation was acknowledged.</summary>
    public IReadOnlyCollection<string> Dead => dead;
    public int Refreshed => refreshed;

    /// <summary>Runs each of <paramref name="works"/> again and again, on a connection of its own, and kills the server in the middle of it.</summary>
    public async Task RageAsync(IEnumerable<Func<Storm, Task>> works)
    {
        var running = works.Select(work => Task.Run(() => RepeatAsync(work))).ToList();
        await Task.WhenAny(enough.Task, Task.WhenAll(running));
        await server.KillAsync();
        await Task.WhenAll(running);
    }

    public void Acknowledge(string deadToken)
    {
        dead.Add(deadToken);
        Count();
    }

    public void CountRefresh()
    {
        Interlocked.Increment(ref refreshed);
        Count();
    }

    /// <summary>Counts an answer.</summary>
    public void Count()
    {
        if (Interlocked.Increment(ref answers) >= length) enough.TrySetResult();
    }

    private async Task RepeatAsync(Func<Storm, Task> work)
    {
        try
        {
            while (true) await work(this);
        }
        catch (HttpRequestException)
        {
            // The kill: this answer never came, or not whole.
            enough.TrySetResult();
        }
    }
}
