using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using TokenServer.Foundation;

namespace TokenServer.Hosting;

/// <summary>Refuses, before the body is read, what is not over HTTPS where that is required, and what says that its body is too large
/// or compressed.</summary>
internal static class RequestGate
{
    public static void UseRequestGate(this WebApplication app)
    {
        var https = app.Services.GetRequiredService<HttpsPolicy>();
        var advice = app.Services.GetRequiredService<HttpsAdvice>();
        app.Use((context, next) =>
        {
            int refused = https.Refuses(context.Request) ? StatusCodes.Status403Forbidden
                : context.Request.ContentLength > RequestLimits.LargestBody ? StatusCodes.Status413PayloadTooLarge
                : IsCompressed(context) ? StatusCodes.Status415UnsupportedMediaType : 0;
            if (refused == 0) return next(context);
            if (refused == StatusCodes.Status403Forbidden) advice.Refused(context);
            context.Response.StatusCode = refused;
            return Task.CompletedTask;
        });
    }

    // Content-Encoding (RFC 9110 section 8.4), or a transfer coding under the chunks (RFC 9112 section 7).
    private static bool IsCompressed(HttpContext context)
    {
        var headers = context.Request.Headers;
        bool isCoded = headers.ContentEncoding.Count > 0 && !Is(headers.ContentEncoding, "identity")
            || headers.TransferEncoding.Count > 0 && !Is(headers.TransferEncoding, "chunked");
        return isCoded && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };
    }

    private static bool Is(StringValues header, string coding) =>
        header is [{ } one] && (one.Length == 0 || one.Equals(coding, StringComparison.OrdinalIgnoreCase));
}
