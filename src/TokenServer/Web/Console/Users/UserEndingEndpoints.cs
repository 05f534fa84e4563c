using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Tunnels;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage.Rows;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Users;

/// <summary>/admin/users/{id}/unlock, /end-sessions, /keys/{key}/delete, /tunnels/{tunnel}/revoke: what a user's page ends with one click;
/// its own page is for who has to sign in again first.</summary>
internal static class UserEndingEndpoints
{
    public static void Map(RouteGroupBuilder user)
    {
        user.MapGet("/unlock", IResult (int id, UserAccounts accounts) => Ask(accounts, id, account =>
            new(UserActWords.Unlock(account), UserEndpoints.PathOf(id)) { IsHarmless = true }));
        user.MapPost("/unlock", UnlockAsync);
        user.MapGet("/end-sessions", IResult (int id, UserAccounts accounts, BlastRadii radii) => Ask(accounts, id, account =>
            new(UserActWords.EndSessions(account), UserEndpoints.PathOf(id))
                { Radius = radii.OfAccount(id) with { ApiKeys = 0, Tunnels = 0 } }));
        user.MapPost("/end-sessions", EndSessionsAsync);
        user.MapGet("/keys/{key}/delete", IResult (int id, string key, UserApiKeys keys, UserAccounts accounts) =>
            keys.Of(id).FirstOrDefault(k => k.KeyId == key) is not { } found ? ErrorPages.Of(Fault.NotFound)
            : Ask(accounts, id, account => new(UserActWords.DeleteKey(account, found.Name), UserEndpoints.PathOf(id))));
        user.MapPost("/keys/{key}/delete", DeleteKeyAsync);
        user.MapGet("/tunnels/{tunnel:int}/revoke", IResult (int id, int tunnel, UserTunnels tunnels, UserAccounts accounts) =>
            tunnels.Of(id).FirstOrDefault(t => t.Id == tunnel) is not { } found ? ErrorPages.Of(Fault.NotFound)
            : Ask(accounts, id, account => new(UserActWords.RevokeTunnel(account, found.Name), UserEndpoints.PathOf(id))));
        user.MapPost("/tunnels/{tunnel:int}/revoke", RevokeTunnelAsync);
    }

    private static IResult Ask(UserAccounts accounts, int id, Func<AccountSnapshot, Confirmation> confirmation) =>
        accounts.Find(id) is { } account ? confirmation(account).Ask() : ErrorPages.Of(Fault.NotFound);

    private static async Task<IResult> UnlockAsync(HttpContext context, int id, UserAccounts accounts, AccountLocks locks)
    {
        if (accounts.Find(id) is null) return ErrorPages.Of(Fault.NotFound);
        await locks.UnlockAsync(id, context.Actor());
        return Go.To(ReturnPath.From(context.Request, UserEndpoints.PathOf(id)), Notice.UserUnlocked);
    }

    private static async Task<IResult> EndSessionsAsync(HttpContext context, int id, SessionAdministration sessions) =>
        await sessions.EndAllOfAsync(id, context.Actor()) is null ? ErrorPages.Of(Fault.NotFound)
        : Go.To(UserEndpoints.PathOf(id), Notice.UserSessionsEnded);

    private static async Task<IResult> DeleteKeyAsync(HttpContext context, int id, string key, UserApiKeys keys, UserAccounts accounts)
    {
        if (accounts.Find(id) is null) return ErrorPages.Of(Fault.NotFound);
        // One that is gone already is dead as well.
        await keys.DeleteAsync(id, key, context.Actor());
        return Go.To(UserEndpoints.PathOf(id), Notice.UserKeyDeleted);
    }

    private static async Task<IResult> RevokeTunnelAsync(HttpContext context, int id, int tunnel, UserTunnels tunnels,
        UserAccounts accounts)
    {
        if (accounts.Find(id) is null) return ErrorPages.Of(Fault.NotFound);
        await tunnels.RevokeAsync(id, tunnel, context.Actor());
        return Go.To(UserEndpoints.PathOf(id), Notice.UserTunnelRevoked);
    }
}
