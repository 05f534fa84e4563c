using TokenServer.Accounts;
using TokenServer.Accounts.Explaining;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Admin.Tokens;

/// <summary>POST /admin/api/tokens/explain and /revoke: says of any string, whoever it belongs to, what it is and why it is not good;
/// or ends what it stands for.</summary>
internal static class TokenEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tokens/explain", ExplainAsync);
        routes.MapPost("/tokens/revoke", RevokeAsync);
    }

    private static async Task<IResult> ExplainAsync(HttpContext context, TokenExplanations explanations)
    {
        var (token, problem) = await ReadAsync(context.Request);
        return token is null ? problem!
            : new JsonAnswer<ExplanationAnswer>(StatusCodes.Status200OK, ExplanationAnswer.Of(
                await explanations.ExplainAsync(token, Administrator.Of(context))),
                AdminJson.Default.ExplanationAnswer);
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, AnyTokenRevocation revocation, TokenExplanations explanations)
    {
        var (token, problem) = await ReadAsync(context.Request);
        if (token is null) return problem!;
        var actor = Administrator.Of(context);
        if (!await explanations.MayRevokeAsync(token, actor)) return Problem.Of(new ChangeRefused(Rank.Problem));
        string? use = await revocation.RevokeAsync(token, actor);
        return new JsonAnswer<TokenAnswer>(StatusCodes.Status200OK, new(use is not null, use), AdminJson.Default.TokenAnswer);
    }

    private static async Task<(string? Token, Problem? Problem)> ReadAsync(HttpRequest request)
    {
        var (body, unreadable) = await AdminBody.ReadAsync(request, AdminJson.Default.TokenBody);
        if (body is null) return (null, unreadable);
        return string.IsNullOrEmpty(body.Token) ? (null, Problem.BadRequest("token is required.")) : (body.Token, null);
    }
}
