using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Connect.Authentication;
using TokenServer.Connect.Authorize;
using TokenServer.Connect.Device;
using TokenServer.Connect.Discovery;
using TokenServer.Connect.Dispatch;
using TokenServer.Connect.Events;
using TokenServer.Connect.Introspection;
using TokenServer.Connect.Remembered;
using TokenServer.Connect.Token;
using TokenServer.Connect.Token.Grants;
using TokenServer.Foundation;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Connect;

/// <summary>OAuth 2.0 and OpenID Connect (contract section 1): OpenIddict, configured; <see cref="Pipeline"/> lists the handlers.</summary>
internal static class ConnectModule
{
    private const string TokenPath = "connect/token", IntrospectionPath = "connect/introspect";
    private const string RevocationPath = "connect/revoke", UserInfoPath = "connect/userinfo",
        EndSessionPath = "connect/endsession", KeysPath = ".well-known/jwks";
    private const string AuthorizationPath = "connect/authorize", PushPath = "connect/par", DevicePath = "connect/device";
    /// <summary>The feed of what was revoked, polled and as a stream.</summary>
    public const string EventsPath = "connect/events", StreamPath = EventsPath + "/stream";

    private static readonly string[] MetadataPaths = [".well-known/openid-configuration", ".well-known/oauth-authorization-server"];
    private static readonly string[] ClaimNames =
    [
        "sub", "iss", "aud", "exp", "iat", "auth_time", "amr", "acr", "azp", "at_hash", "sid",
        "name", "preferred_username", "role", "email", "email_verified",
    ];

    public static IServiceCollection AddConnect(this IServiceCollection services)
    {
        services.AddOpenIddict().AddServer(Configure);
        services.AddOptions<OpenIddictServerOptions>()
            .Configure<LifetimesOptions>((options, lifetimes) => (options.IdentityTokenLifetime, options.AuthorizationCodeLifetime,
                options.RequestTokenLifetime) = (lifetimes.IdentityToken, lifetimes.AuthorizationCode, lifetimes.PushedRequest));
        services.AddSingleton<RingCredentials>()
            .AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(p => p.GetRequiredService<RingCredentials>())
            .AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(p => p.GetRequiredService<RingCredentials>());
        services.Replace(ServiceDescriptor.Singleton<IOpenIddictServerDispatcher, Dispatcher>());
        services.Replace(ServiceDescriptor.Singleton<IOpenIddictServerFactory, TransactionFactory>());
        Pipeline.AddHandlers(services);
        return services.AddSingleton<ConnectEndpoint>().AddSingleton<TokenEndpoint>().AddSingleton<IntrospectionEndpoint>()
            .AddSingleton<RequestRules>().AddSingleton<StoredRequestRate>().AddSingleton<NextStep>()
            .AddSingleton<AccessTokenIssuer>().AddSingleton<TokenRateLimits>().AddSingleton<SignInAnswers>().AddSingleton<UserNames>()
            .AddSingleton<RememberedDecisions>().AddSingleton<ClientCredentialsDecisions>().AddSingleton<IntrospectionDecisions>()
            .AddSingleton<ClientFailures>().AddSingleton<ReaderAuthentication>().AddSingleton<FeedClock>().AddSingleton<FeedPlace>()
            .AddSingleton<FeedDoor>().AddSingleton<HeldPolls>().AddSingleton<FeedStream>()
            .AddSingleton<PollEndpoint>().AddSingleton<StreamEndpoint>()
            .AddSingleton(new ErrorShape("/connect", WriteAsync)).AddSingleton(new ErrorShape("/.well-known", WriteAsync));
    }

    public static void MapConnect(this IEndpointRouteBuilder routes)
    {
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.Authorization, AuthorizationPath, HttpMethods.Get, HttpMethods.Post);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.PushedAuthorization, PushPath, HttpMethods.Post);
        TokenEndpoint.Map(routes, TokenPath);
        IntrospectionEndpoint.Map(routes, IntrospectionPath);
        PollEndpoint.Map(routes, EventsPath);
        StreamEndpoint.Map(routes, StreamPath);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.Revocation, RevocationPath, HttpMethods.Post);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.UserInfo, UserInfoPath, HttpMethods.Get, HttpMethods.Post);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.EndSession, EndSessionPath, HttpMethods.Get, HttpMethods.Post);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.DeviceAuthorization, DevicePath, HttpMethods.Post);
        foreach (string path in MetadataPaths)
            ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.Configuration, path, HttpMethods.Get);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.JsonWebKeySet, KeysPath, HttpMethods.Get);
    }

    private static void Configure(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris(AuthorizationPath).SetPushedAuthorizationEndpointUris(PushPath)
            .SetDeviceAuthorizationEndpointUris(DevicePath).SetEndUserVerificationEndpointUris(StartDevice.VerificationPath[1..])
            .SetTokenEndpointUris(TokenPath).SetIntrospectionEndpointUris(IntrospectionPath).SetRevocationEndpointUris(RevocationPath)
            .SetUserInfoEndpointUris(UserInfoPath).SetEndSessionEndpointUris(EndSessionPath)
            .SetConfigurationEndpointUris(MetadataPaths).SetJsonWebKeySetEndpointUris(KeysPath);
        server.AllowAuthorizationCodeFlow().AllowPasswordFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow()
            .AllowTokenExchangeFlow().AllowDeviceAuthorizationFlow()
            .AllowCustomFlow(KnownGrants.SecondFactor).AllowCustomFlow(KnownGrants.InstallPrecheck);
        server.RegisterClaims(ClaimNames).DisableAccessTokenEncryption();
        // The core says these in the contract's words (Token/ClientMay).
        server.IgnoreGrantTypePermissions().IgnoreScopePermissions().DisableScopeValidation();
        // The exchange of tokens judges them by the core's rule; elsewhere they are unknown, and what is unknown is ignored.
        server.DisableAudienceValidation().DisableResourceValidation().IgnoreAudiencePermissions().IgnoreResourcePermissions();
        server.UseAspNetCore();
        // A code in a fragment is for scripts, and plain is no proof (RFC 9700 section 2.1.1).
        server.Configure(options =>
        {
            options.ResponseModes.Remove(ResponseModes.Fragment);
            options.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain);
        });
        server.Configure(options => options.ClientAuthenticationMethods.IntersectWith(
            [ClientAuthenticationMethods.ClientSecretBasic, ClientAuthenticationMethods.ClientSecretPost,
                ClientAuthenticationMethods.PrivateKeyJwt]));
        server.Configure(Pipeline.Arrange);
    }

    private static Task WriteAsync(HttpContext context, Fault fault)
    {
        var error = fault switch
        {
            Fault.Unavailable => OAuthError.Unavailable(),
            Fault.PayloadTooLarge => OAuthError.TooLarge(),
            Fault.HttpsRequired => OAuthError.InvalidRequest("HTTPS is required"),
            Fault.NotFound => new OAuthError("invalid_request", "there is nothing at this address", 404),
            Fault.MethodNotAllowed => new OAuthError("invalid_request", "the method is not allowed", 405),
            Fault.UnsupportedMediaType => new OAuthError("invalid_request", "the body must not be compressed", 415),
            Fault.Internal => new OAuthError("server_error", "the server failed; the error is in its log", 500),
            _ => OAuthError.InvalidRequest("the request is not well-formed"),
        };
        return error.ExecuteAsync(context);
    }
}
