using TokenServer.Accounts;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/password: changes it, which ends every other session.</summary>
internal static class PasswordEndpoints
{
    public const string Path = WebModule.Account + "/password";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/password", IResult () => new Page<PasswordPage>()).AfterRecentSignIn();
        pages.MapPost("/password", ChangeAsync).AfterRecentSignIn().ChecksCredentials();
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, Credentials credentials)
    {
        string? current = context.Request.Text("current_password", FieldLimits.Password),
            next = context.Request.Text("new_password", FieldLimits.Password);
        if (current is null || next is null) return Again(PasswordPage.Missing, current is null ? "current" : "new");
        if (context.Request.Text("repeated_password", FieldLimits.Password) != next)
            return Again(PasswordPage.NotRepeated, "repeated");
        return await credentials.ChangePasswordAsync(context.Owner(), context.Visitor().Account, current, next) switch
        {
            CredentialsResult.Done => Go.To(WebModule.Account, Notice.PasswordChanged),
            CredentialsResult.Weak => Again(PasswordPage.Weak, "new"),
            CredentialsResult.Busy => ErrorPages.Busy(),
            CredentialsResult.SignedOut => Go.To(SignInEndpoints.Path),
            _ => Again(PasswordPage.Wrong, "current", StatusCodes.Status401Unauthorized),
        };
    }

    private static Page<PasswordPage> Again(string error, string field, int status = StatusCodes.Status400BadRequest) =>
        new(error, status) { Field = field };
}
