using TokenServer.Accounts;
using TokenServer.Accounts.TwoFactor;
using TokenServer.Foundation;
using TokenServer.Sessions;
using TokenServer.SignIns;
using TokenServer.Web.Authentication;
using TokenServer.Web.Shared;

namespace TokenServer.Web.Account;
using OtpNet;

/// <summary>/account/two-factor: set up, enable, disable. Secret and recovery codes are in the answer to the form that made them,
/// and nowhere else.</summary>
internal static class TwoFactorEndpoints
{
    public const string Path = WebModule.Account + "/two-factor";

    public static void Map(RouteGroupBuilder pages)
    {
        var twoFactor = pages.MapGroup("/two-factor").AfterRecentSignIn();
        twoFactor.MapGet("", IResult () => Show(new()));
        twoFactor.MapPost("/set-up", SetUpAsync);
        twoFactor.MapPost("/enable", EnableAsync).ChecksCredentials();
        twoFactor.MapPost("/disable", DisableAsync).ChecksCredentials();
    }

    private static async Task<IResult> SetUpAsync(HttpContext context, Credentials credentials, Issuer issuer)
    {
        var (secret, _) = await credentials.SetUpSecondFactorAsync(context.Owner());
        if (secret is null) return Go.To(Path);
        string uri = Enrolment.Uri(Uri.TryCreate(issuer.Of(context.Request), UriKind.Absolute, out var at) ? at.Host : "TokenServer",
            context.Visitor().Account.UserName, secret);
        string picture = "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(Enrolment.Svg(uri)));
        return Show(new() { IsSetUp = true, Secret = Base32Encoding.ToString(secret), Picture = picture });
    }

    private static async Task<IResult> EnableAsync(HttpContext context, Credentials credentials)
    {
        string code = context.Request.Text("code", FieldLimits.Code) ?? "";
        var (codes, why) = await credentials.EnableSecondFactorAsync(context.Owner(), code);
        if (why == NotOwned.SignedOut) return Go.To(SignInEndpoints.Path);
        return codes is null ? Show(new() { IsSetUp = true, Error = "The code is wrong." }, StatusCodes.Status400BadRequest)
            : Show(new() { RecoveryCodes = codes });
    }

    private static async Task<IResult> DisableAsync(HttpContext context, Credentials credentials)
    {
        string password = context.Request.Text("password", FieldLimits.Password) ?? "";
        string code = context.Request.Text("code", FieldLimits.Code) ?? "";
        return await credentials.DisableSecondFactorAsync(context.Owner(), context.Visitor().Account, password, code) switch
        {
            CredentialsResult.Done => Go.To(Path, Notice.TwoFactorOff),
            CredentialsResult.WrongCode =>
                Show(new() { Error = "The code is wrong, or was used before." }, StatusCodes.Status401Unauthorized),
            CredentialsResult.Busy => ErrorPages.Busy(),
            CredentialsResult.SignedOut => Go.To(SignInEndpoints.Path),
            _ => Show(new() { Error = "The password is wrong." }, StatusCodes.Status401Unauthorized),
        };
    }

    private static Page<TwoFactorPage> Show(TwoFactorState state, int status = StatusCodes.Status200OK) => new(state, status);
}

/// <summary>What the two-factor page shows.</summary>
internal sealed record TwoFactorState
{
    /// <summary>Whether a secret waits for its first code.</summary>
    public bool IsSetUp { get; init; }

    /// <summary>The secret just made, and its QR code as an address.</summary>
    public string? Secret { get; init; }
    public string? Picture { get; init; }

    /// <summary>Those just made.</summary>
    public IReadOnlyList<string>? RecoveryCodes { get; init; }
    public string? Error { get; init; }
}
