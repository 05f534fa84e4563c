using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Foundation;
using TokenServer.RateLimits;

namespace TokenServer.Admin;

/// <summary>The one door to the administration (contract section 6).</summary>
internal sealed class AdminAuthorization(AdminAccess access) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (BearerToken.Of(http.Request) is not { } text)
            return new Problem(StatusCodes.Status401Unauthorized, "An access token is required.");
        var (token, verdict) = await access.FindAsync(text);
        if (token is null)
            return new Problem(StatusCodes.Status401Unauthorized, "The access token is invalid, expired or revoked.", Problem.InvalidToken);
        if (verdict == AdminVerdict.NeedsSecondFactor) return new Problem(StatusCodes.Status403Forbidden,
            "A session that was made with a second factor is required.", Problem.InsufficientAuthentication);
        if (verdict != AdminVerdict.May)
            return new Problem(StatusCodes.Status403Forbidden, "The scope admin is required.", Problem.InsufficientScope);
        // A body may take minutes to come; who may not administer any more by then is refused.
        if (await TakeBodyAsync(http.Request) && (await access.FindAsync(text)).Verdict != AdminVerdict.May)
            return new Problem(StatusCodes.Status401Unauthorized, "The access token is invalid, expired or revoked.", Problem.InvalidToken);
        http.Features.Set(new Actor(token.Subject, ClientAddress.Of(http), token.Client?.ClientId));
        return await next(context);
    }

    // Whether there was one.
    private static async Task<bool> TakeBodyAsync(HttpRequest request)
    {
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        body.Position = 0;
        request.Body = body;
        return body.Length > 0;
    }
}

/// <summary>Who administers, for the handlers behind the door.</summary>
internal static class Administrator
{
    public static Actor Of(HttpContext context) => context.Features.Get<Actor>()
        ?? throw new InvalidOperationException("an administration route without its authorization");
}
