using TokenServer.Accounts;
using TokenServer.Accounts.Passkeys;
using TokenServer.Clients;
using TokenServer.SignIns;
using TokenServer.Web.Authorization;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Authentication;

/// <summary>/account/sign-in/passkey and /account/sign-in-again/passkey: a passkey in place of the password and the code.</summary>
internal static class PasskeySignInEndpoints
{
    public const string Path = SignInPages.SignIn + "/passkey", AgainPath = SignInPages.SignInAgain + "/passkey";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapPost("/sign-in/passkey", SignInAsync).ForEveryone().ChecksCredentials();
        pages.MapPost("/sign-in-again/passkey", SignInAgainAsync).ChecksCredentials();
    }

    private static async Task<IResult> SignInAsync(HttpContext context, PasskeyOffers offers, PasskeySignIn signIn,
        FirstPartyClient firstParty, BrowserSessions sessions, ClientRequests requests) =>
        await BeginAsync(context, offers.Read(context), (shown, request) => signIn.WithPasskeyAsync(shown, null, request),
            firstParty, sessions, requests, (form, status) => new Page<SignInPage>(form, status));

    private static async Task<IResult> SignInAgainAsync(HttpContext context, PasskeyOffers offers, PasskeySignIn signIn,
        FirstPartyClient firstParty, BrowserSessions sessions, ClientRequests requests)
    {
        string subject = context.Visitor().Account.Subject;
        return await BeginAsync(context, offers.Read(context), (shown, request) => signIn.WithPasskeyAsync(shown, subject, request),
            firstParty, sessions, requests, (form, status) => new Page<SignInAgainPage>(form, status));
    }

    private static async Task<IResult> BeginAsync(HttpContext context, ShownPasskey? shown,
        Func<ShownPasskey, SessionRequest, Task<SignInResult>> signIn, FirstPartyClient firstParty, BrowserSessions sessions,
        ClientRequests requests, Func<SignInForm, int, IResult> again)
    {
        string returnPath = ReturnPath.Of(context.Request.Form["return"]);
        requests.Find(context, returnPath);
        if (shown is null) return again(new(returnPath, PasskeySignInForm.NotShown), StatusCodes.Status400BadRequest);
        var request = new SessionRequest(firstParty.Client, firstParty.Scopes, Refreshable: false, FaceSignIn.Caller(context));
        if (await signIn(shown, request) is not SignInResult.SignedIn(var started, _))
            return again(new(returnPath, PasskeySignInForm.NotAccepted), StatusCodes.Status401Unauthorized);
        await sessions.StartAsync(context, started.Session);
        return Go.To(returnPath);
    }
}
