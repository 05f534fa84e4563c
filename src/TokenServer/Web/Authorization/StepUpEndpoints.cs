using TokenServer.Accounts;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authorization;

/// <summary>/account/second-factor-needed: a client asks for a second factor (<c>acr_values</c>, contract section 9) of who is signed in
/// by a password alone; so does the console. Where that was a short while ago the code is enough, else both are asked for.</summary>
internal static class StepUpEndpoints
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/second-factor-needed", Show);
        pages.MapPost("/second-factor-needed", VerifyAsync).ChecksCredentials();
    }

    private static IResult Show(HttpContext context, ClientRequests requests, PasskeyOffers passkeys, TimeProvider clock)
    {
        string returnPath = ReturnPath.Of(context.Request.Query["return"]);
        var (account, session) = context.Visitor();
        bool isAsked = requests.Find(context, returnPath) is not null || account.HasSecondFactor && IsConsole(returnPath);
        if (!isAsked || session.HasSecondFactor) return Go.To(returnPath);
        // A passkey is both factors at once, however long ago the password was.
        if (!account.HasSecondFactor) return passkeys.HasPasskeys(context) ? Ask(returnPath) : new Page<NoFactorPage>();
        return RecentSignIn.Is(session.AuthTime, clock) ? Ask(returnPath) : Go.To(SignInPages.SignInAgain, returnPath);
    }

    private static async Task<IResult> VerifyAsync(
        HttpContext context, StepUp stepUp, BrowserSessions sessions, ClientRequests requests)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        requests.Find(context, returnPath);
        if (context.Request.Text("code", FieldLimits.Code) is not { } code)
            return Ask(returnPath, CodeField.Missing, StatusCodes.Status400BadRequest);
        switch (await stepUp.WithCodeAsync(context.Owner(), context.Visitor().Session, code, FaceSignIn.Caller(context)))
        {
            case SignInResult.SignedIn(var started, _):
                await sessions.StartAsync(context, started.Session);
                return Go.To(returnPath);
            case SignInResult.InvalidCode:
                return Ask(returnPath, CodeField.Wrong, StatusCodes.Status401Unauthorized);
            default:
                return Go.To(SignInPages.SignInAgain, returnPath);
        }
    }

    private static bool IsConsole(string returnPath) => returnPath.StartsWith(WebModule.Console, StringComparison.Ordinal);

    private static Page<StepUpPage> Ask(string returnPath, string? error = null, int status = StatusCodes.Status200OK) =>
        new(new SignInForm(returnPath, error), status) { Field = "code" };
}
