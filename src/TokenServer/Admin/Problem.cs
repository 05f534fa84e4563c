using Microsoft.AspNetCore.WebUtilities;
using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.Admin;

/// <summary>An error answer of the administration (RFC 9457): <c>type title status detail</c>,
/// and <c>error</c> where OAuth has a word for it.</summary>
internal sealed record Problem(int Status, string Detail, string? Error = null) : IResult
{
    private const string ContentType = "application/problem+json; charset=utf-8";

    public static Problem BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);
    public static Problem NotFound() => new(StatusCodes.Status404NotFound, "There is no such thing.");

    /// <summary>Why a change was refused.</summary>
    public static Problem Of(ChangeRefused refused) =>
        refused == ChangeRefused.NotThere ? NotFound()
        : refused == ChangeRefused.Stale ? new(StatusCodes.Status412PreconditionFailed, "It was changed in the meantime; read it again.")
        : refused == ChangeRefused.Busy ? new(StatusCodes.Status503ServiceUnavailable, refused.Problem)
        : refused.Problem is Rank.Problem or Rank.RoleProblem or EmailChanges.Helped
            ? new(StatusCodes.Status403Forbidden, refused.Problem)
        : refused.IsConflict || refused.Problem == LastAdministrator.Problem ? new(StatusCodes.Status409Conflict, refused.Problem)
        : refused.Problem.EndsWith("taken", StringComparison.Ordinal)
            ? new(StatusCodes.Status409Conflict, refused.Problem) : BadRequest(refused.Problem);

    /// <summary>Writes what no endpoint wrote.</summary>
    public static Task WriteAsync(HttpContext context, Fault fault) => new Problem(PlainErrors.StatusOf(fault), fault switch
    {
        Fault.HttpsRequired => "HTTPS is required.",
        Fault.NotFound => "There is nothing at this address.",
        Fault.MethodNotAllowed => "The method is not allowed here.",
        Fault.UnsupportedMediaType => "The body must be application/json, not compressed.",
        Fault.PayloadTooLarge => "The body is larger than 64 KB.",
        Fault.Unavailable => "The server is busy; try again.",
        Fault.Internal => "The server failed; the error is in its log.",
        _ => "The request is not well-formed.",
    }).ExecuteAsync(context);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (Status == StatusCodes.Status503ServiceUnavailable) httpContext.Response.Headers.RetryAfter = "5";
        if (Status == StatusCodes.Status401Unauthorized || Error is InsufficientScope or InsufficientAuthentication)
            httpContext.Response.Headers.WWWAuthenticate = ShownToken.Challenge(httpContext, Error);
        return Json.WriteAsync(httpContext, Status, this, static (json, problem) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(problem.Status));
            json.WriteNumber("status"u8, problem.Status);
            json.WriteString("detail"u8, problem.Detail);
            if (problem.Error is { } error) json.WriteString("error"u8, error);
            json.WriteEndObject();
        }, ContentType);
    }

    /// <summary>RFC 6750's words, and RFC 9470's for a session without a second factor.</summary>
    public const string InsufficientScope = "insufficient_scope", InvalidToken = "invalid_token",
        InsufficientAuthentication = "insufficient_user_authentication";
}
