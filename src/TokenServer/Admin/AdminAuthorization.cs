using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Foundation;
using TokenServer.RateLimits;
using TokenServer.SignIns;
using TokenServer.Storage;

namespace TokenServer.Admin;

/// <summary>The one door to the administration (contract section 6): a token that administers, a role that may do what the route does, and
/// an account that this role may touch.</summary>
internal sealed class AdminAuthorization(AdminAccess access, KeyProofs proofs, UserAccounts accounts) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (ShownToken.Of(http.Request) is not { } shown)
            return new Problem(StatusCodes.Status401Unauthorized, "An access token is required.");
        var right = AdminRights.Of((http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, acts: !http.Request.IsRead());
        var caller = await access.FindAsync(shown.Text);
        if (caller.Token is null || !await proofs.IsHolderAsync(http, shown, caller.Token)) return NoGoodToken(http);
        if (Refuse(caller, right) is { } refused) return refused;
        // A body may take minutes to come; who may not administer any more by then is refused.
        if (await TakeBodyAsync(http.Request))
        {
            caller = await access.FindAsync(shown.Text);
            if (!caller.May(right)) return NoGoodToken(http);
        }
        var actor = new Actor(caller.Token!.Subject, ClientAddress.Of(http), caller.Token.Client?.ClientId) { Role = caller.Role };
        if (right is { Area: AdminArea.Users, Changes: true } && http.GetRouteValue("id") is string id
            && int.TryParse(id, out int account) && !Rank.MayTouch(actor, accounts.Find(account)?.Role))
            return Problem.Of(new ChangeRefused(Rank.Problem));
        http.Features.Set(actor);
        return await next(context);
    }

    private static Problem NoGoodToken(HttpContext http) => http.Features.Get<ProofRefusal>() is { } refusal
        ? new(StatusCodes.Status401Unauthorized, $"Access denied: {refusal.Why}.", refusal.Error)
        : new(StatusCodes.Status401Unauthorized, "The access token is invalid, expired or revoked.", Problem.InvalidToken);

    private static Problem? Refuse(AdminCaller caller, AdminRight right)
    {
        if (caller.Verdict == AdminVerdict.NeedsSecondFactor) return new Problem(StatusCodes.Status403Forbidden,
            "A session that was made with a second factor is required.", Problem.InsufficientAuthentication);
        if (caller.Verdict != AdminVerdict.May)
            return new Problem(StatusCodes.Status403Forbidden, "The scope admin is required.", Problem.InsufficientScope);
        return caller.May(right) ? null
            : new Problem(StatusCodes.Status403Forbidden, $"The role {caller.Role} may not do this.", Problem.InsufficientScope);
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
