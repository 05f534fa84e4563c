using System.Diagnostics;
using System.Text.Json;
using TokenServer.Foundation;
using TokenServer.RevocationFeed;
using TokenServer.Telemetry;

namespace TokenServer.Connect.Events;

/// <summary>POST /connect/events: the feed of what was revoked, polled (RFC 8936).</summary>
internal sealed partial class PollEndpoint(
    FeedDoor door, FeedPlace place, FeedPositions positions, HeldPolls held, FeedAges ages, Instruments instruments,
    ILogger<PollEndpoint> logger)
{
    private const int ManyRows = 1000;

    public static void Map(IEndpointRouteBuilder routes, string path)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<PollEndpoint>();
        routes.MapPost("/" + path, (RequestDelegate)endpoint.HandleAsync);
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (await HandleOrRefuseAsync(http) is { } refusal) await refusal.ExecuteAsync(http);
    }

    private async Task<OAuthError?> HandleOrRefuseAsync(HttpContext http)
    {
        var (request, unreadable) = await PollRequest.ReadAsync(http.Request);
        if (request is null) return unreadable;
        var (reader, refusal) = await door.EnterAsync(http, request.Credentials, request.Name, FeedReader.Poll);
        if (reader is null) return refusal;
        foreach (string error in request.Errors) Log.NotTaken(logger, reader.ClientId, error);
        return await AnswerAsync(http, request, reader);
    }

    private async Task<OAuthError?> AnswerAsync(HttpContext http, PollRequest request, FeedReader reader)
    {
        while (true)
        {
            var (ct, era) = (http.RequestAborted, place.Era);
            if (await StartAsync(request, reader, ct) is not { } start) return door.TooMany(HeldPolls.Later);
            var (found, full) = await held.LookAsync(reader, FeedCursors.RowOf(start.Cursor) ?? 0, request, ct);
            if (found is null) return full;
            // What was found is for the client as it was registered when it came, and after a row of the database as it was.
            if (era == place.Era && door.IsOpenFor(reader)) return await TellAsync(http, request, reader, start, found);
            var (again, refusal) = door.Again(reader);
            if (again is null) return refusal;
            reader = again;
        }
    }

    // Null where the client has too many readers for this one's place to be remembered.
    private async Task<FeedStart?> StartAsync(PollRequest request, FeedReader reader, CancellationToken ct)
    {
        string shown = request.Cursor ?? await positions.FindAsync(reader, ct);
        var (cursor, isAnew) = await place.ResumeAsync(shown, reader, ct);
        if (isAnew) instruments.FeedReaderSentBack("unknown_cursor");
        if (request.Cursor is not null) return new(cursor, isAnew);
        if (isAnew && await positions.StoreAsync(reader, shown, cursor, ct) is null) return null;
        if (request.Acknowledged.Count == 0) return new(cursor, isAnew);
        return await positions.AdvanceAsync(reader, cursor, request.Acknowledged, ct) is { } advanced ? new(advanced, isAnew) : null;
    }

    private async Task<OAuthError?> TellAsync(HttpContext http, PollRequest request, FeedReader reader, FeedStart start, FeedFound found)
    {
        var look = found.Look;
        string next = look.Last is { } last ? FeedCursors.Of(last, reader) : start.Cursor;
        // What it cannot acknowledge, since it is not told of it, it need not go through again and again.
        if (request.Cursor is null && look.Told.Count == 0 && look.Last?.Row - (FeedCursors.RowOf(start.Cursor) ?? 0) > ManyRows)
            await positions.StoreAsync(reader, start.Cursor, next, http.RequestAborted);
        door.Seen(reader, FeedReader.Poll, look.IsLast && request.Most > 0);
        await WriteAsync(http, reader, found, next, start.IsAnew);
        foreach (var entry in found.WasWaitedFor ? look.Told : []) ages.Told(entry.HappenedAt);
        return null;
    }

    private Task WriteAsync(HttpContext http, FeedReader reader, FeedFound found, string cursor, bool isAnew)
    {
        var sets = found.Look.Told.Select(e => (Id: FeedCursors.Of(e, reader), Token: place.Write(e, reader, http.Request))).ToList();
        return Json.WriteAsync(http, StatusCodes.Status200OK, (sets, found, cursor, isAnew), static (json, answer) =>
        {
            json.WriteStartObject();
            json.WriteStartObject("sets"u8);
            foreach (var (id, token) in answer.sets) json.WriteString(id, token);
            json.WriteEndObject();
            if (!answer.found.Look.IsLast) json.WriteBoolean("moreAvailable"u8, true);
            json.WriteString("cursor"u8, answer.cursor);
            if (answer.isAnew) json.WriteBoolean("begin_anew"u8, true);
            json.WriteNumber("time"u8, EventTokens.Seconds(answer.found.At));
            json.WriteString("keys"u8, answer.found.Keys);
            json.WriteEndObject();
        });
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Client {ClientId} could not take an event of the feed of revocations: {Error}")]
        public static partial void NotTaken(ILogger logger, string clientId, string error);
    }
}
