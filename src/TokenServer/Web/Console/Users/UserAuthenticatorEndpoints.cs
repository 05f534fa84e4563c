using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Users;

/// <summary>/admin/users/{id}/authenticators/{authenticator}: removes one that its owner has lost; asks first.</summary>
internal static class UserAuthenticatorEndpoints
{
    public static void Map(RouteGroupBuilder pages)
    {
        var authenticator = pages.MapGroup("/users/{id:int}/authenticators/{authenticator}").AfterRecentSignIn();
        authenticator.MapGet("", Ask);
        authenticator.MapPost("", RemoveAsync);
    }

    /// <summary>The page that removes an authenticator.</summary>
    public static string PathOf(Authenticator authenticator) =>
        $"{UserEndpoints.PathOf(authenticator.AccountId)}/authenticators/{authenticator.PublicId}";

    private static IResult Ask(int id, string authenticator, UserAccounts accounts, UserAuthenticators authenticators, BlastRadii radii)
    {
        var all = authenticators.Of(id);
        if (accounts.Find(id) is not { } account || all.FirstOrDefault(a => a.PublicId == authenticator) is not { } found)
            return ErrorPages.Of(Fault.NotFound);
        return new Confirmation(UserActWords.RemoveAuthenticator(account, found.Name, isLast: all.Count == 1), UserEndpoints.PathOf(id))
            { Radius = radii.OfAccount(id) with { ApiKeys = 0, Tunnels = 0 } }.Ask();
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, int id, string authenticator, UserAuthenticators authenticators) =>
        await authenticators.RemoveAsync(id, authenticator, context.Actor())
            ? Go.To(UserEndpoints.PathOf(id), Notice.UserAuthenticatorRemoved) : ErrorPages.Of(Fault.NotFound);
}
