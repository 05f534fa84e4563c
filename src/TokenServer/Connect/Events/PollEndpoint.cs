using System.Diagnostics;
using System.Text.Json;
using TokenServer.Foundation;
using TokenServer.RevocationFeed;
using TokenServer.Telemetry;

namespace TokenServer.Connect.Events;

/// <summary>POST /connect/events: the feed of what was revoked, polled (RFC 8936).</summary>
internal sealed partial class PollEndpoint(ReaderAuthentication authentication, FeedPlace place, FeedPositions positions,
    FeedListeners listeners, Instruments instruments, ILogger<PollEndpoint> logger)
{
    private const int ManyRows = 1000;
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes, string path)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<PollEndpoint>();
        routes.MapPost("/" + path, (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext http)
    {
        var (request, unreadable) = await PollRequest.ReadAsync(http.Request);
        if (request is null)
        {
            await unreadable!.ExecuteAsync(http);
            return;
        }
        var (client, refusal) = await authentication.AuthenticateAsync(http, request.Credentials);
        if (client is null)
        {
            await refusal!.ExecuteAsync(http);
            return;
        }
        var reader = new FeedReader(client, request.Name);
        foreach (string error in request.Errors) Log.NotTaken(logger, client.ClientId, error);
        await AnswerAsync(http, request, reader, await StartAsync(request, reader));
    }

    private async Task<FeedStart> StartAsync(PollRequest request, FeedReader reader)
    {
        string shown = request.Cursor ?? positions.Find(reader);
        var (cursor, isAnew) = place.Resume(shown, reader);
        if (isAnew) instruments.FeedReaderSentBack("unknown_cursor");
        if (request.Cursor is not null) return new(cursor, isAnew);
        if (isAnew) await positions.StoreAsync(reader, shown, cursor);
        if (request.Acknowledged.Count > 0) cursor = await positions.AdvanceAsync(reader, cursor, request.Acknowledged);
        return new(cursor, isAnew);
    }

    private async Task AnswerAsync(HttpContext http, PollRequest request, FeedReader reader, FeedStart start)
    {
        long row = FeedCursors.RowOf(start.Cursor) ?? 0;
        var look = request.Most == 0 ? FeedLook.Nothing : place.Look(reader, row, request.Most);
        if (look.Told.Count == 0 && look.IsLast && request is { ReturnsImmediately: false, Most: > 0 })
        {
            var (seat, isTheirs) = listeners.Enter(reader);
            if (seat is null)
            {
                await (isTheirs ? OAuthError.SlowDown(Later) : OAuthError.Unavailable()).ExecuteAsync(http);
                return;
            }
            using (seat) look = await HoldAsync(http, seat, reader, row, request.Most);
        }
        string next = look.Last is { } last ? FeedCursors.Of(last, reader) : start.Cursor;
        // What it cannot acknowledge, since it is not told of it, it need not go through again and again.
        if (request.Cursor is null && look.Told.Count == 0 && look.Last?.Row - row > ManyRows)
            await positions.StoreAsync(reader, start.Cursor, next);
        place.Seen(reader, FeedReader.Poll, look.IsLast && request.Most > 0);
        await WriteAsync(http, reader, look, next, start.IsAnew);
    }

    private async Task<FeedLook> HoldAsync(
        HttpContext http, InstallLifecycle.Watching.Place seat, FeedReader reader, long row, int most)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, place.Stopping);
        long began = Stopwatch.GetTimestamp();
        var look = place.Look(reader, row, most);
        try
        {
            while (look.Told.Count == 0 && look.IsLast && place.LongestPoll - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left
                && await seat.WaitAsync(left, end.Token))
                look = place.Look(reader, row, most);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The server stops: the reader polls another.
        }
        return place.Look(reader, row, most);
    }

    private Task WriteAsync(HttpContext http, FeedReader reader, FeedLook look, string cursor, bool isAnew)
    {
        var sets = look.Told.Select(e => (Id: FeedCursors.Of(e, reader), Token: place.Write(e, reader, http.Request))).ToList();
        return Json.WriteAsync(http, StatusCodes.Status200OK, (sets, look.IsLast, cursor, isAnew), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteStartObject("sets"u8);
            foreach (var (id, token) in answer.sets) json.WriteString(id, token);
            json.WriteEndObject();
            if (!answer.IsLast) json.WriteBoolean("moreAvailable"u8, true);
            json.WriteString("cursor"u8, answer.cursor);
            if (answer.isAnew) json.WriteBoolean("begin_anew"u8, true);
            json.WriteEndObject();
        });
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Client {ClientId} could not take an event of the feed of revocations: {Error}")]
        public static partial void NotTaken(ILogger logger, string clientId, string error);
    }
}
