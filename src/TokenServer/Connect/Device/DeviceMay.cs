using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Connect.Token;
using TokenServer.Foundation.Precis;
using TokenServer.RateLimits;
using TokenServer.Sessions.Devices;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Device;

/// <summary>
/// ValidateDeviceAuthorizationRequest, after the client has proved who it is: whether it may use the device flow, whether it comes too
/// often, whether it may ask for these scopes, and what the device calls itself (RFC 8628 section 3.1, contract section 9).
/// </summary>
internal sealed class DeviceMay(ClientScopes scopes, AccessTokenIssuer tokens, RateLimitsOptions options, RateWindows windows)
    : IOpenIddictServerHandler<ValidateDeviceAuthorizationRequestContext>
{
    private const string DeviceNameParameter = "device_name";
    private readonly IRateWindow window = windows.Create("connect.device", options.Device);

    public async ValueTask HandleAsync(ValidateDeviceAuthorizationRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        var client = request.Client!;
        if (!client.GrantTypes.Contains(KnownGrants.DeviceCode))
            context.Refuse(OAuthError.UnauthorizedClient("the client may not use this grant type"));
        else if (!scopes.Allow(client, context.Request.Scope)) context.Refuse(OAuthError.InvalidScope());
        else if (ProblemOf((string?)context.Request[DeviceNameParameter]) is { } problem)
            context.Refuse(OAuthError.InvalidRequest(problem));
        else if (!tokens.Fits(client, Wanted(context.Request, client).Scopes, request.Issuer)) context.Refuse(OAuthError.TooManyScopes());
        else if (await window.TakeAsync(ClientAddress.Key(request.Http)) is { Allowed: false } lease)
            context.Refuse(OAuthError.SlowDown(lease.RetryAfter));
    }

    /// <summary>What a request that has passed asks for.</summary>
    public static (ScopeSet Scopes, string? DeviceName) Wanted(OpenIddictRequest request, Client client) =>
        (ScopeSet.Parse(request.Scope) is { Count: > 0 } named ? named : client.DefaultScopes,
            (string?)request[DeviceNameParameter] is { } name ? GivenName.Of(name) : null);

    private static string? ProblemOf(string? name) => name is null ? null
        : name.Length > DeviceCodes.LongestName ? $"device_name may have {DeviceCodes.LongestName} characters at most"
        : GivenName.Of(name) is null ? $"device_name {GivenName.Rule}" : null;
}
