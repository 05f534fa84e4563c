using TokenServer.Accounts;
using TokenServer.SignIns;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authentication;

/// <summary>/account/sign-in and /account/sign-out, for the account's pages and the console alike.</summary>
internal static class SignInEndpoints
{
    public const string Path = WebModule.Account + "/sign-in";
    public const string Wrong = "The user name or the password is wrong.";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in", Show).ForEveryone();
        pages.MapPost("/sign-in", SignInAsync).ForEveryone().ChecksCredentials();
        pages.MapPost("/sign-out", SignOutAsync);
    }

    private static IResult Show(HttpContext context)
    {
        string returnPath = ReturnPath.Of(context.Request.Query["return"]);
        return context.FindVisitor() is null ? new Page<SignInPage>(new SignInForm(returnPath)) : Go.To(returnPath);
    }

    private static async Task<IResult> SignInAsync(HttpContext context, FaceSignIn signIn, BrowserSessions sessions, PendingSignIns pending)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        string? login = context.Request.Text("username", FieldLimits.Login),
            password = context.Request.Text("password", FieldLimits.Password);
        if (login is null || password is null)
            return Again(new(returnPath, "Enter your user name and your password.", login), StatusCodes.Status400BadRequest);
        var result = await signIn.WithPasswordAsync(context, login, password, refreshable: false);
        return await FirstStepAsync(context, result, returnPath, sessions, pending)
            ?? Again(new(returnPath, Wrong, login), StatusCodes.Status401Unauthorized);
    }

    /// <summary>What follows the first step; null where user name or password are wrong.</summary>
    public static async Task<IResult?> FirstStepAsync(HttpContext context,
        SignInResult result, string returnPath, BrowserSessions sessions, PendingSignIns pending)
    {
        switch (result)
        {
            case SignInResult.SignedIn(var started, _):
                await sessions.StartAsync(context, started.Session);
                return Go.To(returnPath);
            case SignInResult.SecondFactorDue(var tempToken):
                pending.Keep(context, new PendingSignIn(tempToken, returnPath));
                return Go.To(SecondFactorEndpoints.Path);
            case SignInResult.Busy:
                return ErrorPages.Busy();
            default:
                return null;
        }
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, BrowserSessions sessions)
    {
        await sessions.EndAsync(context);
        return Go.To(Path, Notice.SignedOut);
    }

    private static Page<SignInPage> Again(SignInForm form, int status) => new(form, status);
}

/// <summary>What the sign-in page shows.</summary>
internal sealed record SignInForm(string ReturnPath, string? Error = null, string? Login = null);
