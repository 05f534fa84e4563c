using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Foundation;
using TokenServer.Sessions.Devices;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Device;

/// <summary>
/// HandleDeviceAuthorizationRequest, first: the core keeps the device code and the user code, so there is no sign-in that OpenIddict
/// would make codes of; the answer of RFC 8628 section 3.2 is made here and written as any other.
/// </summary>
internal sealed class StartDevice(DeviceCodes devices, Issuer issuer, IOpenIddictServerDispatcher dispatcher)
    : IOpenIddictServerHandler<HandleDeviceAuthorizationRequestContext>
{
    /// <summary>Where people go with their user codes.</summary>
    public const string VerificationPath = "/connect/verify";

    public async ValueTask HandleAsync(HandleDeviceAuthorizationRequestContext context)
    {
        var request = ConnectRequest.Of(context);
        var wanted = DeviceMay.Wanted(context.Request, request.Client!);
        var started = await devices.StartAsync(request.Client!, wanted.Scopes, wanted.DeviceName, request.Address);
        string address = issuer.Address(request.Http.Request, VerificationPath), code = started.UserCode.ToString();
        context.Transaction.Response = new OpenIddictResponse
        {
            DeviceCode = started.DeviceCode, UserCode = code, ["verification_uri"] = address,
            ["verification_uri_complete"] = $"{address}?user_code={code}", ExpiresIn = (long)started.Lifetime.TotalSeconds,
            ["interval"] = (long)DevicePolls.FirstInterval.TotalSeconds,
        };
        await dispatcher.DispatchAsync(new ApplyDeviceAuthorizationResponseContext(context.Transaction));
        context.HandleRequest();
    }
}
