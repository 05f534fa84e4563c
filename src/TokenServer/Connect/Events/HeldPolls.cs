using System.Diagnostics;
using TokenServer.RevocationFeed;

namespace TokenServer.Connect.Events;

/// <summary>What a poll finds, held where that is nothing until there is something (RFC 8936 section 2.4): events, other keys, or an end of
/// the reader's right to be told.</summary>
internal sealed class HeldPolls(FeedPlace place, FeedDoor door, FeedListeners listeners, FeedClock clock)
{
    /// <summary>When one comes again that found no room.</summary>
    public static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    /// <summary>What <paramref name="reader"/> finds after <paramref name="row"/>, or the answer where too many wait.</summary>
    public async Task<(FeedFound? Found, OAuthError? Refusal)> LookAsync(
        FeedReader reader, long row, PollRequest request, CancellationToken ct)
    {
        if (request.Most == 0) return (new(FeedLook.Nothing, clock.Now, place.Keys), null);
        var found = await FindAsync(reader, row, request.Most, ct);
        if (found.HasSome || request.ReturnsImmediately || !door.IsOpenFor(reader)) return (found, null);
        var (seat, isTheirs) = listeners.Enter(reader);
        if (seat is null) return (null, isTheirs ? OAuthError.SlowDown(Later) : OAuthError.Unavailable());
        using (seat) return (await HoldAsync(seat, reader, row, request.Most, found.Keys, ct), null);
    }

    private async Task<FeedFound> HoldAsync(
        InstallLifecycle.Watching.Place seat, FeedReader reader, long row, int most, string keys, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct, clock.Stopping);
        var (began, era) = (Stopwatch.GetTimestamp(), place.Era);
        var found = await FindAsync(reader, row, most, ct);
        try
        {
            // Nobody is woken by all that may end a reader's right.
            while (!found.HasSome && found.Keys == keys && place.Era == era && door.IsOpenFor(reader)
                && clock.Options.LongestPoll - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left)
            {
                await seat.WaitAsync(left < clock.Options.Heartbeat ? left : clock.Options.Heartbeat, end.Token);
                found = await FindAsync(reader, row, most, ct);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The server stops: the reader polls another.
        }
        return found with { WasWaitedFor = true };
    }

    private async Task<FeedFound> FindAsync(FeedReader reader, long row, int most, CancellationToken ct)
    {
        DateTime at = clock.Now;
        return new(await place.LookAsync(reader, row, most, ct), at, place.Keys);
    }
}

/// <summary>What a reader is told.</summary>
/// <param name="Look">The events.</param>
/// <param name="At">When it was looked for them, UTC: nothing is missing that was answered a second before.</param>
/// <param name="Keys">The keys that are published.</param>
internal sealed record FeedFound(FeedLook Look, DateTime At, string Keys)
{
    /// <summary>Whether its reader had everything before, and waited.</summary>
    public bool WasWaitedFor { get; init; }

    /// <summary>Whether there is something to tell, or to ask for.</summary>
    public bool HasSome => Look.Told.Count > 0 || !Look.IsLast;
}
