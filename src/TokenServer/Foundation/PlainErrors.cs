using Microsoft.AspNetCore.WebUtilities;

namespace TokenServer.Foundation;

/// <summary>The errors of addresses that belong to no face: JSON <c>error</c> with the status' own words.</summary>
internal static class PlainErrors
{
    public static Task WriteAsync(HttpContext context, Fault fault)
    {
        int status = StatusOf(fault);
        if (fault == Fault.Unavailable) context.Response.Headers.RetryAfter = "5";
        string text = fault == Fault.HttpsRequired ? "HTTPS is required" : ReasonPhrases.GetReasonPhrase(status);
        return Json.WriteAsync(context, status, text, static (json, error) =>
        {
            json.WriteStartObject();
            json.WriteString("error"u8, error);
            json.WriteEndObject();
        });
    }

    /// <summary>The status of a fault.</summary>
    public static int StatusOf(Fault fault) => fault switch
    {
        Fault.HttpsRequired => StatusCodes.Status403Forbidden,
        Fault.NotFound => StatusCodes.Status404NotFound,
        Fault.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        Fault.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        Fault.PayloadTooLarge => StatusCodes.Status413PayloadTooLarge,
        Fault.Internal => StatusCodes.Status500InternalServerError,
        Fault.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
