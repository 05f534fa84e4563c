namespace TokenServer.BackChannel;

/// <summary>Sends the logout tokens that are due: at once when sessions end, the first retries after their short pauses, and whatever else
/// there is when the schedule says so.</summary>
internal sealed class LogoutSender(LogoutQueue queue, LogoutTokens tokens, LogoutParts parts)
{
    private readonly ConcurrentDictionary<long, LogoutLane> lanes = new();

    /// <summary>Sends what is due; completes when it was sent, or is to be tried later.</summary>
    public Task RunAsync(CancellationToken ct) => tokens.CanMake
        ? Task.WhenAll(queue.ClientsDue().Select(client => LaneOf(client).RunAsync(ct))) : Task.CompletedTask;

    private LogoutLane LaneOf(long client) => lanes.GetOrAdd(client, id => new LogoutLane(id, parts));
}
