using TokenServer.Accounts;
using TokenServer.Accounts.Passkeys;
using TokenServer.Foundation;

namespace TokenServer.Admin.Users;

/// <summary>/admin/api/users/{id}/passkeys: list, and remove one that its owner has lost.</summary>
internal static class PasskeyEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/users/{id:int}/passkeys", List);
        routes.MapDelete("/users/{id:int}/passkeys/{passkey}", RemoveAsync);
    }

    private static IResult List(int id, UserAccounts accounts, UserPasskeys passkeys) => accounts.Find(id) is null ? Problem.NotFound()
        : new JsonAnswer<PasskeysAnswer>(StatusCodes.Status200OK,
            new([.. passkeys.Of(id).Select(PasskeyAnswer.Of)]), AdminJson.Default.PasskeysAnswer);

    private static async Task<IResult> RemoveAsync(HttpContext context, int id, string passkey, UserPasskeys passkeys) =>
        await passkeys.RemoveAsync(id, passkey, Administrator.Of(context)) ? Results.NoContent() : Problem.NotFound();
}
