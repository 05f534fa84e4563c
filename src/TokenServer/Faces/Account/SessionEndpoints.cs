using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Tokens;

namespace TokenServer.Faces.Account;

/// <summary>login, verify-2fa, refresh, logout.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/login", LoginAsync);
        routes.MapPost("/verify-2fa", VerifyAsync);
        routes.MapPost("/refresh", RefreshAsync);
        routes.MapPost("/logout", LogoutAsync);
    }

    private static async Task<IResult> LoginAsync(HttpContext context, FaceSignIn signIn,
        AccountLimit limit, LifetimesOptions lifetimes, AccountsOptions options)
    {
        var (fields, refusal) =
            await JsonBody.ReadAsync(context.Request, ("username", FieldLimits.Login), ("password", FieldLimits.Password));
        if (fields is not [var username, var password]) return PlainAnswers.Error(refusal!);
        if (await limit.RefuseAsync(context) is { } refused) return refused;
        var result = await signIn.WithPasswordAsync(context, username, password, refreshable: true);
        return result is SignInResult.Refused { UserIsUnknown: true } && options.RevealUnknownUser
            ? PlainAnswers.Unauthorized("User not found") : Answer(context, result, signIn, lifetimes);
    }

    private static async Task<IResult> VerifyAsync(HttpContext context, FaceSignIn signIn, AccountLimit limit, LifetimesOptions lifetimes)
    {
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("temp_token", FieldLimits.Token), ("code", FieldLimits.Code));
        if (fields is not [var tempToken, var code]) return PlainAnswers.Error(refusal!);
        return await limit.RefuseAsync(context)
            ?? Answer(context, await signIn.WithCodeAsync(context, tempToken, code, refreshable: true), signIn, lifetimes);
    }

    private static async Task<IResult> RefreshAsync(HttpContext context, FaceSignIn signIn, AccountLimit limit, LifetimesOptions lifetimes)
    {
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("refreshToken", FieldLimits.Token));
        if (fields is not [var refreshToken]) return PlainAnswers.Error(refusal!);
        if (await limit.RefuseAsync(context) is { } refused) return refused;
        if (await signIn.RefreshAsync(context, refreshToken) is not { } next)
            return PlainAnswers.Unauthorized("Invalid or expired refresh token");
        return new JsonAnswer<RefreshAnswer>(StatusCodes.Status200OK, new(signIn.AccessToken(context,
            next.Session, lifetimes.AccessToken), Seconds(lifetimes), next.Value), AccountJson.Default.RefreshAnswer);
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, BearerAuthentication bearers, FaceSignOut signOut)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsSession) return PlainAnswers.Refuse(bearer);
        await signOut.EndAsync(context, bearer);
        return new JsonAnswer<MessageAnswer>(StatusCodes.Status200OK, new("Successfully logged out"), AccountJson.Default.MessageAnswer);
    }

    private static IResult Answer(HttpContext context, SignInResult result, FaceSignIn signIn, LifetimesOptions lifetimes) => result switch
    {
        SignInResult.SignedIn(var started, var account) =>
            new JsonAnswer<LoginAnswer>(StatusCodes.Status200OK, new(signIn.AccessToken(context, started.Session, lifetimes.AccessToken),
            Seconds(lifetimes), started.RefreshToken!,
            new("user_" + account.Subject, account.UserName, account.Email)), AccountJson.Default.LoginAnswer),
        SignInResult.SecondFactorDue(var token) => new JsonAnswer<SecondFactorAnswer>(StatusCodes.Status401Unauthorized,
            new("Two-factor authentication required", true, token), AccountJson.Default.SecondFactorAnswer),
        SignInResult.InvalidCode => PlainAnswers.Unauthorized(SuccessAnswers.WrongCode),
        SignInResult.InvalidTempToken => PlainAnswers.Unauthorized(SuccessAnswers.WrongTempToken),
        SignInResult.Busy => PlainAnswers.Busy(),
        _ => PlainAnswers.Unauthorized(CredentialEndpoints.WrongPassword),
    };

    private static long Seconds(LifetimesOptions lifetimes) => (long)lifetimes.AccessToken.TotalSeconds;
}
