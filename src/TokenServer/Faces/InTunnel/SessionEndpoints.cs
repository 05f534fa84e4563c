using TokenServer.Accounts;
using TokenServer.Foundation;
using TokenServer.SignIns;
using TokenServer.Tokens;

namespace TokenServer.Faces.InTunnel;

/// <summary>POST /api/login, /api/verify-2fa, /api/logout.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/login", LoginAsync);
        routes.MapPost("/api/verify-2fa", VerifyAsync);
        routes.MapPost("/api/logout", LogoutAsync);
    }

    private static async Task<IResult> LoginAsync(HttpContext context, FaceSignIn signIn, LifetimesOptions lifetimes)
    {
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("email", FieldLimits.Login), ("password", FieldLimits.Password));
        if (fields is not [var email, var password]) return SuccessAnswers.Error(refusal!);
        return Answer(context, await signIn.WithPasswordAsync(context, email, password, refreshable: false), signIn, lifetimes);
    }

    private static async Task<IResult> VerifyAsync(HttpContext context, FaceSignIn signIn, LifetimesOptions lifetimes)
    {
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("temp_token", FieldLimits.Token), ("code", FieldLimits.Code));
        if (fields is not [var tempToken, var code]) return SuccessAnswers.Error(refusal!);
        return Answer(context, await signIn.WithCodeAsync(context, tempToken, code, refreshable: false), signIn, lifetimes);
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, BearerAuthentication bearers, FaceSignOut signOut)
    {
        var bearer = await bearers.ReadAsync(context);
        if (!bearer.IsSession) return SuccessAnswers.Refuse(bearer);
        await signOut.EndAsync(context, bearer);
        return new JsonAnswer<DoneAnswer>(StatusCodes.Status200OK, new(true), InTunnelJson.Default.DoneAnswer);
    }

    private static IResult Answer(HttpContext context, SignInResult result, FaceSignIn signIn, LifetimesOptions lifetimes) => result switch
    {
        SignInResult.SignedIn(var started, var account) => new JsonAnswer<LoginAnswer>(StatusCodes.Status200OK,
            new(true, signIn.AccessToken(context, started.Session, lifetimes.SessionToken), UserAnswer.Of(account)),
            InTunnelJson.Default.LoginAnswer),
        SignInResult.SecondFactorDue(var token) =>
            new JsonAnswer<SecondFactorAnswer>(StatusCodes.Status200OK, new(false, true, token), InTunnelJson.Default.SecondFactorAnswer),
        SignInResult.InvalidCode => SuccessAnswers.Unauthorized(SuccessAnswers.WrongCode),
        SignInResult.InvalidTempToken => SuccessAnswers.Unauthorized(SuccessAnswers.WrongTempToken),
        SignInResult.Busy => SuccessAnswers.Busy(),
        _ => SuccessAnswers.Unauthorized(SuccessAnswers.WrongPassword),
    };
}
