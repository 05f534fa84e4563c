using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Admin.Users;

/// <summary>/admin/api/users: add, read, change, delete, disable, enable, unlock.</summary>
internal static class UserEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/users", List);
        routes.MapPost("/users", CreateAsync);
        routes.MapGet("/users/{id:int}", Get);
        routes.MapPatch("/users/{id:int}", ChangeAsync);
        DryRun.On(routes.MapDelete("/users/{id:int}", DeleteAsync));
        DryRun.On(routes.MapPost("/users/{id:int}/disable", DisableAsync));
        routes.MapPost("/users/{id:int}/enable", EnableAsync);
        routes.MapPost("/users/{id:int}/unlock", UnlockAsync);
    }

    private static IResult List(HttpContext context, AccountAdministration administration, UserAnswers answers)
    {
        var (page, problem) = PageRequest.Of(context.Request, "username", "email", "role", "status");
        var query = new Query(context.Request);
        var filter = new AccountFilter(query.Text("username"), query.Text("email"), query.Text("role"),
            query.OneOf("status", AccountFilter.Statuses), page?.Part);
        if ((problem ?? query.Problem) is { } wrong) return wrong;
        var users = administration.List(filter, page!.Stretch);
        return page.Answer(users, a => a.Id, answers.Among(users), AdminJson.Default.UserAnswer,
            most => administration.Count(filter, most));
    }

    private static async Task<IResult> CreateAsync(HttpContext context, UserAccounts accounts, UserAnswers answers)
    {
        var (draft, unreadable) = await AdminBody.ReadAsync(context.Request, AdminJson.Default.NewAccount);
        if (draft is null) return unreadable!;
        if (draft.TotpSecret is not null) return Problem.BadRequest("totp_secret is enrolled by the user.");
        if (await accounts.AddAsync(draft, Administrator.Of(context)) is { } problem)
            return problem == UserAccounts.Busy ? Problem.Of(ChangeRefused.Busy) : Problem.Of(new(problem));
        var account = accounts.FindByLogin(draft.UserName)!;
        context.Response.Headers.Location = $"/admin/api/users/{account.Id.ToString(CultureInfo.InvariantCulture)}";
        return answers.Answer(context, account, StatusCodes.Status201Created);
    }

    private static IResult Get(HttpContext context, int id, UserAccounts accounts, UserAnswers answers) =>
        accounts.Find(id) is { } account ? answers.Answer(context, account) : Problem.NotFound();

    private static async Task<IResult> ChangeAsync(HttpContext context, int id, AccountAdministration administration, UserAnswers answers)
    {
        var (members, unreadable) = await AdminBody.ReadObjectAsync(context.Request);
        if (members is null) return unreadable!;
        var (patch, wrong) = AdminBody.Bind(members, AdminJson.Default.UserPatch);
        if (patch is null) return wrong!;
        if (((string[])["email", "role"]).FirstOrDefault(name => members.ContainsKey(name) && members[name] is null) is { } needed)
            return Problem.BadRequest($"{needed} cannot be removed.");
        var (account, refused) = await administration.UpdateAsync(id, version => EntityTag.Allows(context.Request, version),
            current => new AccountChange(patch.Email ?? current.Email!,
                members.ContainsKey("name") ? patch.Name : current.Name, patch.Role ?? current.Role), Administrator.Of(context));
        return account is null
            ? EntityTag.Explain(context.Request, Problem.Of(refused!)) : answers.Answer(context, account);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, int id,
        AccountAdministration administration, UserAccounts accounts, BlastRadii radii)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        var radius = radii.OfAccount(id);
        if (!isDryRun && !await administration.DeleteAsync(id, Administrator.Of(context)) && accounts.Find(id) is not null) return Kept;
        return Answer(radius, isDryRun);
    }

    private static async Task<IResult> DisableAsync(HttpContext context, int id, UserAccounts accounts, BlastRadii radii)
    {
        bool isDryRun = DryRun.IsAsked(context.Request);
        if (accounts.Find(id) is not { } account) return Problem.NotFound();
        var radius = account.DisabledAt is null ? radii.OfAccount(id) : new BlastRadius();
        if (!isDryRun && !await accounts.DisableAsync(account, Administrator.Of(context)) && accounts.Find(id) is { DisabledAt: null })
            return Kept;
        return Answer(radius, isDryRun);
    }

    private static async Task<IResult> EnableAsync(HttpContext context, int id, UserAccounts accounts, UserAnswers answers)
    {
        if (accounts.Find(id) is not { } account) return Problem.NotFound();
        await accounts.EnableAsync(account, Administrator.Of(context));
        return answers.Answer(context, accounts.Find(id)!);
    }

    private static async Task<IResult> UnlockAsync(HttpContext context, int id, UserAccounts accounts, AccountLocks locks,
        UserAnswers answers)
    {
        await locks.UnlockAsync(id, Administrator.Of(context));
        return accounts.Find(id) is { } account ? answers.Answer(context, account) : Problem.NotFound();
    }

    private static JsonAnswer<RevocationAnswer> Answer(BlastRadius radius, bool isDryRun) =>
        new(StatusCodes.Status200OK, RevocationAnswer.Of(radius, isDryRun), AdminJson.Default.RevocationAnswer);

    private static Problem Kept => new(StatusCodes.Status409Conflict, LastAdministrator.Problem);
}
