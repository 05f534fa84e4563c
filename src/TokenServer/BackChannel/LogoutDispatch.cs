using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.BackChannel;

/// <summary>Has logout tokens sent as soon as a session has ended, here or on another replica, and again after the first short pauses. An
/// idle server does nothing here; what a crash or a long pause leaves is the schedule's (<see cref="SendLogoutsJob"/>).</summary>
internal sealed class LogoutDispatch(LogoutSender sender, LogoutQueue queue, LogoutDeliveries deliveries, RevocationIndex revocations,
    ClientRegistry clients, TimeProvider clock) : BackgroundService
{
    // Many ends in a row are seen together; what is due later than that is the schedule's.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20), Ahead = TimeSpan.FromMinutes(1), Late = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim told = new(0, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        deliveries.Due += Tell;
        revocations.Learned += TellIfAnyIsTold;
        await using var retry = clock.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var sending = new List<Task>();
        try
        {
            // What the last run of the program left.
            TellIfAnyIsTold();
            while (true)
            {
                await told.WaitAsync(stoppingToken);
                sending.RemoveAll(t => t.IsCompleted);
                // Not waited for: a slow receiver must not hold up the others.
                sending.Add(SendAsync(retry, stoppingToken));
                await Task.Delay(Rest, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
        finally
        {
            deliveries.Due -= Tell;
            revocations.Learned -= TellIfAnyIsTold;
            await Task.WhenAll(sending);
        }
    }

    private async Task SendAsync(ITimer retry, CancellationToken ct)
    {
        try
        {
            await sender.RunAsync(ct);
            if (queue.NextDue() is { } next && next < Ahead && !ct.IsCancellationRequested)
                retry.Change(next > Late ? next : Late, Timeout.InfiniteTimeSpan);
        }
        catch (StorageUnavailableException)
        {
            // Whoever needs the database says so; the schedule looks again.
        }
    }

    private void TellIfAnyIsTold()
    {
        if (clients.All.Any(c => c.BackChannelLogoutUri is not null)) Tell();
    }

    private void Tell()
    {
        lock (told)
            if (told.CurrentCount == 0) told.Release();
    }
}
