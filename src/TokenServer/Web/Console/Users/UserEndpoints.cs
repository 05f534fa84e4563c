using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Accounts.Tunnels;
using TokenServer.Audit;
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

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/users", IResult (HttpContext context, AccountAdministration administration) => List(context, administration));
        pages.MapGet("/users/new", IResult () => new Page<NewUserPage>(new NewUserForm(new NewAccount(), null))).AfterRecentSignIn();
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
        var filter = new AccountFilter(Part: query.Part, Role: query.Text("role"),
            Status: query.OneOf("status", AccountFilter.Statuses));
        var list = query.Page(stretch => administration.List(filter, stretch), a => a.Id, most => administration.Count(filter, most));
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
            : new Page<NewUserPage>(new NewUserForm(draft, FormWords.NotSaved(problem)), StatusCodes.Status400BadRequest)
                { Field = FieldWords.FieldOf(problem) };
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
        string error = isStale ? UserPage.Stale : FormWords.NotSaved(refused.Problem);
        return new Page<UserPage>(new UserForm(account, belongings.Of(id), wanted) { Version = version, Error = error, IsStale = isStale },
            isStale ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest) { Field = FieldWords.FieldOf(refused.Problem) };
    }

}

/// <summary>What a user has.</summary>
internal sealed class UserBelongings(
    BlastRadii radii, SessionList sessions, Consents consents, UserApiKeys keys, UserTunnels tunnels, AuditLog audit)
{
    private const int Shown = 10;

    public Belongings Of(int accountId) =>
        new(radii.OfAccount(accountId), sessions.List(new SessionFilter(AccountId: accountId, Status: SessionSummary.Active), null, Shown),
            consents.Of(accountId))
        {
            Keys = keys.Of(accountId), Tunnels = tunnels.Of(accountId),
            SignIns = [.. audit.List(new AuditFilter(Event: "session.started", Actor: accountId.ToString(CultureInfo.InvariantCulture)),
                null, Shown).Select(e => e.Said)],
        };
}

/// <summary>What a user has: how much of it would die with the account's sessions, the latest of these, and what the user has allowed
/// clients.</summary>
internal sealed record Belongings(BlastRadius Radius, IReadOnlyList<SessionSummary> Sessions, IReadOnlyList<Consent> Consents)
{
    public IReadOnlyList<ApiKey> Keys { get; init; } = [];
    public IReadOnlyList<Tunnel> Tunnels { get; init; } = [];

    /// <summary>The latest sign-ins, the newest first.</summary>
    public IReadOnlyList<AuditEvent> SignIns { get; init; } = [];
}

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
