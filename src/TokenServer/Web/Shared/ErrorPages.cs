using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Web.Shared;

/// <summary>Errors as pages in the look of the others.</summary>
internal static class ErrorPages
{
    private const string RetrySeconds = "5";

    public static IResult Of(int status, string text) => new Page<ErrorPage>(new Problem(status, text), status);

    public static IResult Of(Fault fault) => Of(PlainErrors.StatusOf(fault), fault switch
    {
        Fault.HttpsRequired => "This page is served over HTTPS only.",
        Fault.NotFound => "There is no such page.",
        Fault.MethodNotAllowed => "This address cannot be used like that.",
        Fault.UnsupportedMediaType => "This address takes forms only.",
        Fault.PayloadTooLarge => "What was sent is too large.",
        Fault.Unavailable => "The server is busy. Wait a moment and try again.",
        Fault.Internal => "The server failed. The error is in its log.",
        _ => "The request was not understood.",
    });

    /// <summary>The shape of what no endpoint wrote.</summary>
    public static Task WriteAsync(HttpContext context, Fault fault)
    {
        if (fault == Fault.Unavailable) context.Response.Headers.RetryAfter = RetrySeconds;
        return Of(fault).ExecuteAsync(context);
    }

    /// <summary>Too many passwords wait to be hashed.</summary>
    public static IResult Busy() => RetryAfter.Later(Of(Fault.Unavailable));
}

/// <summary>What an error page says.</summary>
internal sealed record Problem(int Status, string Text);
