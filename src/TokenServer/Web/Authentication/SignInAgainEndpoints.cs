using TokenServer.SignIns;
using TokenServer.Web.Authorization;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authentication;

/// <summary>/account/sign-in-again: the visitor's own sign-in once more, before what needs a recent one.
/// It starts a new session and ends the old one.</summary>
internal static class SignInAgainEndpoints
{
    public const string Path = SignInPages.SignInAgain;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in-again", IResult (HttpContext context, ClientRequests requests) => Show(context, requests));
        pages.MapPost("/sign-in-again", SignInAsync).ChecksCredentials();
    }

    private static Page<SignInAgainPage> Show(HttpContext context, ClientRequests requests)
    {
        string returnPath = ReturnPath.Of(context.Request.Query["return"]);
        requests.Find(context, returnPath);
        return new Page<SignInAgainPage>(new SignInForm(returnPath));
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, FaceSignIn signIn, BrowserSessions sessions, PendingSignIns pending, ClientRequests requests)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        requests.Find(context, returnPath);
        if (context.Request.Text("password", FieldLimits.Password) is not { } password)
            return Again(new(returnPath, SignInAgainPage.NoPassword), StatusCodes.Status400BadRequest);
        var result = await signIn.WithPasswordAsync(context, context.Visitor().Account.UserName, password, refreshable: false);
        return await SignInEndpoints.FirstStepAsync(context, result, returnPath, sessions, pending)
            ?? Again(new(returnPath, SignInAgainPage.WrongPassword), StatusCodes.Status401Unauthorized);
    }

    private static Page<SignInAgainPage> Again(SignInForm form, int status) => new(form, status) { Field = "password" };
}
