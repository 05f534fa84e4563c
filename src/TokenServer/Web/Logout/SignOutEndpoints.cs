using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Logout;

/// <summary>/account/sign-out: ends the browser's sign-in, and what was begun from it (contract section 9).</summary>
internal static class SignOutEndpoints
{
    public const string Path = WebModule.Account + "/sign-out", TargetField = "target";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-out", Show).ForEveryone();
        pages.MapPost("/sign-out", SignOutAsync);
    }

    private static IResult Show(HttpContext context) =>
        context.FindVisitor() is null ? new Page<SignedOutPage>() : new Page<AskSignOutPage>(new SignOutForm(null, null));

    private static async Task<IResult> SignOutAsync(HttpContext context, BrowserSessions sessions, LogoutTargets targets)
    {
        string? target = context.Request.Text(TargetField, 10_000);
        await sessions.EndAsync(context);
        return targets.Open(target) is { } address ? new Go(address) : Go.To(SignInEndpoints.Path, Notice.SignedOut);
    }
}
