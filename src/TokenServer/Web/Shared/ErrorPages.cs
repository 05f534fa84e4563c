using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Web.Shared;

/// <summary>Errors as pages in the look of the others.</summary>
internal static class ErrorPages
{
    private const string RetrySeconds = "5";

    public static IResult Of(int status, string text) => new Page<ErrorPage>(new Problem(status, text), status);

    public static IResult Of(Fault fault) => Of(PlainErrors.StatusOf(fault), ErrorWords.Of(fault));

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
