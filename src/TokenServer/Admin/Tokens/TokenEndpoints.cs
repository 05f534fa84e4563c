using TokenServer.Foundation;
using TokenServer.Sessions;

namespace TokenServer.Admin.Tokens;

/// <summary>POST /admin/api/tokens/revoke: ends whatever a token stands for, whoever it belongs to.</summary>
internal static class TokenEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/tokens/revoke", RevokeAsync);

    private static async Task<IResult> RevokeAsync(HttpContext context, AnyTokenRevocation revocation)
    {
        var (body, unreadable) = await AdminBody.ReadAsync(context.Request, AdminJson.Default.TokenBody);
        if (body is null) return unreadable!;
        if (string.IsNullOrEmpty(body.Token)) return Problem.BadRequest("token is required.");
        string? use = await revocation.RevokeAsync(body.Token, Administrator.Of(context));
        return new JsonAnswer<TokenAnswer>(StatusCodes.Status200OK, new(use is not null, use), AdminJson.Default.TokenAnswer);
    }
}
