using System.Globalization;
using System.Text;
using InstallLifecycle.Watching;
using TokenServer.RevocationFeed;
using TokenServer.Storage;
using TokenServer.Telemetry;

namespace TokenServer.Connect.Events;

/// <summary>One reader's stream: an event <c>set</c> for each Security Event Token, <c>current</c> whenever nothing is missing, so that
/// silence is known for what it is, with the time when that was so and the keys that are published then; and <c>begin_anew</c> where the
/// reader's cursor is not known any more. It ends when the reader goes or is too slow, when what it proved itself with is good no more or
/// its client is registered for other things, when the server stops, and after an hour.</summary>
internal sealed class FeedStream(FeedPlace place, FeedDoor door, FeedClock clock, FeedAges ages, Instruments instruments)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly byte[] Beginning = "retry: 1000\n\n"u8.ToArray(), Anew = "event: begin_anew\ndata: {}\n\n"u8.ToArray();

    /// <summary>Tells of what comes after <paramref name="cursor"/>, and of what will.</summary>
    public async Task WriteAsync(HttpContext http, Place seat, FeedReader reader, string cursor)
    {
        long era = place.Era;
        // Before anything is written: where the database does not answer, that is an answer of its own.
        var start = await place.ResumeAsync(cursor, reader, http.RequestAborted);
        var told = new Told(FeedCursors.RowOf(start.Cursor) ?? 0, start.Cursor, WasCurrent: false);
        OpenAnswer.Begin(http);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, clock.Stopping);
        end.CancelAfter(Longest);
        using var way = new SlowWay(http, clock.Options.SlowestReader, end.Token);
        try
        {
            await way.WriteAsync(Beginning);
            if (start.IsAnew)
            {
                instruments.FeedReaderSentBack("unknown_cursor");
                await way.WriteAsync(Anew);
            }
            while (await TellAsync(way, http.Request, reader, told, era, end.Token) is { } now)
            {
                told = now;
                if (told.WasCurrent) await seat.WaitAsync(clock.Options.Heartbeat, end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end, by whichever of them.
            if (!way.WasTooSlow) return;
            instruments.FeedReaderSentBack("slow");
            http.Abort();
        }
        catch (StorageUnavailableException)
        {
            // Another replica may know more; this one has said all it knows.
        }
    }

    // Null where the reader may be told no more: that is looked at after what there is to tell was, and before each event, since its way
    // may be slow.
    private async Task<Told?> TellAsync(
        SlowWay way, HttpRequest request, FeedReader reader, Told before, long era, CancellationToken ct)
    {
        DateTime at = clock.Now;
        var look = await place.LookAsync(reader, before.Row, FeedTail.Batch, ct);
        foreach (var entry in look.Told)
        {
            if (era != place.Era || !door.IsOpenFor(reader)) return null;
            await way.WriteAsync(Encoding.UTF8.GetBytes(
                $"id: {FeedCursors.Of(entry, reader)}\nevent: set\ndata: {place.Write(entry, reader, request)}\n\n"));
        }
        if (era != place.Era || !door.IsOpenFor(reader)) return null;
        string cursor = look.Last is { } last ? FeedCursors.Of(last, reader) : before.Cursor;
        if (look.IsLast) await way.WriteAsync(Encoding.UTF8.GetBytes($"id: {cursor}\nevent: current\ndata: {Current(at)}\n\n"));
        await way.FlushAsync();
        if (before.WasCurrent)
            foreach (var entry in look.Told) ages.Told(entry.HappenedAt);
        door.Seen(reader, FeedReader.Stream, look.IsLast);
        return new(look.Last?.Row ?? before.Row, cursor, look.IsLast);
    }

    private string Current(DateTime at) =>
        $$"""{"time":{{EventTokens.Seconds(at).ToString(CultureInfo.InvariantCulture)}},"keys":"{{place.Keys}}"}""";

    /// <summary>How far the reader was told, and whether it had everything then.</summary>
    private readonly record struct Told(long Row, string Cursor, bool WasCurrent);
}

/// <summary>The way to a reader, who has so long to take what is written; what waits is bounded by the server's own buffer.</summary>
internal sealed class SlowWay(HttpContext http, TimeSpan patience, CancellationToken end) : IDisposable
{
    private readonly CancellationTokenSource tooSlow = CancellationTokenSource.CreateLinkedTokenSource(end);

    /// <summary>Whether it was the reader that took too long.</summary>
    public bool WasTooSlow => tooSlow.IsCancellationRequested && !end.IsCancellationRequested;

    public Task WriteAsync(ReadOnlyMemory<byte> text) =>
        InTimeAsync(() => http.Response.Body.WriteAsync(text, tooSlow.Token).AsTask());

    public Task FlushAsync() => InTimeAsync(() => http.Response.Body.FlushAsync(tooSlow.Token));

    public void Dispose() => tooSlow.Dispose();

    private async Task InTimeAsync(Func<Task> write)
    {
        var writing = write();
        if (writing.IsCompletedSuccessfully) return;
        tooSlow.CancelAfter(patience);
        await writing;
        tooSlow.CancelAfter(Timeout.InfiniteTimeSpan);
    }
}
