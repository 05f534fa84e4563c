using InstallLifecycle.Codes;
using Microsoft.Extensions.Primitives;

namespace InstallLifecycle.Watching;

/// <summary>GET /api/v2/slowdns/code/events: the browser session that issued a code is told what becomes of it, as a stream, or, asked
/// with <c>since</c>, as JSON (contract section 5b).</summary>
internal sealed class EventsEndpoint(BrowserSession browserSession, Steps steps, Watchers watchers, EventStream stream)
{
    private static readonly InstallError NotANumber =
        InstallError.InvalidRequest("The parameter 'since' must be the number of an event, or 0, once.");

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/code/events", (HttpContext context, EventsEndpoint endpoint) => endpoint.TellAsync(context));

    private Task TellAsync(HttpContext context)
    {
        if (CrossSite.Is(context.Request)) return Envelope.WriteAsync(context, InstallError.CrossSiteRequest);
        if (browserSession.Read(context.Request) is not { } id)
            return Envelope.WriteAsync(context, InstallError.BrowserSessionRequired);
        string session = Requester.HashOf(id);
        if (context.Request.Query["since"] is not { Count: > 0 } since) return StreamAsync(context, session);
        return Number(since) is { } after
            ? Envelope.WriteAsync(context, StatusCodes.Status200OK, After(session, after), InstallJson.Wire.StepEvents, "Install events")
            : Envelope.WriteAsync(context, NotANumber);
    }

    private StepEvents After(string session, long since)
    {
        IReadOnlyList<StepEvent> events = [.. steps.After(session, since).Select(StepEvent.Of)];
        return new StepEvents(events, events.Count == 0 ? since : events[^1].Id);
    }

    private async Task StreamAsync(HttpContext context, string session)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            OpenAnswer.SetHeaders(context.Response);
            return;
        }
        var (watcher, refused) = watchers.Enter(session, Caller.Of(context).AddressKey);
        if (watcher is null)
        {
            await Envelope.WriteAsync(context, refused!);
            return;
        }
        using (watcher) await stream.WriteAsync(context, watcher, Number(context.Request.Headers["Last-Event-ID"]) ?? 0);
    }

    private static long? Number(StringValues text) =>
        text is [{ Length: > 0 and < 20 } one] && long.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number : null;
}
