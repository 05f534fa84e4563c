using TokenServer.Accounts;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

namespace TokenServer.Admin.Users;

/// <summary>/admin/api/users/{id}/email-change/{change}: confirm, refuse the e-mail address that a user wants.</summary>
internal static class EmailChangeEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/users/{id:int}/email-change/{change}/confirm", ConfirmAsync);
        routes.MapPost("/users/{id:int}/email-change/{change}/refuse", RefuseAsync);
    }

    private static async Task<IResult> ConfirmAsync(HttpContext context, int id, string change,
        EmailChanges changes, UserAnswers answers) =>
        Answer(context, await changes.ConfirmAsync(id, change, Administrator.Of(context)), answers);

    private static async Task<IResult> RefuseAsync(HttpContext context, int id, string change,
        EmailChanges changes, UserAnswers answers) =>
        Answer(context, await changes.RefuseAsync(id, change, Administrator.Of(context)), answers);

    private static IResult Answer(HttpContext context, Changed<AccountSnapshot> changed, UserAnswers answers) =>
        changed.Value is { } account ? answers.Answer(context, account) : Problem.Of(changed.Refused!);
}
