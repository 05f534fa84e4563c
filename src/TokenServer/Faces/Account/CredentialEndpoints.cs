using OtpNet;
using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;

namespace TokenServer.Faces.Account;

/// <summary>password and 2fa: they need a session whose sign-in was a short while ago.</summary>
internal static class CredentialEndpoints
{
    public const string WrongPassword = "Invalid credentials";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/password", ChangePasswordAsync);
        routes.MapPost("/2fa/setup", SetUpAsync);
        routes.MapPost("/2fa/enable", EnableAsync);
        routes.MapPost("/2fa/disable", DisableAsync);
    }

    private static async Task<IResult> ChangePasswordAsync(HttpContext context,
        BearerAuthentication bearers, Credentials credentials, CredentialLimit limit, TimeProvider clock)
    {
        var bearer = await bearers.ReadAsync(context);
        if (Refuse(bearer, clock) is { } refused) return refused;
        var (fields, refusal) =
            await JsonBody.ReadAsync(context.Request, ("current_password", FieldLimits.Password), ("new_password", FieldLimits.Password));
        if (fields is not [var current, var next]) return PlainAnswers.Error(refusal!);
        if (await limit.RefuseAsync(context) is { } tooMany) return tooMany;
        return Answer(await credentials.ChangePasswordAsync(bearer.Owner(context), bearer.Account!, current, next), "Password changed");
    }

    private static async Task<IResult> SetUpAsync(HttpContext context,
        BearerAuthentication bearers, Credentials credentials, Issuer issuer, TimeProvider clock)
    {
        var bearer = await bearers.ReadAsync(context);
        if (Refuse(bearer, clock) is { } refused) return refused;
        var (secret, why) = await credentials.SetUpSecondFactorAsync(bearer.Owner(context));
        if (why == NotOwned.SignedOut) return PlainAnswers.Refuse(Bearer.Invalid);
        if (why == NotOwned.Halfway) return PlainAnswers.Error(StatusCodes.Status403Forbidden, PlainAnswers.SignInAgain);
        if (secret is null) return PlainAnswers.Error(StatusCodes.Status409Conflict, "Two-factor authentication is already enabled");
        string uri = Enrolment.Uri(new Uri(issuer.Of(context.Request)).Host, bearer.Account!.UserName, secret);
        return new JsonAnswer<SetupAnswer>(StatusCodes.Status200OK,
            new(Base32Encoding.ToString(secret), uri, Enrolment.Svg(uri)), AccountJson.Default.SetupAnswer);
    }

    private static async Task<IResult> EnableAsync(HttpContext context,
        BearerAuthentication bearers, Credentials credentials, TimeProvider clock)
    {
        var bearer = await bearers.ReadAsync(context);
        if (Refuse(bearer, clock) is { } refused) return refused;
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("code", FieldLimits.Code));
        if (fields is not [var code]) return PlainAnswers.Error(refusal!);
        var (codes, why) = await credentials.EnableSecondFactorAsync(bearer.Owner(context), code);
        if (why == NotOwned.SignedOut) return PlainAnswers.Refuse(Bearer.Invalid);
        if (why == NotOwned.Halfway) return PlainAnswers.Error(StatusCodes.Status403Forbidden, PlainAnswers.SignInAgain);
        return codes is null ? PlainAnswers.BadRequest(SuccessAnswers.WrongCode)
            : new JsonAnswer<RecoveryCodesAnswer>(StatusCodes.Status200OK, new(codes), AccountJson.Default.RecoveryCodesAnswer);
    }

    private static async Task<IResult> DisableAsync(HttpContext context,
        BearerAuthentication bearers, Credentials credentials, CredentialLimit limit, TimeProvider clock)
    {
        var bearer = await bearers.ReadAsync(context);
        if (Refuse(bearer, clock) is { } refused) return refused;
        var (fields, refusal) = await JsonBody.ReadAsync(context.Request, ("password", FieldLimits.Password), ("code", FieldLimits.Code));
        if (fields is not [var password, var code]) return PlainAnswers.Error(refusal!);
        if (await limit.RefuseAsync(context) is { } tooMany) return tooMany;
        return Answer(await credentials.DisableSecondFactorAsync(bearer.Owner(context), bearer.Account!, password, code),
            "Two-factor authentication disabled");
    }

    private static IResult? Refuse(Bearer bearer, TimeProvider clock)
    {
        if (!bearer.IsOwner) return PlainAnswers.Refuse(bearer);
        return RecentSignIn.Is(bearer.Token!.AuthTime, clock)
            ? null : PlainAnswers.Error(StatusCodes.Status403Forbidden, PlainAnswers.SignInAgain);
    }

    private static IResult Answer(CredentialsResult result, string done) => result switch
    {
        CredentialsResult.Done => new JsonAnswer<MessageAnswer>(StatusCodes.Status200OK, new(done), AccountJson.Default.MessageAnswer),
        CredentialsResult.Weak => PlainAnswers.BadRequest(
            "The field 'new_password' is too weak: at least 8 characters, 4 of them different, not the user name or e-mail address, "
                + "and none of the 10,000 most common passwords"),
        CredentialsResult.WrongCode => PlainAnswers.Unauthorized(SuccessAnswers.WrongCode),
        CredentialsResult.SignedOut => PlainAnswers.Refuse(Bearer.Invalid),
        CredentialsResult.Busy => PlainAnswers.Busy(),
        _ => PlainAnswers.Unauthorized(WrongPassword),
    };
}
