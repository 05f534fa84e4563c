using TokenServer.Accounts;
using TokenServer.Accounts.Passkeys;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Users;

/// <summary>/admin/users/{id}/passkeys/{passkey}: removes a passkey that its owner has lost; asks first.</summary>
internal static class UserPasskeyEndpoints
{
    public static void Map(RouteGroupBuilder pages)
    {
        var passkey = pages.MapGroup("/users/{id:int}/passkeys/{passkey}").AfterRecentSignIn();
        passkey.MapGet("", Ask);
        passkey.MapPost("", RemoveAsync);
    }

    /// <summary>The page that removes a passkey.</summary>
    public static string PathOf(Passkey passkey) => $"{UserEndpoints.PathOf(passkey.AccountId)}/passkeys/{passkey.PublicId}";

    private static IResult Ask(int id, string passkey, UserAccounts accounts, UserPasskeys passkeys)
    {
        if (accounts.Find(id) is not { } account || passkeys.Of(id).FirstOrDefault(p => p.PublicId == passkey) is not { } found)
            return ErrorPages.Of(Fault.NotFound);
        bool isOnlyWayIn = account.PasswordHash is null && passkeys.Of(id).Count == 1;
        return new Confirmation(UserActWords.RemovePasskey(account, found.Name, isOnlyWayIn), UserEndpoints.PathOf(id)).Ask();
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, int id, string passkey, UserPasskeys passkeys) =>
        await passkeys.RemoveAsync(id, passkey, context.Actor())
            ? Go.To(UserEndpoints.PathOf(id), Notice.UserPasskeyRemoved) : ErrorPages.Of(Fault.NotFound);
}
