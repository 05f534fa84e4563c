using TokenServer.Accounts;
using TokenServer.SignIns;
using TokenServer.Web.Authorization;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authentication;

/// <summary>/account/sign-in, for the account's pages and the console alike.</summary>
internal static class SignInEndpoints
{
    public const string Path = SignInPages.SignIn;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in", Show).ForEveryone();
        pages.MapPost("/sign-in", SignInAsync).ForEveryone().ChecksCredentials();
    }

    /// <summary>The address of the page for who wants to be somebody else than who is signed in.</summary>
    public static string Another(string returnPath) => SignInPages.Address(Path, returnPath) + "&another=1";

    private static IResult Show(HttpContext context, ClientRequests requests)
    {
        string returnPath = ReturnPath.Of(context.Request.Query["return"]);
        if (context.FindVisitor() is not null && context.Request.Query["another"] != "1") return Go.To(returnPath);
        return new Page<SignInPage>(new SignInForm(returnPath, Login: requests.Find(context, returnPath)?.LoginHint));
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, FaceSignIn signIn, BrowserSessions sessions, PendingSignIns pending, ClientRequests requests)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        requests.Find(context, returnPath);
        string? login = context.Request.Text("username", FieldLimits.Login),
            password = context.Request.Text("password", FieldLimits.Password);
        if (login is null || password is null)
            return Again(new(returnPath, SignInPage.Missing, login), StatusCodes.Status400BadRequest);
        var result = await signIn.WithPasswordAsync(context, login, password, refreshable: false);
        return await FirstStepAsync(context, result, returnPath, sessions, pending)
            ?? Again(new(returnPath, SignInPage.Wrong, login), StatusCodes.Status401Unauthorized);
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

    private static Page<SignInPage> Again(SignInForm form, int status) =>
        new(form, status) { Field = form.Login is null ? "username" : "password" };
}

/// <summary>What the sign-in page shows.</summary>
internal sealed record SignInForm(string ReturnPath, string? Error = null, string? Login = null);
