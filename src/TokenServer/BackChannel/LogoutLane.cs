using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.BackChannel;

/// <summary>Tells one client of what is due for it, a few at a time: a slow receiver keeps its own waiting and nobody else's.</summary>
internal sealed partial class LogoutLane(long applicationId, LogoutParts parts) : IDisposable
{
    private const int AtOnce = 4;
    private readonly SemaphoreSlim free = new(AtOnce);
    private int waiting, failures;
    private long restsUntil;

    /// <summary>Sends what is due; completes when that was sent, or failed. Whoever waits for a turn already sees what this one
    /// would.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var sending = new List<Task>();
        while (Interlocked.CompareExchange(ref waiting, 1, 0) == 0)
        {
            try
            {
                await free.WaitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            finally
            {
                Interlocked.Exchange(ref waiting, 0);
            }
            // First the turn among all clients, then the delivery: its lease runs from when it is taken.
            if (!await HasTurnAsync(ct)) break;
            if (await TakeAsync(ct) is not var (client, delivery))
            {
                GiveBack();
                break;
            }
            sending.Add(SendAsync(client, delivery, ct));
        }
        await Task.WhenAll(sending);
    }

    public void Dispose() => free.Dispose();

    private async Task<(Client Client, LogoutDelivery Delivery)?> TakeAsync(CancellationToken ct)
    {
        if (ct.IsCancellationRequested || Now < Interlocked.Read(ref restsUntil)) return null;
        try
        {
            if (parts.Clients.FindRow(applicationId) is { BackChannelLogoutUri: not null } client)
                return await parts.Queue.TakeAsync(applicationId, 1) is [var delivery] ? (client, delivery) : null;
            await parts.Queue.DropAsync(applicationId, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The end.
        }
        catch (Exception e)
        {
            Tell(e);
        }
        return null;
    }

    // Whatever happens, the delivery is free again when its lease is over.
    private async Task SendAsync(Client client, LogoutDelivery delivery, CancellationToken ct)
    {
        try
        {
            if (await TryAsync(client, delivery, ct) is { } error) await FailAsync(client, delivery, error);
            else
            {
                Interlocked.Exchange(ref failures, 0);
                await parts.Queue.DoneAsync(delivery);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The end.
        }
        catch (Exception e)
        {
            Tell(e);
        }
        finally
        {
            GiveBack();
        }
    }

    private async Task<bool> HasTurnAsync(CancellationToken ct)
    {
        try
        {
            await parts.Sending.WaitAsync(ct);
            return true;
        }
        catch (OperationCanceledException)
        {
            free.Release();
            return false;
        }
    }

    private void GiveBack()
    {
        parts.Sending.Release();
        free.Release();
    }

    private async Task<string?> TryAsync(Client client, LogoutDelivery delivery, CancellationToken ct)
    {
        try
        {
            string token = parts.Tokens.Make(client, delivery.SessionId, delivery.Subject);
            return await parts.Receivers.SendAsync(client.BackChannelLogoutUri!, token, ct);
        }
        catch (Exception e) when (e is not (OperationCanceledException or StorageUnavailableException))
        {
            // An attempt like any other: it is counted, and given up after a day.
            Tell(e);
            return "the token could not be made or sent";
        }
    }

    private async Task FailAsync(Client client, LogoutDelivery delivery, string error)
    {
        // Nobody is there: not to be asked for each of thousands, one after the other.
        if (Interlocked.Increment(ref failures) % AtOnce == 0)
            Interlocked.Exchange(ref restsUntil, Now + LogoutQueue.Pauses[0].Ticks);
        if (await parts.Queue.FailedAsync(delivery, client.ClientId, error) is null)
            Log.GivenUp(parts.Logger, client.ClientId, delivery.Attempt, error);
    }

    private long Now => parts.Clock.GetUtcNow().UtcTicks;

    private void Tell(Exception e)
    {
        if (e is StorageUnavailableException) Log.Interrupted(parts.Logger, e.Message);
        else Log.Failed(parts.Logger, e);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Client {ClientId} was not told of a logout in {Attempts} attempts: {Error}")]
        public static partial void GivenUp(ILogger logger, string clientId, int attempts, string error);

        [LoggerMessage(Level = LogLevel.Error, Message = "A logout token was not sent; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Logout tokens wait: {Problem}")]
        public static partial void Interrupted(ILogger logger, string problem);
    }
}

/// <summary>What the lanes share.</summary>
internal sealed record LogoutParts(LogoutQueue Queue, ClientRegistry Clients, LogoutTokens Tokens, LogoutReceivers Receivers,
    TimeProvider Clock, ILogger<LogoutLane> Logger)
{
    private const int Most = 32;

    /// <summary>How many are sent at once, of all clients together.</summary>
    public SemaphoreSlim Sending { get; } = new(Most);
}
