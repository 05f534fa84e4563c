using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Faces;

/// <summary>The words that the account faces and the PIN face have in common for what went wrong.</summary>
internal static class FaceErrors
{
    public const string TooMany = "Too many requests",
        Busy = "The server is busy; try again", ApiKeyNotHere = "An API key may not be used here",
        AppNotHere = "An application may not do this";

    /// <summary>What to say to a good token that is not good for what was asked; null where it is not that.</summary>
    public static string? NotHere(Bearer bearer) => bearer.IsApiKey ? ApiKeyNotHere : bearer.IsApp ? AppNotHere : null;

    /// <summary>Writes what no endpoint wrote, in the shape that <paramref name="shape"/> gives it.</summary>
    public static Task WriteAsync(HttpContext context, Fault fault, Func<int, string, IResult> shape)
    {
        int status = PlainErrors.StatusOf(fault);
        var answer = shape(status, fault switch
        {
            Fault.HttpsRequired => "HTTPS is required",
            Fault.NotFound => "Not found",
            Fault.MethodNotAllowed => "The method is not allowed",
            Fault.UnsupportedMediaType => "The body must be application/json, not compressed",
            Fault.PayloadTooLarge => "The body is larger than 64 KB",
            Fault.Unavailable => Busy,
            Fault.Internal => "The server failed; the error is in its log",
            _ => "The request is not well-formed",
        });
        return (fault == Fault.Unavailable ? RetryAfter.Later(answer) : answer).ExecuteAsync(context);
    }
}
