using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Web.Authentication;
using TokenServer.Web.Console.Shared;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Console.Users;

/// <summary>/admin/users: list, add, read and change.</summary>
internal static class UserEndpoints
{
    public const string Path = WebModule.Console + "/users";
    private const string Disabled = "disabled";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/users", IResult (HttpContext context, AccountAdministration administration) => List(context, administration));
        pages.MapGet("/users/new", IResult () => New(new NewAccount(), null)).AfterRecentSignIn();
        pages.MapPost("/users/new", AddAsync).AfterRecentSignIn();
        pages.MapGet("/users/{id:int}", IResult (int id, UserAccounts accounts, UserBelongings belongings) =>
            accounts.Find(id) is { } account ? Show(account, belongings) : ErrorPages.Of(Fault.NotFound));
        pages.MapPost("/users/{id:int}", ChangeAsync).AfterRecentSignIn();
    }

    /// <summary>The page of a user.</summary>
    public static string PathOf(int id) => $"{Path}/{id}";

    private static Page<UserPage> Show(AccountSnapshot account, UserBelongings belongings) =>
        new Page<UserPage>(new UserForm(account, belongings.Of(account.Id),
            new AccountChange(account.Email ?? "", account.Name, account.Role)) { Version = account.Version });

    private static Page<UsersPage> List(HttpContext context, AccountAdministration administration)
    {
        var query = new ListQuery(context.Request);
        string? status = query.OneOf("status", "Status", "active", Disabled);
        var filter = new AccountFilter(Part: query.Text("find", "The name"),
            Role: query.Text("role", "The role"), IsDisabled: status is null ? null : status == Disabled);
        int? before = (int?)Math.Min(query.Before ?? int.MaxValue, int.MaxValue);
        var list = query.Page(() => administration.List(filter, before, ListQuery.Limit), a => a.Id);
        return new Page<UsersPage>(list, list.Status);
    }

    private static async Task<IResult> AddAsync(HttpContext context, UserAccounts accounts)
    {
        var form = new FieldReader(context.Request);
        var draft = new NewAccount
        {
            UserName = form.Text("username", 100) ?? "", Email = form.Text("email", FieldLimits.Login) ?? "", Name = form.Text("name", 200),
            Role = form.Text("role", 32) ?? "", Password = context.Request.Text("password", FieldLimits.Password) ?? "",
        };
        string? problem = form.Problem ?? await accounts.AddAsync(draft, context.Actor());
        if (problem == UserAccounts.Busy) return ErrorPages.Busy();
        return problem is null ? Go.To(PathOf(accounts.FindByLogin(draft.UserName)!.Id), Notice.UserAdded)
            : New(draft, Sentence.NotSaved(problem), StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, int id,
        AccountAdministration administration, UserAccounts accounts, UserBelongings belongings)
    {
        if (accounts.Find(id) is not { } account) return ErrorPages.Of(Fault.NotFound);
        var form = new FieldReader(context.Request);
        var wanted = new AccountChange(form.Text("email", FieldLimits.Login) ?? "", form.Text("name", 200), form.Text("role", 32) ?? "");
        string version = context.Request.Text("version", 100) ?? "";
        var refused = form.Problem is { } problem ? new ChangeRefused(problem)
            : (await administration.UpdateAsync(id, seen => seen == version, _ => wanted, context.Actor())).Refused;
        if (refused is null) return Go.To(PathOf(id), Notice.UserSaved);
        if (refused == ChangeRefused.NotThere) return ErrorPages.Of(Fault.NotFound);
        bool isStale = refused == ChangeRefused.Stale;
        string error = isStale
            ? "Nothing was saved: the user was changed in the meantime. "
                + "What you entered is below; open the user again to see it as it is now."
            : Sentence.NotSaved(refused.Problem);
        return new Page<UserPage>(new UserForm(account, belongings.Of(id), wanted) { Version = version, Error = error, IsStale = isStale },
            isStale ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest);
    }

    private static Page<NewUserPage> New(NewAccount draft, string? error, int status = StatusCodes.Status200OK) =>
        new(new NewUserForm(draft, error), status);
}

/// <summary>What a user has.</summary>
internal sealed class UserBelongings(BlastRadii radii, SessionList sessions)
{
    private const int Shown = 10;

    public Belongings Of(int accountId) =>
        new(radii.OfAccount(accountId), sessions.List(new SessionFilter(AccountId: accountId, Status: SessionSummary.Active), null, Shown));
}

/// <summary>What a user has: how much of it would die with the account's sessions, and the latest of these.</summary>
internal sealed record Belongings(BlastRadius Radius, IReadOnlyList<SessionSummary> Sessions);

/// <summary>What the page of a user shows.</summary>
/// <param name="Account">The user as it is.</param>
/// <param name="Has">What the user has.</param>
/// <param name="Fields">What the form has in it.</param>
internal sealed record UserForm(AccountSnapshot Account, Belongings Has, AccountChange Fields)
{
    /// <summary>The account's as the form was made from.</summary>
    public string Version { get; init; } = "";
    public string? Error { get; init; }
    public bool IsStale { get; init; }
}

/// <summary>What the page for a new user shows.</summary>
internal sealed record NewUserForm(NewAccount Draft, string? Error);
