using TokenServer.Connect.Discovery;
using TokenServer.Connect.Introspection;
using TokenServer.Connect.Revocation;
using TokenServer.Connect.Token;
using TokenServer.Connect.Token.Grants;
using TokenServer.Connect.UserInfo;
using TokenServer.Foundation;

namespace TokenServer.Connect;

/// <summary>The OAuth 2.0 and OpenID Connect face (contract section 1).</summary>
internal static class ConnectModule
{
    public static IServiceCollection AddConnect(this IServiceCollection services)
    {
        services.AddSingleton<ClientAuthentication>();
        services.AddSingleton<TokenEndpoint>().AddSingleton<TokenIssuer>().AddSingleton<TokenContents>().AddSingleton<TokenRateLimits>().AddSingleton<SignInAnswers>();
        services.AddSingleton<IGrant, PasswordGrant>();
        services.AddSingleton<IGrant, RefreshTokenGrant>();
        services.AddSingleton<IGrant, ClientCredentialsGrant>();
        services.AddSingleton<IGrant, TwoFactorGrant>();
        services.AddSingleton<IGrant, InstallPrecheckGrant>();
        services.AddSingleton<IntrospectionEndpoint>().AddSingleton<UserNames>();
        services.AddSingleton<RevocationEndpoint>();
        services.AddSingleton<UserInfoEndpoint>();
        services.AddSingleton<DiscoveryEndpoints>();
        return services.AddSingleton(new ErrorShape("/connect", WriteAsync)).AddSingleton(new ErrorShape("/.well-known", WriteAsync));
    }

    public static void MapConnect(this IEndpointRouteBuilder routes)
    {
        TokenEndpoint.Map(routes);
        IntrospectionEndpoint.Map(routes);
        RevocationEndpoint.Map(routes);
        UserInfoEndpoint.Map(routes);
        DiscoveryEndpoints.Map(routes);
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
