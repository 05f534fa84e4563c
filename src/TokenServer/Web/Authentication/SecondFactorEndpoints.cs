using TokenServer.Accounts;
using TokenServer.SignIns;
using TokenServer.Web.Authorization;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authentication;

/// <summary>/account/second-factor: the code, where the first step asked for one.</summary>
internal static class SecondFactorEndpoints
{
    public const string Path = WebModule.Account + "/second-factor";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/second-factor", Show).ForEveryone();
        pages.MapPost("/second-factor", VerifyAsync).ForEveryone().ChecksCredentials();
    }

    private static IResult Show(HttpContext context, PendingSignIns pending, ClientRequests requests)
    {
        if (pending.Find(context) is not { } first) return Go.To(SignInEndpoints.Path);
        requests.Find(context, first.ReturnPath);
        return Ask(first.ReturnPath);
    }

    private static async Task<IResult> VerifyAsync(
        HttpContext context, FaceSignIn signIn, BrowserSessions sessions, PendingSignIns pending, ClientRequests requests)
    {
        if (pending.Find(context) is not { } first)
            return Go.To(SignInEndpoints.Path, ReturnPath.Of(context.Request.Form["return"]), Notice.StartAgain);
        requests.Find(context, first.ReturnPath);
        if (context.Request.Text("code", FieldLimits.Code) is not { } code)
            return Ask(first.ReturnPath, CodeField.Missing, StatusCodes.Status400BadRequest);
        var result = await signIn.WithCodeAsync(context, first.TempToken, code, refreshable: false);
        if (result is SignInResult.InvalidCode)
            return Ask(first.ReturnPath, CodeField.Wrong, StatusCodes.Status401Unauthorized);
        pending.Forget(context);
        if (result is not SignInResult.SignedIn(var started, _)) return Go.To(SignInEndpoints.Path, first.ReturnPath, Notice.StartAgain);
        await sessions.StartAsync(context, started.Session);
        return Go.To(first.ReturnPath);
    }

    private static Page<SecondFactorPage> Ask(string returnPath, string? error = null, int status = StatusCodes.Status200OK) =>
        new(new SignInForm(returnPath, error), status) { Field = "code" };
}
