using OpenIddict.Abstractions;
using OpenIddict.Server;
using TokenServer.Connect.Discovery;
using TokenServer.Connect.Dispatch;
using TokenServer.Connect.Introspection;
using TokenServer.Connect.Remembered;
using TokenServer.Connect.Token;
using TokenServer.Connect.Token.Grants;
using TokenServer.Foundation;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TokenServer.Accounts;
using TokenServer.Clients;
using TokenServer.Tokens;

namespace TokenServer.Connect;

/// <summary>The OAuth 2.0 and OpenID Connect face (contract section 1): OpenIddict, configured; the handlers are listed in <see cref="Pipeline"/>.</summary>
internal static class ConnectModule
{
    private const string TokenPath = "connect/token", IntrospectionPath = "connect/introspect", RevocationPath = "connect/revoke", UserInfoPath = "connect/userinfo",
        MetadataPath = ".well-known/openid-configuration", ServerMetadataPath = ".well-known/oauth-authorization-server", KeysPath = ".well-known/jwks";
    private static readonly string[] Claims =
        ["sub", "iss", "aud", "exp", "iat", "auth_time", "amr", "azp", "at_hash", "sid", "name", "preferred_username", "role", "email", "email_verified"];

    public static IServiceCollection AddConnect(this IServiceCollection services)
    {
        services.AddOpenIddict().AddServer(server =>
        {
            server.SetTokenEndpointUris(TokenPath).SetIntrospectionEndpointUris(IntrospectionPath).SetRevocationEndpointUris(RevocationPath).SetUserInfoEndpointUris(UserInfoPath)
                .SetConfigurationEndpointUris(MetadataPath, ServerMetadataPath).SetJsonWebKeySetEndpointUris(KeysPath);
            server.AllowPasswordFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow().AllowCustomFlow(SessionRequest.SecondFactorGrant).AllowCustomFlow(InstallPrecheckGrant.Type);
            server.RegisterClaims(Claims).DisableAccessTokenEncryption();
            // The core says these in the contract's words (Token/ClientMay).
            server.IgnoreGrantTypePermissions().IgnoreScopePermissions().DisableScopeValidation();
            // They belong to the exchange of tokens; elsewhere they are unknown, and what is unknown is ignored.
            server.DisableAudienceValidation().DisableResourceValidation().IgnoreAudiencePermissions().IgnoreResourcePermissions();
            server.UseAspNetCore();
            server.Configure(Pipeline.Arrange);
            server.Configure(options =>
            {
                options.ClientAuthenticationMethods.IntersectWith([OpenIddictConstants.ClientAuthenticationMethods.ClientSecretBasic, OpenIddictConstants.ClientAuthenticationMethods.ClientSecretPost]);
            });
        });
        services.AddOptions<OpenIddictServerOptions>().Configure<LifetimesOptions>((options, lifetimes) => options.IdentityTokenLifetime = lifetimes.IdentityToken);
        services.AddSingleton<RingCredentials>();
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(p => p.GetRequiredService<RingCredentials>());
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(p => p.GetRequiredService<RingCredentials>());
        services.Replace(ServiceDescriptor.Singleton<IOpenIddictServerDispatcher, Dispatcher>()).Replace(ServiceDescriptor.Singleton<IOpenIddictServerFactory, TransactionFactory>());
        services.AddSingleton<ConnectEndpoint>().AddSingleton<TokenEndpoint>().AddSingleton<AccessTokenIssuer>().AddSingleton<IntrospectionEndpoint>().AddSingleton<TokenRateLimits>().AddSingleton<SignInAnswers>().AddSingleton<UserNames>();
        services.AddSingleton<RememberedDecisions>().AddSingleton<ClientCredentialsDecisions>().AddSingleton<IntrospectionDecisions>();
        Pipeline.AddHandlers(services);
        return services.AddSingleton(new ErrorShape("/connect", WriteAsync)).AddSingleton(new ErrorShape("/.well-known", WriteAsync));
    }

    public static void MapConnect(this IEndpointRouteBuilder routes)
    {
        TokenEndpoint.Map(routes, TokenPath);
        IntrospectionEndpoint.Map(routes, IntrospectionPath);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.Revocation, RevocationPath, HttpMethods.Post);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.UserInfo, UserInfoPath, HttpMethods.Get, HttpMethods.Post);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.Configuration, MetadataPath, HttpMethods.Get);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.Configuration, ServerMetadataPath, HttpMethods.Get);
        ConnectEndpoint.Map(routes, OpenIddictServerEndpointType.JsonWebKeySet, KeysPath, HttpMethods.Get);
    }

    private static Task WriteAsync(HttpContext context, Fault fault)
    {
        var error = fault switch
        {
            Fault.Unavailable => OAuthError.Unavailable(),
            Fault.PayloadTooLarge => OAuthError.TooLarge(),
            Fault.HttpsRequired => OAuthError.InvalidRequest("HTTPS is required"),
            Fault.NotFound => new OAuthError("invalid_request", "there is nothing at this address", StatusCodes.Status404NotFound),
            Fault.MethodNotAllowed => new OAuthError("invalid_request", "the method is not allowed", StatusCodes.Status405MethodNotAllowed),
            Fault.Internal => new OAuthError("server_error", "the server failed; the error is in its log", StatusCodes.Status500InternalServerError),
            _ => OAuthError.InvalidRequest("the request is not well-formed"),
        };
        return error.ExecuteAsync(context);
    }
}
