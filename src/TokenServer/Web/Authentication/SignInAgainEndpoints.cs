using TokenServer.SignIns;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authentication;

/// <summary>/account/sign-in-again: the visitor's own sign-in once more, before what needs a recent one.
/// It starts a new session and ends the old one.</summary>
internal static class SignInAgainEndpoints
{
    public const string Path = WebModule.Account + "/sign-in-again";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in-again",
            IResult (HttpContext context) => new Page<SignInAgainPage>(new SignInForm(ReturnPath.Of(context.Request.Query["return"]))));
        pages.MapPost("/sign-in-again", SignInAsync).ChecksCredentials();
    }

    private static async Task<IResult> SignInAsync(HttpContext context, FaceSignIn signIn, BrowserSessions sessions, PendingSignIns pending)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        if (context.Request.Text("password", FieldLimits.Password) is not { } password)
            return new Page<SignInAgainPage>(new SignInForm(returnPath, "Enter your password."), StatusCodes.Status400BadRequest);
        var result = await signIn.WithPasswordAsync(context, context.Visitor().Account.UserName, password, refreshable: false);
        return await SignInEndpoints.FirstStepAsync(context, result, returnPath, sessions, pending)
            ?? new Page<SignInAgainPage>(new SignInForm(returnPath, "The password is wrong."), StatusCodes.Status401Unauthorized);
    }
}
