using TokenServer.Clients;
using TokenServer.Sessions.Devices;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Token.Grants;

/// <summary>
/// urn:ietf:params:oauth:grant-type:device_code, RFC 8628 section 3.4: a device that waits for a person polls with its device code.
/// </summary>
internal sealed class DeviceCodeGrant(DevicePolls polls, AccessTokenIssuer tokens) : GrantHandler(KnownGrants.DeviceCode)
{
    protected override async ValueTask HandleAsync(HandleTokenRequestContext context, ConnectRequest request)
    {
        var poll = await polls.PollAsync(context.Request.DeviceCode!, request.Client!, request.Address, request.RefreshedBy,
            scopes => tokens.Fits(request.Client!, scopes, request.Issuer, request.KeyThumbprint));
        if (poll is DevicePoll.Granted({ Session: var session, RefreshToken: var refreshToken }))
            new Grant(session, session.Scopes, refreshToken).Answer(context);
        else context.Refuse(Translate(poll));
    }

    // slow_down is no 429 here: RFC 8628 section 3.5 has it as an error of RFC 6749 section 5.2.
    private static OAuthError Translate(DevicePoll poll) => poll switch
    {
        DevicePoll.Pending => new("authorization_pending", "nobody has allowed or denied the device yet"),
        DevicePoll.TooFast => new("slow_down", "the poll came too early; wait five seconds longer before each from now on"),
        DevicePoll.Denied => new("access_denied", "the device was denied"),
        DevicePoll.Expired => new("expired_token", "the device code has expired; ask for a new one"),
        DevicePoll.TooWide => OAuthError.TooManyScopes(),
        _ => OAuthError.InvalidGrant("the device code is unknown, was used, or is another client's"),
    };
}
