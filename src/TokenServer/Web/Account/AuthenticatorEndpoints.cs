using OtpNet;
using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;

/// <summary>/account/two-factor/authenticators: another one beside those that there are, and one that is no longer wanted.</summary>
internal static class AuthenticatorEndpoints
{
    public const string Path = TwoFactorEndpoints.Path + "/authenticators";

    public static void Map(RouteGroupBuilder twoFactor)
    {
        twoFactor.MapPost("/authenticators/set-up", SetUpAsync);
        twoFactor.MapPost("/authenticators", AddAsync).ChecksCredentials();
        twoFactor.MapPost("/authenticators/{id}/remove", RemoveAsync);
    }

    private static async Task<IResult> SetUpAsync(HttpContext context,
        UserAuthenticators authenticators, MadeSecrets secrets, Credentials credentials)
    {
        var (secret, why) = await authenticators.SetUpAsync(context.Owner());
        return secret is null ? Refuse(context, why, credentials)
            : await secrets.ShowAsync(context, TwoFactorEndpoints.Path, TwoFactorEndpoints.Key, Base32Encoding.ToString(secret));
    }

    private static async Task<IResult> AddAsync(HttpContext context, UserAuthenticators authenticators, Credentials credentials)
    {
        string code = context.Request.Text("code", FieldLimits.Code) ?? "";
        if (TwoFactorEndpoints.NameOf(context.Request) is not { } name)
            return Again(TwoFactorPage.BadName, "name", StatusCodes.Status400BadRequest);
        return (await authenticators.AddAsync(context.Owner(), code, name)).Why switch
        {
            NotOwned.Owned => Go.To(TwoFactorEndpoints.Path, Notice.AuthenticatorAdded),
            NotOwned.NameTaken => Again(TwoFactorPage.NameTaken, "name", StatusCodes.Status409Conflict),
            NotOwned.NotThere when context.Visitor().Account.HasSecondFactor =>
                Again(TwoFactorPage.WrongFirstCode, "code", StatusCodes.Status400BadRequest),
            var why => Refuse(context, why, credentials),
        };

        Page<TwoFactorPage> Again(string error, string field, int status) => TwoFactorEndpoints.Show(
            new() { IsSetUp = true, Name = context.Request.Name("name", Authenticator.LongestName), Error = error }, status, field);
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, string id,
        UserAuthenticators authenticators, Credentials credentials) =>
        await authenticators.RemoveAsync(context.Owner(), id) switch
        {
            NotOwned.Owned => Go.To(TwoFactorEndpoints.Path, Notice.AuthenticatorRemoved),
            NotOwned.NotThere => ErrorPages.Of(Fault.NotFound),
            var why => Refuse(context, why, credentials),
        };

    private static IResult Refuse(HttpContext context, NotOwned why, Credentials credentials) => why switch
    {
        NotOwned.SignedOut => Go.To(SignInEndpoints.Path),
        NotOwned.Halfway => Say(context, credentials, TwoFactorPage.NoCodeToChange, StatusCodes.Status403Forbidden),
        NotOwned.TooMany => Say(context, credentials, TwoFactorPage.TooMany),
        NotOwned.LastWayIn => Say(context, credentials, TwoFactorPage.LastOne),
        _ => Say(context, credentials, TwoFactorPage.NotOn),
    };

    private static Page<TwoFactorPage> Say(HttpContext context, Credentials credentials, string error,
        int status = StatusCodes.Status409Conflict) =>
        TwoFactorEndpoints.Show(new() { CodesLeft = TwoFactorEndpoints.Left(context, credentials), Error = error }, status);
}
