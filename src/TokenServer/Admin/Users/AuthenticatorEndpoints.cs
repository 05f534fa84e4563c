using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Foundation;
using TokenServer.Storage;

namespace TokenServer.Admin.Users;

/// <summary>/admin/api/users/{id}/authenticators: list, remove one that its owner has lost, or all, which turns the second factor
/// off.</summary>
internal static class AuthenticatorEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/users/{id:int}/authenticators", List);
        routes.MapDelete("/users/{id:int}/authenticators", RemoveAllAsync);
        routes.MapDelete("/users/{id:int}/authenticators/{authenticator}", RemoveAsync);
    }

    private static IResult List(int id, UserAccounts accounts, UserAuthenticators authenticators) =>
        accounts.Find(id) is null ? Problem.NotFound() : new JsonAnswer<AuthenticatorsAnswer>(StatusCodes.Status200OK,
            new([.. authenticators.Of(id).Select(AuthenticatorAnswer.Of)]), AdminJson.Default.AuthenticatorsAnswer);

    private static async Task<IResult> RemoveAsync(HttpContext context, int id, string authenticator, UserAuthenticators authenticators) =>
        await authenticators.RemoveAsync(id, authenticator, Administrator.Of(context)) ? Results.NoContent() : Problem.NotFound();

    // Where there was none, there is none, too.
    private static async Task<IResult> RemoveAllAsync(HttpContext context, int id, UserAccounts accounts)
    {
        if (accounts.Find(id) is not { } account) return Problem.NotFound();
        bool isOff = await accounts.RemoveSecondFactorAsync(account, Administrator.Of(context))
            || accounts.Find(id) is not { HasSecondFactor: true };
        return isOff ? Results.NoContent() : Problem.Of(new ChangeRefused(Rank.Problem));
    }
}
