using TokenServer.Accounts;
using TokenServer.SignIns;
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

    private static IResult Show(HttpContext context, PendingSignIns pending) =>
        pending.Find(context) is null ? Go.To(SignInEndpoints.Path) : new Page<SecondFactorPage>();

    private static async Task<IResult> VerifyAsync(HttpContext context, FaceSignIn signIn, BrowserSessions sessions, PendingSignIns pending)
    {
        if (pending.Find(context) is not { } first) return Go.To(SignInEndpoints.Path, Notice.StartAgain);
        if (context.Request.Text("code", FieldLimits.Code) is not { } code)
            return new Page<SecondFactorPage>("Enter the code.", StatusCodes.Status400BadRequest);
        var result = await signIn.WithCodeAsync(context, first.TempToken, code, refreshable: false);
        if (result is SignInResult.InvalidCode)
            return new Page<SecondFactorPage>("The code is wrong, or was used before.", StatusCodes.Status401Unauthorized);
        pending.Forget(context);
        if (result is not SignInResult.SignedIn(var started, _)) return Go.To(SignInEndpoints.Path, Notice.StartAgain);
        await sessions.StartAsync(context, started.Session);
        return Go.To(first.ReturnPath);
    }
}
