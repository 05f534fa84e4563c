using OpenIddict.Server;
using TokenServer.Connect.Authentication;
using TokenServer.Connect.Discovery;
using TokenServer.Connect.Dispatch;
using TokenServer.Connect.Introspection;
using TokenServer.Connect.Requests;
using TokenServer.Connect.Revocation;
using TokenServer.Connect.Token;
using TokenServer.Connect.Token.Grants;
using TokenServer.Connect.UserInfo;
using static OpenIddict.Server.OpenIddictServerEvents;
using OnHttp = OpenIddict.Server.AspNetCore.OpenIddictServerAspNetCoreHandlers;
using Theirs = OpenIddict.Server.OpenIddictServerHandlers;

namespace TokenServer.Connect;

/// <summary>
/// What a request goes through: our handlers in the order in which they run, and those of OpenIddict's that they replace.
/// </summary>
internal static class Pipeline
{
    private static readonly OpenIddictServerHandlerDescriptor[] Ours =
    [
        // The request is read.
        .. Read<ExtractTokenRequestContext>(), .. Read<ExtractIntrospectionRequestContext>(), .. Read<ExtractRevocationRequestContext>(),
        Handler.InPlaceOf<ExtractUserInfoRequestContext, ReadBearer>(
            OnHttp.ExtractGetOrPostRequest<ExtractUserInfoRequestContext>.Descriptor),
        Handler.InPlaceOf<ExtractConfigurationRequestContext, ReadNothing<ExtractConfigurationRequestContext>>(
            OnHttp.ExtractGetRequest<ExtractConfigurationRequestContext>.Descriptor),
        Handler.InPlaceOf<ExtractJsonWebKeySetRequestContext, ReadNothing<ExtractJsonWebKeySetRequestContext>>(
            OnHttp.ExtractGetRequest<ExtractJsonWebKeySetRequestContext>.Descriptor),
        // The client proves who it is, before anything else is looked at.
        Handler.Moved<ValidateTokenRequestContext>(
            Theirs.Exchange.ValidateAuthentication.Descriptor, Theirs.Exchange.ValidateGrantType.Descriptor.Order - 100),
        Handler.After<ProcessAuthenticationContext, TokensAreTheCores>(Theirs.EvaluateValidatedTokens.Descriptor),
        Handler.After<ProcessAuthenticationContext, AuthenticateClient>(Theirs.ValidateClientId.Descriptor),
        // What it asks for is its to ask for.
        Handler.After<ValidateTokenRequestContext, ClientMay>(Theirs.Exchange.ValidateGrantType.Descriptor),
        Handler.Only<ValidateTokenRequestContext, UnlessRefresh>(Theirs.Exchange.ValidateAuthorizedParty.Descriptor),
        Handler.Only<ValidateTokenRequestContext, UnlessRefresh>(Theirs.Exchange.ValidateGrantedScopes.Descriptor),
        // It is granted.
        Handler.At<HandleTokenRequestContext, PasswordGrant>(1),
        Handler.At<HandleTokenRequestContext, TwoFactorGrant>(2),
        Handler.At<HandleTokenRequestContext, RefreshTokenGrant>(3),
        Handler.At<HandleTokenRequestContext, ClientCredentialsGrant>(4),
        Handler.At<HandleTokenRequestContext, InstallPrecheckGrant>(5),
        // The tokens are written.
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.AttachDefaultScopes.Descriptor),
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.AttachAuthorization.Descriptor),
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.PrepareAccessTokenPrincipal.Descriptor),
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.PrepareRefreshTokenPrincipal.Descriptor),
        Handler.After<ProcessSignInContext, DescribeIdentity>(Theirs.PrepareIdentityTokenPrincipal.Descriptor),
        Handler.Before<GenerateTokenContext, WriteTokens>(Theirs.Protection.AttachSecurityCredentials.Descriptor),
        Handler.After<GenerateTokenContext, ChooseIdentityKey>(Theirs.Protection.AttachSecurityCredentials.Descriptor),
        Handler.Only<GenerateTokenContext, UnlessWritten>(Theirs.Protection.AttachTokenSubject.Descriptor),
        Handler.Only<GenerateTokenContext, UnlessWritten>(Theirs.Protection.AttachTokenMetadata.Descriptor),
        Handler.After<ProcessSignInContext, TellIssued>(Theirs.AttachSignInParameters.Descriptor),
        // The other endpoints.
        Handler.At<HandleIntrospectionRequestContext, TellToken>(1),
        Handler.At<HandleRevocationRequestContext, EndToken>(1),
        Handler.At<HandleUserInfoRequestContext, TellAccount>(1),
        Handler.After<HandleConfigurationRequestContext, DescribeServer>(Theirs.Discovery.AttachAdditionalMetadata.Descriptor),
        // It is answered.
        Handler.Before<ProcessErrorContext, RefuseClient>(Theirs.AttachErrorParameters.Descriptor),
        Handler.At<ApplyConfigurationResponseContext, TrimMetadata>(1),
        Answer<ApplyTokenResponseContext>(), Answer<ApplyIntrospectionResponseContext>(), Answer<ApplyRevocationResponseContext>(),
        Answer<ApplyUserInfoResponseContext>(), Answer<ApplyConfigurationResponseContext>(), Answer<ApplyJsonWebKeySetResponseContext>(),
    ];

    private static readonly OpenIddictServerHandlerDescriptor[] Replaced =
    [
        // Routing knows the endpoint, RequestGate demands HTTPS.
        OnHttp.ResolveRequestUri.Descriptor, Theirs.InferEndpointType.Descriptor, OnHttp.ValidateTransportSecurityRequirement.Descriptor,
        // ReadForm, ReadBasic, ReadBearer, ReadNothing.
        OnHttp.ExtractGetRequest<ExtractConfigurationRequestContext>.Descriptor,
        OnHttp.ExtractGetRequest<ExtractJsonWebKeySetRequestContext>.Descriptor,
        .. Extracted<ExtractTokenRequestContext>(), .. Extracted<ExtractIntrospectionRequestContext>(),
        .. Extracted<ExtractRevocationRequestContext>(), .. Extracted<ExtractUserInfoRequestContext>(),
        // As ConnectModule says of them.
        Theirs.Exchange.ValidateAudienceParameter.Descriptor, Theirs.Exchange.ValidateResourceParameter.Descriptor,
        // Assertions of clients are not offered, so their parameters are unknown, too; the rest is AuthenticateClient's.
        Theirs.Exchange.ValidateClientCredentialsParameters.Descriptor, Theirs.Introspection.ValidateClientCredentialsParameters.Descriptor,
        Theirs.Revocation.ValidateClientCredentialsParameters.Descriptor,
        Theirs.ValidateClientSecret.Descriptor,
        // TellToken, EndToken, TellAccount.
        Theirs.Introspection.ValidateTokenType.Descriptor, Theirs.Introspection.ValidateAuthorizedParty.Descriptor,
        Theirs.Introspection.AttachPrincipal.Descriptor, Theirs.Introspection.AttachMetadataClaims.Descriptor,
        Theirs.Introspection.AttachApplicationClaims.Descriptor,
        Theirs.Revocation.ValidateTokenType.Descriptor, Theirs.Revocation.ValidateAuthorizedParty.Descriptor,
        Theirs.Revocation.AttachPrincipal.Descriptor, Theirs.Revocation.RevokeToken.Descriptor,
        Theirs.UserInfo.AttachPrincipal.Descriptor, Theirs.UserInfo.AttachAudiences.Descriptor, Theirs.UserInfo.AttachClaims.Descriptor,
        // There is no flow through the browser yet.
        Theirs.Discovery.AttachPromptValues.Descriptor, Theirs.Discovery.AttachSecurityRequirements.Descriptor,
        // Answer.
        .. Answered<ApplyTokenResponseContext>(), .. Answered<ApplyIntrospectionResponseContext>(),
        .. Answered<ApplyRevocationResponseContext>(), .. Answered<ApplyUserInfoResponseContext>(),
        .. Answered<ApplyConfigurationResponseContext>(), .. Answered<ApplyJsonWebKeySetResponseContext>(),
    ];

    /// <summary>Puts ours into OpenIddict's list, in place of those that are replaced, moved or narrowed.</summary>
    public static void Arrange(OpenIddictServerOptions options)
    {
        var gone = Replaced.Concat(Ours).Select(d => d.ServiceDescriptor.ServiceType).ToHashSet();
        options.Handlers.RemoveAll(d => gone.Contains(d.ServiceDescriptor.ServiceType));
        options.Handlers.AddRange(Ours);
    }

    /// <summary>Registers ours.</summary>
    public static void AddHandlers(IServiceCollection services)
    {
        foreach (var handler in Ours.Where(d => d.Type == OpenIddictServerHandlerType.Custom)) services.Add(handler.ServiceDescriptor);
        services.AddSingleton<UnlessRefresh>().AddSingleton<UnlessGranted>().AddSingleton<UnlessWritten>();
    }

    private static OpenIddictServerHandlerDescriptor[] Read<TContext>() where TContext : BaseValidatingContext =>
    [
        Handler.InPlaceOf<TContext, ReadForm<TContext>>(OnHttp.ExtractPostRequest<TContext>.Descriptor),
        Handler.InPlaceOf<TContext, ReadBasic<TContext>>(OnHttp.ExtractBasicAuthenticationCredentials<TContext>.Descriptor),
    ];

    private static OpenIddictServerHandlerDescriptor[] Extracted<TContext>() where TContext : BaseValidatingContext =>
    [
        OnHttp.ExtractPostRequest<TContext>.Descriptor, OnHttp.ExtractGetOrPostRequest<TContext>.Descriptor,
        OnHttp.ExtractBasicAuthenticationCredentials<TContext>.Descriptor, OnHttp.ExtractAccessToken<TContext>.Descriptor,
    ];

    private static OpenIddictServerHandlerDescriptor Answer<TContext>() where TContext : BaseRequestContext =>
        Handler.InPlaceOf<TContext, Answer<TContext>>(OnHttp.ProcessJsonResponse<TContext>.Descriptor);

    private static OpenIddictServerHandlerDescriptor[] Answered<TContext>() where TContext : BaseRequestContext =>
    [
        OnHttp.AttachHttpResponseCode<TContext>.Descriptor, OnHttp.AttachCacheControlHeader<TContext>.Descriptor,
        OnHttp.AttachWwwAuthenticateHeader<TContext>.Descriptor, OnHttp.ProcessChallengeErrorResponse<TContext>.Descriptor,
        OnHttp.ProcessJsonResponse<TContext>.Descriptor,
    ];
}
