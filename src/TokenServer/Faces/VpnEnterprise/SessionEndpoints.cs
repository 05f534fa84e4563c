using TokenServer.Accounts;
using TokenServer.Accounts.ApiKeys;
using TokenServer.Foundation;
using TokenServer.RateLimits;
using TokenServer.SignIns;
using TokenServer.Tokens;

namespace TokenServer.Faces.VpnEnterprise;

/// <summary>login, verify-2fa, refresh, logout, me.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/login", LoginAsync);
        routes.MapPost("/verify-2fa", VerifyAsync);
        routes.MapPost("/refresh", RefreshAsync);
        routes.MapPost("/logout", LogoutAsync);
        routes.MapGet("/me", MeAsync);
    }

    private static async Task<IResult> LoginAsync(HttpContext context,
        FaceSignIn signIn, VpnEnterpriseLimit limit, LifetimesOptions lifetimes)
    {
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("email", FieldLimits.Login), ("password", FieldLimits.Password));
        if (fields is not [var email, var password]) return SuccessAnswers.Error(refusal!);
        if (await limit.TakeAsync(context) is { Allowed: false } lease) return RetryAfter.Set(context, lease, SuccessAnswers.TooMany());
        return Answer(context, await signIn.WithPasswordAsync(context, email, password, refreshable: true), signIn, lifetimes);
    }

    private static async Task<IResult> VerifyAsync(HttpContext context,
        FaceSignIn signIn, VpnEnterpriseLimit limit, LifetimesOptions lifetimes)
    {
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("temp_token", FieldLimits.Token), ("code", FieldLimits.Code));
        if (fields is not [var tempToken, var code]) return SuccessAnswers.Error(refusal!);
        if (await limit.TakeAsync(context) is { Allowed: false } lease) return RetryAfter.Set(context, lease, SuccessAnswers.TooMany());
        return Answer(context, await signIn.WithCodeAsync(context, tempToken, code, refreshable: true), signIn, lifetimes);
    }

    private static async Task<IResult> RefreshAsync(HttpContext context,
        FaceSignIn signIn, VpnEnterpriseLimit limit, LifetimesOptions lifetimes)
    {
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("refresh_token", FieldLimits.Token));
        if (fields is not [var refreshToken]) return SuccessAnswers.Error(refusal!);
        if (await limit.TakeAsync(context) is { Allowed: false } lease) return RetryAfter.Set(context, lease, SuccessAnswers.TooMany());
        if (await signIn.RefreshAsync(context, refreshToken) is not { } next)
            return SuccessAnswers.Unauthorized("Invalid or expired refresh token");
        return new JsonAnswer<RefreshAnswer>(StatusCodes.Status200OK,
            new(true, signIn.AccessToken(context, next.Session, lifetimes.AccessToken), next.Value, "Bearer", Seconds(lifetimes)),
            VpnEnterpriseJson.Default.RefreshAnswer);
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, BearerAuthentication bearers, FaceSignOut signOut)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsSession) return SuccessAnswers.Refuse(bearer);
        await signOut.EndAsync(context, bearer);
        return new JsonAnswer<LogoutAnswer>(StatusCodes.Status200OK, new(true, "Logged out"), VpnEnterpriseJson.Default.LogoutAnswer);
    }

    private static async Task<IResult> MeAsync(HttpContext context, BearerAuthentication bearers)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.May(ApiKeyScopes.Profile) || bearer.Account is not { } account) return SuccessAnswers.Refuse(bearer);
        return new JsonAnswer<MeAnswer>(StatusCodes.Status200OK,
            new(true, UserAnswer.Of(account, account.LastLogin)), VpnEnterpriseJson.Default.MeAnswer);
    }

    private static IResult Answer(HttpContext context, SignInResult result, FaceSignIn signIn, LifetimesOptions lifetimes) => result switch
    {
        SignInResult.SignedIn(var started, var account) => new JsonAnswer<LoginAnswer>(
            StatusCodes.Status200OK, new(true, signIn.AccessToken(context, started.Session, lifetimes.AccessToken),
            started.RefreshToken!, "Bearer", Seconds(lifetimes),
            UserAnswer.Of(account, started.Session.AuthTime)), VpnEnterpriseJson.Default.LoginAnswer),
        SignInResult.SecondFactorDue(var token) => new JsonAnswer<SecondFactorAnswer>(StatusCodes.Status401Unauthorized,
            new(false, "Two-factor authentication required", true, token), VpnEnterpriseJson.Default.SecondFactorAnswer),
        SignInResult.InvalidCode => SuccessAnswers.Unauthorized(SuccessAnswers.WrongCode),
        SignInResult.InvalidTempToken => SuccessAnswers.Unauthorized(SuccessAnswers.WrongTempToken),
        SignInResult.Busy => SuccessAnswers.Busy(),
        _ => SuccessAnswers.Unauthorized(SuccessAnswers.WrongPassword),
    };

    private static long Seconds(LifetimesOptions lifetimes) => (long)lifetimes.AccessToken.TotalSeconds;
}
