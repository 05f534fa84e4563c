using TokenServer.Accounts;
using TokenServer.SignIns;
using TokenServer.Storage.Rows;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/profile: the name; /account/email: another e-mail address, a short while after signing in, which counts once it is
/// confirmed.</summary>
internal static class ProfileEndpoints
{
    public const string Path = WebModule.Account + "/profile", EmailPath = WebModule.Account + "/email";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/profile", IResult (HttpContext context, EmailChanges changes) =>
            Show(context, changes, context.Visitor().Account.Name));
        pages.MapPost("/profile", RenameAsync).ChecksCredentials();
        pages.MapGet("/email", IResult () => new Page<EmailPage>(new EmailForm(null, null))).AfterRecentSignIn();
        pages.MapPost("/email", AskAsync).AfterRecentSignIn().ChecksCredentials();
        pages.MapPost("/email/withdraw", WithdrawAsync).OnPage(Path);
    }

    private static async Task<IResult> RenameAsync(HttpContext context, OwnProfile profile, EmailChanges changes)
    {
        string given = context.Request.Form["name"].ToString(), version = context.Request.Text("version", 100) ?? "";
        string? name = context.Request.Name("name", NewAccount.LongestName);
        bool isUnreadable = name is null && given.Trim().Length > 0;
        return (isUnreadable ? Renamed.BadName : await profile.RenameAsync(context.Owner(), version, name)) switch
        {
            Renamed.Done => Go.To(Path, Notice.NameSaved),
            Renamed.SignedOut => Go.To(SignInEndpoints.Path),
            Renamed.Stale => Show(context, changes, name, ProfilePage.Stale, StatusCodes.Status409Conflict),
            _ => Show(context, changes, given, FormWords.NotSaved(NewAccount.NameProblem("\0")!), StatusCodes.Status400BadRequest),
        };
    }

    private static async Task<IResult> AskAsync(HttpContext context, EmailChanges changes)
    {
        string? email = context.Request.Name("email", FieldLimits.Login);
        return (email is null ? EmailAsked.BadAddress : await changes.AskAsync(context.Owner(), email)) switch
        {
            EmailAsked.Waits => Go.To(Path, Notice.EmailAsked),
            EmailAsked.SignedOut => Go.To(SignInEndpoints.Path),
            EmailAsked.Halfway => new Page<EmailPage>(new EmailForm(email, EmailPage.Halfway), StatusCodes.Status403Forbidden),
            EmailAsked.IsTheirs => Again(EmailPage.IsYours),
            _ => Again(EmailPage.NoAddress),
        };

        Page<EmailPage> Again(string error) => new(new EmailForm(email, error), StatusCodes.Status400BadRequest) { Field = "email" };
    }

    private static async Task<IResult> WithdrawAsync(HttpContext context, EmailChanges changes) =>
        await changes.WithdrawAsync(context.Owner()) == Sessions.NotOwned.SignedOut ? Go.To(SignInEndpoints.Path)
            // One that does not wait any more is withdrawn as well.
            : Go.To(Path, Notice.EmailWithdrawn);

    private static Page<ProfilePage> Show(HttpContext context, EmailChanges changes, string? name,
        string? error = null, int status = StatusCodes.Status200OK)
    {
        var account = context.Visitor().Account;
        return new(new Profile(account, changes.Of(account.Id), name) { Error = error }, status) { Field = error is null ? null : "name" };
    }
}

/// <summary>What the profile page shows.</summary>
/// <param name="Account">The account as it is.</param>
/// <param name="Waiting">The e-mail address that waits for it.</param>
/// <param name="Name">What the form has in it.</param>
internal sealed record Profile(AccountSnapshot Account, WaitingEmail? Waiting, string? Name)
{
    public string? Error { get; init; }
}

/// <summary>What the page for another e-mail address shows.</summary>
internal sealed record EmailForm(string? Email, string? Error);
