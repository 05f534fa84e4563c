using Microsoft.AspNetCore.Http.Features;

namespace InstallLifecycle.Watching;

/// <summary>An answer that stays open and tells of what happens (server-sent events, HTML Living Standard section 9.2).</summary>
public static class OpenAnswer
{
    /// <summary>Its media type.</summary>
    public const string ContentType = "text/event-stream";

    /// <summary>Its headers: nobody on the way keeps it, changes it or waits for more of it.</summary>
    public static void SetHeaders(HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Begins it: with its headers, sent as it is written, and left out of how long answers take.</summary>
    public static void Begin(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        SetHeaders(context.Response);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics) metrics.MetricsDisabled = true;
    }
}
