using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Foundation;
using TokenServer.Foundation.Precis;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;
using OtpNet;

/// <summary>/account/two-factor: set up, enable, disable. Secret and recovery codes are shown once, after the form that made
/// them, and nowhere else.</summary>
internal static class TwoFactorEndpoints
{
    public const string Path = WebModule.Account + "/two-factor";

    /// <summary>What was made, for the page that shows it: the key of an authenticator.</summary>
    public const string Key = "key";
    private const string Codes = "codes", NewCodes = "new codes", Enable = "/enable";

    public static void Map(RouteGroupBuilder pages)
    {
        var twoFactor = pages.MapGroup("/two-factor").AfterRecentSignIn();
        twoFactor.MapGet("", IResult (HttpContext context, Credentials credentials, Issuer issuer) => context.Made() switch
        {
            [Key, var secret] => Show(SetUp(context, issuer, secret)),
            [NewCodes, .. var codes] => Show(new() { RecoveryCodes = codes, AreReplaced = true }),
            [Codes, .. var codes] => Show(new() { RecoveryCodes = codes }),
            // Who typed the code of what was set up, and had to sign in again, goes on with that.
            _ when context.Features.Get<TypedForm>() is { Action: Path + Enable or AuthenticatorEndpoints.Path } =>
                Show(new() { IsSetUp = true }),
            _ => Show(new() { CodesLeft = Left(context, credentials) }),
        });
        twoFactor.MapPost("/set-up", SetUpAsync);
        twoFactor.MapPost(Enable, EnableAsync).ChecksCredentials();
        twoFactor.MapPost("/recovery-codes", ReplaceCodesAsync).ChecksCredentials();
        twoFactor.MapPost("/disable", DisableAsync).ChecksCredentials();
        AuthenticatorEndpoints.Map(twoFactor);
    }

    private static async Task<IResult> SetUpAsync(HttpContext context, Credentials credentials, MadeSecrets secrets)
    {
        var (secret, why) = await credentials.SetUpSecondFactorAsync(context.Owner());
        if (why == NotOwned.Halfway) return Show(new() { Error = TwoFactorPage.NoPasskeyToTurnOn }, StatusCodes.Status403Forbidden);
        return secret is null ? Go.To(Path) : await secrets.ShowAsync(context, Path, Key, Base32Encoding.ToString(secret));
    }

    private static TwoFactorState SetUp(HttpContext context, Issuer issuer, string secret)
    {
        string uri = Enrolment.Uri(Uri.TryCreate(issuer.Of(context.Request), UriKind.Absolute, out var at) ? at.Host : "TokenServer",
            context.Visitor().Account.UserName, Base32Encoding.ToBytes(secret));
        string picture = "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(Enrolment.Svg(uri)));
        return new() { IsSetUp = true, Secret = secret, Picture = picture };
    }

    private static async Task<IResult> EnableAsync(HttpContext context, Credentials credentials, MadeSecrets secrets)
    {
        string code = context.Request.Text("code", FieldLimits.Code) ?? "";
        if (NameOf(context.Request) is not { } name)
            return Show(new() { IsSetUp = true, Error = TwoFactorPage.BadName }, StatusCodes.Status400BadRequest, "name");
        var (codes, why) = await credentials.EnableSecondFactorAsync(context.Owner(), code, name);
        if (why == NotOwned.SignedOut) return Go.To(SignInEndpoints.Path);
        if (why == NotOwned.Halfway) return Show(new() { Error = TwoFactorPage.NoPasskeyToTurnOn }, StatusCodes.Status403Forbidden);
        return codes is null
            ? Show(new() { IsSetUp = true, Name = name, Error = TwoFactorPage.WrongFirstCode }, StatusCodes.Status400BadRequest, "code")
            : await secrets.ShowAsync(context, Path, [Codes, .. codes]);
    }

    private static async Task<IResult> ReplaceCodesAsync(HttpContext context, Credentials credentials, MadeSecrets secrets)
    {
        string code = context.Request.Text("code", FieldLimits.Code) ?? "";
        var (codes, why) = await credentials.ReplaceRecoveryCodesAsync(context.Owner(), code);
        if (why == NotOwned.SignedOut) return Go.To(SignInEndpoints.Path);
        return codes is not null ? await secrets.ShowAsync(context, Path, [NewCodes, .. codes])
            : Show(new() { CodesLeft = Left(context, credentials), Error = TwoFactorPage.WrongCode },
                StatusCodes.Status401Unauthorized, "new-codes-code");
    }

    /// <summary>What a new authenticator shall be called, the usual where nothing is said; null where nothing may be called so.</summary>
    public static string? NameOf(HttpRequest request) =>
        request.Form["name"].ToString().Trim().Length == 0 ? Authenticator.UsualName
            : request.Name("name", Authenticator.LongestName) is { } given ? GivenName.Of(given) : null;

    /// <summary>How many recovery codes the visitor has left.</summary>
    public static int Left(HttpContext context, Credentials credentials) =>
        credentials.RecoveryCodesLeft(context.Visitor().Account.Id);

    private static async Task<IResult> DisableAsync(HttpContext context, Credentials credentials)
    {
        string password = context.Request.Text("password", FieldLimits.Password) ?? "";
        string code = context.Request.Text("code", FieldLimits.Code) ?? "";
        return await credentials.DisableSecondFactorAsync(context.Owner(), context.Visitor().Account, password, code) switch
        {
            CredentialsResult.Done => Go.To(Path, Notice.TwoFactorOff),
            CredentialsResult.WrongCode => Show(new() { CodesLeft = Left(context, credentials), Error = TwoFactorPage.WrongCode },
                StatusCodes.Status401Unauthorized, "code"),
            CredentialsResult.Busy => ErrorPages.Busy(),
            CredentialsResult.SignedOut => Go.To(SignInEndpoints.Path),
            _ => Show(new() { CodesLeft = Left(context, credentials), Error = TwoFactorPage.WrongPassword },
                StatusCodes.Status401Unauthorized, "password"),
        };
    }

    public static Page<TwoFactorPage> Show(TwoFactorState state, int status = StatusCodes.Status200OK, string? field = null) =>
        new(state, status) { Field = field };
}

/// <summary>What the two-factor page shows.</summary>
internal sealed record TwoFactorState
{
    /// <summary>Whether a secret waits for its first code.</summary>
    public bool IsSetUp { get; init; }

    /// <summary>What was typed as its name.</summary>
    public string? Name { get; init; }

    /// <summary>The secret just made, and its QR code as an address.</summary>
    public string? Secret { get; init; }
    public string? Picture { get; init; }

    /// <summary>Those just made.</summary>
    public IReadOnlyList<string>? RecoveryCodes { get; init; }

    /// <summary>Whether they took the place of others.</summary>
    public bool AreReplaced { get; init; }

    /// <summary>How many are left of those made before.</summary>
    public int CodesLeft { get; init; }
    public string? Error { get; init; }
}
