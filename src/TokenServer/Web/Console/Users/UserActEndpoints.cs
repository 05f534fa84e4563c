using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage.Rows;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Users;

/// <summary>/admin/users/{id}/disable, /enable, /second-factor, /password, /delete: each asks first, and says what dies.</summary>
internal static class UserActEndpoints
{
    public static void Map(RouteGroupBuilder pages)
    {
        var user = pages.MapGroup("/users/{id:int}").AfterRecentSignIn();
        user.MapGet("/disable",
            IResult (int id, UserAccounts accounts, BlastRadii radii) => Ask(accounts, id, account => Disable(account, radii)));
        user.MapPost("/disable", DisableAsync);
        user.MapGet("/enable", IResult (int id, UserAccounts accounts) =>
            Ask(accounts, id, account => new(UserActWords.Enable(account), UserEndpoints.PathOf(id)) { IsHarmless = true }));
        user.MapPost("/enable", EnableAsync);
        user.MapGet("/second-factor", IResult (int id, UserAccounts accounts, BlastRadii radii) =>
            Ask(accounts, id, account => new(UserActWords.RemoveSecondFactor(account), UserEndpoints.PathOf(id))
                { Radius = radii.OfAccount(id) with { ApiKeys = 0, Tunnels = 0 } }));
        user.MapPost("/second-factor", RemoveSecondFactorAsync);
        user.MapGet("/password", IResult (int id, UserAccounts accounts, BlastRadii radii) => accounts.Find(id) is { } account
            ? Password(account, radii, null) : ErrorPages.Of(Fault.NotFound));
        user.MapPost("/password", SetPasswordAsync);
        user.MapGet("/delete",
            IResult (int id, UserAccounts accounts, BlastRadii radii) => Ask(accounts, id, account => Delete(account, radii)));
        user.MapPost("/delete", DeleteAsync);
        UserEndingEndpoints.Map(user);
    }

    private static IResult Ask(UserAccounts accounts, int id, Func<AccountSnapshot, Confirmation> confirmation) =>
        accounts.Find(id) is { } account ? confirmation(account).Ask() : ErrorPages.Of(Fault.NotFound);

    private static Confirmation Disable(AccountSnapshot account, BlastRadii radii) =>
        new(UserActWords.Disable(account), UserEndpoints.PathOf(account.Id)) { Radius = radii.OfAccount(account.Id) };

    private static Confirmation Delete(AccountSnapshot account, BlastRadii radii) =>
        new(UserActWords.Delete(account), UserEndpoints.PathOf(account.Id)) { Radius = radii.OfAccount(account.Id) };

    private static async Task<IResult> DisableAsync(HttpContext context, int id, UserAccounts accounts, BlastRadii radii)
    {
        if (accounts.Find(id) is not { } account) return ErrorPages.Of(Fault.NotFound);
        bool isKept = !await accounts.DisableAsync(account, context.Actor()) && accounts.Find(id) is { DisabledAt: null };
        return isKept ? Kept(Disable(account, radii)) : Go.To(UserEndpoints.PathOf(id), Notice.UserDisabled);
    }

    private static async Task<IResult> EnableAsync(HttpContext context, int id, UserAccounts accounts)
    {
        if (accounts.Find(id) is not { } account) return ErrorPages.Of(Fault.NotFound);
        await accounts.EnableAsync(account, context.Actor());
        return Go.To(UserEndpoints.PathOf(id), Notice.UserEnabled);
    }

    private static async Task<IResult> RemoveSecondFactorAsync(HttpContext context, int id, UserAccounts accounts)
    {
        if (accounts.Find(id) is not { } account) return ErrorPages.Of(Fault.NotFound);
        await accounts.RemoveSecondFactorAsync(account, context.Actor());
        return Go.To(UserEndpoints.PathOf(id), Notice.UserTwoFactorOff);
    }

    private static async Task<IResult> SetPasswordAsync(HttpContext context, int id, UserAccounts accounts, BlastRadii radii)
    {
        if (accounts.Find(id) is not { } account) return ErrorPages.Of(Fault.NotFound);
        string password = context.Request.Text("new_password", FieldLimits.Password) ?? "";
        string? problem = PasswordRule.Problem(account.UserName, account.Email, password)
            ?? (context.Request.Text("repeated_password", FieldLimits.Password) != password
                ? UserPasswordPage.NotRepeated : await accounts.SetPasswordAsync(account, password, context.Actor()));
        if (problem == UserAccounts.Busy) return ErrorPages.Busy();
        return problem is null ? Go.To(UserEndpoints.PathOf(id), Notice.UserPasswordSet)
            : Password(account, radii, FormWords.NotSaved(problem), StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, int id,
        AccountAdministration administration, UserAccounts accounts, BlastRadii radii)
    {
        if (accounts.Find(id) is not { } account) return ErrorPages.Of(Fault.NotFound);
        bool isKept = !await administration.DeleteAsync(id, context.Actor()) && accounts.Find(id) is not null;
        return isKept ? Kept(Delete(account, radii)) : Go.To(UserEndpoints.Path, Notice.UserDeleted);
    }

    private static IResult Kept(Confirmation asked) =>
        (asked with { Error = FormWords.NotDone(LastAdministrator.Problem) }).Ask(StatusCodes.Status409Conflict);

    private static Page<UserPasswordPage> Password(AccountSnapshot account,
        BlastRadii radii, string? error, int status = StatusCodes.Status200OK) =>
        new(new UserPasswordForm(account, radii.OfAccount(account.Id).Sessions, error), status) { Field = "new" };
}

/// <summary>What the page for a user's password shows.</summary>
internal sealed record UserPasswordForm(AccountSnapshot Account, long Sessions, string? Error);
