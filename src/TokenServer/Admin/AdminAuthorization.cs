using System.Globalization;
using TokenServer.Accounts;
using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Hosting;
using TokenServer.RateLimits;
using TokenServer.Tokens;

namespace TokenServer.Admin;

/// <summary>The one door to the administration (contract section 6): an access token with the scope <c>admin</c>; a user's, only while the account has the role.</summary>
internal sealed class AdminAuthorization(TokenLookup tokens, UserAccounts accounts) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (BearerToken.Of(http.Request) is not { } text) return new Problem(StatusCodes.Status401Unauthorized, "An access token is required.");
        if (await tokens.FindAccessTokenAsync(text) is not { } token) return new Problem(StatusCodes.Status401Unauthorized, "The access token is invalid, expired or revoked.", Problem.InvalidToken);
        if (!ScopeSet.Parse(token.Scope).Contains(ScopeSet.Admin) || !HasRole(token)) return new Problem(StatusCodes.Status403Forbidden, "The scope admin is required.", Problem.InsufficientScope);
        http.Features.Set(new Actor(token.Subject, ClientAddress.Of(http)));
        return await next(context);
    }

    private bool HasRole(KnownToken token) =>
        token.SessionId is null || accounts.Find(int.Parse(token.Subject, CultureInfo.InvariantCulture)) is { Role: "admin", DisabledAt: null };
}

/// <summary>Who administers, for the handlers behind the door.</summary>
internal static class Administrator
{
    public static Actor Of(HttpContext context) => context.Features.Get<Actor>() ?? throw new InvalidOperationException("an administration route without its authorization");
}
