using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Users;

/// <summary>/admin/users/{id}/email-change/{change}: confirms or refuses the e-mail address that a user wants.</summary>
internal static class UserEmailEndpoints
{
    private const string Answer = "answer", Confirm = "confirm", Refuse = "refuse";

    public static void Map(RouteGroupBuilder pages)
    {
        var change = pages.MapGroup("/users/{id:int}/email-change/{change}").AfterRecentSignIn();
        change.MapGet("", IResult (int id, string change, UserAccounts accounts, EmailChanges changes) =>
            Asked(id, change, accounts, changes) is { } asked ? asked.Ask() : ErrorPages.Of(Fault.NotFound));
        change.MapPost("", SettleAsync);
    }

    /// <summary>The page that confirms or refuses it.</summary>
    public static string PathOf(WaitingEmail change) => $"{UserEndpoints.PathOf(change.AccountId)}/email-change/{change.PublicId}";

    private static Confirmation? Asked(int id, string change, UserAccounts accounts, EmailChanges changes)
    {
        if (accounts.Find(id) is not { } account || changes.Of(id) is not { } waiting || waiting.PublicId != change) return null;
        var answers = new[] { (Refuse, UserEmailWords.Refuse), (Confirm, UserEmailWords.Confirm) };
        return new(UserEmailWords.Settle(account, waiting), UserEndpoints.PathOf(id))
        {
            Choices = new(Answer, UserEmailWords.Answer, waiting.IsTaken ? answers[..1] : answers), IsHarmless = true,
        };
    }

    private static async Task<IResult> SettleAsync(HttpContext context, int id, string change, UserAccounts accounts, EmailChanges changes)
    {
        if (Asked(id, change, accounts, changes) is not { } asked) return ErrorPages.Of(Fault.NotFound);
        bool? confirms = context.Request.Text(Answer, 10) switch { Confirm => true, Refuse => false, _ => null };
        if (confirms is null)
            return (asked with { Error = UserEmailWords.NoAnswer }).Ask(StatusCodes.Status400BadRequest);
        var refused = (confirms.Value ? await changes.ConfirmAsync(id, change, context.Actor())
            : await changes.RefuseAsync(id, change, context.Actor())).Refused;
        if (refused is null)
            return Go.To(UserEndpoints.PathOf(id), confirms.Value ? Notice.UserEmailConfirmed : Notice.UserEmailRefused);
        return refused == ChangeRefused.NotThere ? ErrorPages.Of(Fault.NotFound)
            : (asked with { Error = FormWords.NotDone(refused.Problem) }).Ask(StatusCodes.Status409Conflict);
    }
}
