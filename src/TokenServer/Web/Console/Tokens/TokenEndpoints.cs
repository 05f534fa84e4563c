using TokenServer.Accounts;
using TokenServer.Accounts.Explaining;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage.Rows;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Tokens;

/// <summary>/admin/tokens: paste any string, read what it is and why it is not good, and revoke it beside that.</summary>
internal static class TokenEndpoints
{
    public const string Path = WebModule.Console + "/tokens";

    // Sealed, a token is half as long again.
    private const int LongestSealed = 2 * TokenExplanations.Longest;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/tokens", IResult () => new Page<TokenPage>(new TokenForm(null, null)));
        pages.MapPost("/tokens", ExplainAsync).OnlyAsks();
        // Where one comes back to who had to sign in again; what was pasted is pasted again.
        pages.MapGet("/tokens/revoke", IResult () => new Page<TokenPage>(new TokenForm(null, null)));
        pages.MapPost("/tokens/revoke", RevokeAsync).AfterRecentSignIn();
    }

    private static async Task<IResult> ExplainAsync(HttpContext context, TokenExplanations explanations, PastedTokens pasted)
    {
        if (context.Request.Text("token", TokenExplanations.Longest) is not { } token)
            return new Page<TokenPage>(new TokenForm(null, TokenPage.NothingPasted), StatusCodes.Status400BadRequest);
        var found = await explanations.ExplainAsync(token, context.Actor());
        bool mayRevoke = found.IsRevocable && explanations.MayRevoke(found, context.Actor());
        return new Page<TokenPage>(new TokenForm(found, null)
        {
            Account = explanations.AccountOf(found), Sealed = mayRevoke ? pasted.Seal(context.Visitor(), token.Trim()) : null,
        });
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, PastedTokens pasted, AnyTokenRevocation revocation,
        TokenExplanations explanations)
    {
        if (pasted.Open(context.Visitor(), context.Request.Text("pasted", LongestSealed)) is not { } token)
            return new Page<TokenPage>(new TokenForm(null, TokenPage.PasteAgain), StatusCodes.Status400BadRequest);
        if (!await explanations.MayRevokeAsync(token, context.Actor()))
            return ErrorPages.Of(StatusCodes.Status403Forbidden, TokenPage.NotYours);
        bool wasAlive = await revocation.RevokeAsync(token, context.Actor()) is not null;
        return Go.To(Path, wasAlive ? Notice.TokenRevoked : Notice.TokenWasDead);
    }
}

/// <summary>What the page shows.</summary>
/// <param name="Found">What was pasted; null where nothing was.</param>
/// <param name="Error">Why not.</param>
internal sealed record TokenForm(TokenExplanation? Found, string? Error)
{
    /// <summary>Whose it is.</summary>
    public AccountSnapshot? Account { get; init; }

    /// <summary>What was pasted, for the form that revokes it; null where the visitor may not, or there is nothing to end.</summary>
    public string? Sealed { get; init; }
}
