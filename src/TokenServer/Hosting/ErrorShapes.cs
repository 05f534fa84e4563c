using Microsoft.AspNetCore.Connections;
using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.Hosting;

/// <summary>Around everything: the headers that every answer has, and for every error that has no body one in the shape of its face.
/// </summary>
internal sealed partial class ErrorShapes(RequestDelegate next, IEnumerable<ErrorShape> shapes,
    AnswerHeaders headers, HttpsPolicy https, ILogger<ErrorShapes> logger)
{
    private long lastTold = -1000, untold;
    private readonly ErrorShape[] shapes = [.. shapes.OrderByDescending(s => s.Prefix.Value!.Length)];

    public async Task InvokeAsync(HttpContext context)
    {
        headers.Set(context);
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await ExplainAsync(context, e);
            return;
        }
        if (context.Response is { HasStarted: false, ContentLength: null, ContentType: null }
            && FaultOf(context.Response.StatusCode) is { } fault)
            await WriteAsync(context, https.Refuses(context.Request) ? Fault.HttpsRequired : fault);
    }

    private Task ExplainAsync(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                return WriteAsync(context, FaultOf(bad.StatusCode) ?? Fault.BadRequest);
            case IOException { InnerException: OverflowException }:
                // A chunk size beyond all numbers is the one broken chunk that Kestrel does not report as a bad request.
                return WriteAsync(context, Fault.BadRequest);
            case OperationCanceledException when context.RequestAborted.IsCancellationRequested:
            case OperationCanceledException { InnerException: ConnectionAbortedException }:
            case ConnectionResetException:
                // Nobody is there to be answered.
                return Task.CompletedTask;
            case StorageUnavailableException:
                Tell(exception);
                return WriteAsync(context, Fault.Unavailable);
            default:
                Log.Failed(logger, exception, context.Request.Path);
                return WriteAsync(context, Fault.Internal);
        }
    }

    // Anybody's requests meet it while the database is away: one in a second tells enough.
    private void Tell(Exception exception)
    {
        long now = Environment.TickCount64, last = Volatile.Read(ref lastTold);
        if (now - last < 1000 || Interlocked.CompareExchange(ref lastTold, now, last) != last) Interlocked.Increment(ref untold);
        else Log.Unavailable(logger, Interlocked.Exchange(ref untold, 0), exception);
    }

    private async Task WriteAsync(HttpContext context, Fault fault)
    {
        // Routing has set Allow with a 405; it stays.
        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        headers.Set(context);
        if (fault == Fault.MethodNotAllowed) context.Response.Headers.Allow = allow;
        // Kestrel reads no larger body to its end but closes the connection; a client that is not told sends its next request into it.
        if ((fault == Fault.PayloadTooLarge || context.Request.ContentLength > RequestLimits.LargestBody)
            && HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.Headers.Connection = "close";
        foreach (var shape in shapes)
        {
            if (!context.Request.Path.StartsWithSegments(shape.Prefix)) continue;
            await shape.WriteAsync(context, fault);
            return;
        }
    }

    private static Fault? FaultOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => Fault.NotFound,
        StatusCodes.Status405MethodNotAllowed => Fault.MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => Fault.PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType => Fault.UnsupportedMediaType,
        StatusCodes.Status503ServiceUnavailable => Fault.Unavailable,
        >= 500 => Fault.Internal,
        >= 400 => Fault.BadRequest,
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error,
            Message = "The database did not serve a request, nor {Others} others since the last time this was said")]
        public static partial void Unavailable(ILogger logger, long others, Exception exception);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed")]
        public static partial void Failed(ILogger logger, Exception exception, PathString path);
    }
}
