using OpenIddict.Server;
using TokenServer.Connect.Authentication;
using TokenServer.Connect.Authorize;
using TokenServer.Connect.Device;
using TokenServer.Connect.Discovery;
using TokenServer.Connect.Dispatch;
using TokenServer.Connect.Dpop;
using TokenServer.Connect.Introspection;
using TokenServer.Connect.Logout;
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
        .. Read<ExtractPushedAuthorizationRequestContext>(),
        Handler.InPlaceOf<ExtractAuthorizationRequestContext, ReadAuthorization>(
            OnHttp.ExtractGetOrPostRequest<ExtractAuthorizationRequestContext>.Descriptor),
        .. Read<ExtractDeviceAuthorizationRequestContext>(),
        Handler.InPlaceOf<ExtractUserInfoRequestContext, ReadBearer>(
            OnHttp.ExtractGetOrPostRequest<ExtractUserInfoRequestContext>.Descriptor),
        Handler.InPlaceOf<ExtractConfigurationRequestContext, ReadNothing<ExtractConfigurationRequestContext>>(
            OnHttp.ExtractGetRequest<ExtractConfigurationRequestContext>.Descriptor),
        Handler.InPlaceOf<ExtractJsonWebKeySetRequestContext, ReadNothing<ExtractJsonWebKeySetRequestContext>>(
            OnHttp.ExtractGetRequest<ExtractJsonWebKeySetRequestContext>.Descriptor),
        Handler.InPlaceOf<ExtractEndSessionRequestContext, ReadLogout>(
            OnHttp.ExtractGetOrPostRequest<ExtractEndSessionRequestContext>.Descriptor),
        // The client proves who it is, before anything else is looked at.
        Handler.Moved<ValidateTokenRequestContext>(
            Theirs.Exchange.ValidateAuthentication.Descriptor, Theirs.Exchange.ValidateGrantType.Descriptor.Order - 100),
        Handler.Moved<ValidatePushedAuthorizationRequestContext>(Theirs.Authentication.ValidatePushedAuthentication.Descriptor,
            Theirs.Authentication.ValidatePushedRequestParameter.Descriptor.Order - 100),
        Handler.Before<ValidateAuthorizationRequestContext, KnowClient>(Theirs.Authentication.ValidateRequestParameter.Descriptor),
        Handler.After<ProcessAuthenticationContext, TokensAreTheCores>(Theirs.EvaluateValidatedTokens.Descriptor),
        Handler.After<ValidateTokenContext, ReadAssertion>(Theirs.Protection.ResolveTokenValidationParameters.Descriptor),
        Handler.After<ProcessAuthenticationContext, AuthenticateClient>(Theirs.ValidateClientId.Descriptor),
        // What it asks for is its to ask for.
        Handler.After<ValidateTokenRequestContext, ClientMay>(Theirs.Exchange.ValidateGrantType.Descriptor),
        Handler.At<ValidateTokenRequestContext, ProveKey>(Theirs.Exchange.ValidateGrantType.Descriptor.Order + 200),
        Handler.After<ValidateAuthorizationRequestContext, MayAsk>(
            Theirs.Authentication.ValidateProofKeyForCodeExchangeParameters.Descriptor),
        Handler.InPlaceOf<ValidatePushedAuthorizationRequestContext, MayPush>(
            Theirs.Authentication.ValidatePushedClientRedirectUri.Descriptor),
        Handler.After<ValidatePushedAuthorizationRequestContext, BindPushed>(
            Theirs.Authentication.ValidatePushedClientRedirectUri.Descriptor),
        Handler.After<ValidateTokenRequestContext, ReadCode>(Theirs.Exchange.ValidateAuthorizationCodeParameter.Descriptor),
        Handler.After<ValidateDeviceAuthorizationRequestContext, DeviceMay>(Theirs.Device.ValidateDeviceAuthentication.Descriptor),
        Handler.Only<ValidateTokenRequestContext, UnlessRefresh>(Theirs.Exchange.ValidateAuthorizedParty.Descriptor),
        Handler.Only<ValidateTokenRequestContext, UnlessRefresh>(Theirs.Exchange.ValidateGrantedScopes.Descriptor),
        // It is granted.
        Handler.At<HandleTokenRequestContext, UseProof>(0),
        Handler.At<HandleTokenRequestContext, PasswordGrant>(1),
        Handler.At<HandleTokenRequestContext, TwoFactorGrant>(2),
        Handler.At<HandleTokenRequestContext, RefreshTokenGrant>(3),
        Handler.At<HandleTokenRequestContext, ClientCredentialsGrant>(4),
        Handler.At<HandleTokenRequestContext, InstallPrecheckGrant>(5),
        Handler.At<HandleTokenRequestContext, TokenExchangeGrant>(6),
        Handler.At<HandleTokenRequestContext, AuthorizationCodeGrant>(7),
        Handler.At<HandleTokenRequestContext, DeviceCodeGrant>(8),
        Handler.At<HandleAuthorizationRequestContext, AuthorizeBrowser>(1),
        // The tokens are written.
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.AttachDefaultScopes.Descriptor),
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.AttachAuthorization.Descriptor),
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.PrepareAccessTokenPrincipal.Descriptor),
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.PrepareRefreshTokenPrincipal.Descriptor),
        Handler.Only<ProcessSignInContext, UnlessGranted>(Theirs.PrepareIssuedTokenPrincipal.Descriptor),
        Handler.After<ProcessSignInContext, DescribeIdentity>(Theirs.PrepareIdentityTokenPrincipal.Descriptor),
        Handler.At<GenerateTokenContext, WriteCode>(Theirs.Protection.AttachSecurityCredentials.Descriptor.Order - 200),
        Handler.Before<GenerateTokenContext, WriteTokens>(Theirs.Protection.AttachSecurityCredentials.Descriptor),
        Handler.After<GenerateTokenContext, ChooseIdentityKey>(Theirs.Protection.AttachSecurityCredentials.Descriptor),
        Handler.Only<GenerateTokenContext, UnlessWritten>(Theirs.Protection.AttachTokenSubject.Descriptor),
        Handler.Only<GenerateTokenContext, UnlessWritten>(Theirs.Protection.AttachTokenMetadata.Descriptor),
        Handler.After<ProcessSignInContext, TellIssued>(Theirs.AttachSignInParameters.Descriptor),
        // The other endpoints.
        Handler.At<HandleDeviceAuthorizationRequestContext, StartDevice>(1),
        Handler.At<HandleIntrospectionRequestContext, TellToken>(1),
        Handler.At<HandleRevocationRequestContext, EndToken>(1),
        Handler.At<HandleUserInfoRequestContext, TellAccount>(1),
        Handler.At<HandleEndSessionRequestContext, EndSignIn>(1),
        Handler.After<HandleConfigurationRequestContext, DescribeServer>(Theirs.Discovery.AttachAdditionalMetadata.Descriptor),
        // It is answered.
        Handler.Before<ProcessErrorContext, RefuseClient>(Theirs.AttachErrorParameters.Descriptor),
        Handler.At<ProcessErrorContext, RecordRefusal>(Theirs.AttachErrorParameters.Descriptor.Order - 50),
        Handler.At<ApplyConfigurationResponseContext, TrimMetadata>(1),
        Handler.InPlaceOf<ApplyAuthorizationResponseContext, ReturnToClient>(Theirs.Authentication.AttachRedirectUri.Descriptor),
        Handler.InPlaceOf<ApplyAuthorizationResponseContext, AnswerBrowser>(OnHttp.Authentication.ProcessQueryResponse.Descriptor),
        Answer<ApplyPushedAuthorizationResponseContext>(),
        Handler.At<ApplyEndSessionResponseContext, RefuseLogout>(1),
        Answer<ApplyTokenResponseContext>(), Answer<ApplyIntrospectionResponseContext>(), Answer<ApplyRevocationResponseContext>(),
        Answer<ApplyUserInfoResponseContext>(), Answer<ApplyConfigurationResponseContext>(), Answer<ApplyJsonWebKeySetResponseContext>(),
        Answer<ApplyDeviceAuthorizationResponseContext>(),
    ];

    private static readonly OpenIddictServerHandlerDescriptor[] Replaced =
    [
        // Routing knows the endpoint, RequestGate demands HTTPS.
        OnHttp.ResolveRequestUri.Descriptor, Theirs.InferEndpointType.Descriptor, OnHttp.ValidateTransportSecurityRequirement.Descriptor,
        // ReadForm, ReadBasic, ReadBearer, ReadNothing.
        OnHttp.ExtractGetRequest<ExtractConfigurationRequestContext>.Descriptor,
        OnHttp.ExtractGetRequest<ExtractJsonWebKeySetRequestContext>.Descriptor,
        .. Extracted<ExtractAuthorizationRequestContext>(), .. Extracted<ExtractPushedAuthorizationRequestContext>(),
        .. Extracted<ExtractTokenRequestContext>(), .. Extracted<ExtractIntrospectionRequestContext>(),
        .. Extracted<ExtractRevocationRequestContext>(), .. Extracted<ExtractUserInfoRequestContext>(),
        .. Extracted<ExtractDeviceAuthorizationRequestContext>(),
        // As ConnectModule says of them.
        Theirs.Exchange.ValidateAudienceParameter.Descriptor, Theirs.Exchange.ValidateResourceParameter.Descriptor,
        Theirs.Authentication.ValidateAudienceParameter.Descriptor, Theirs.Authentication.ValidateResourceParameter.Descriptor,
        Theirs.Authentication.ValidatePushedAudienceParameter.Descriptor, Theirs.Authentication.ValidatePushedResourceParameter.Descriptor,
        // KnowClient, MayPush, which compare to the letter.
        Theirs.Authentication.ValidateClientRedirectUri.Descriptor, Theirs.Authentication.ValidatePushedClientRedirectUri.Descriptor,
        // OneMethod, AuthenticateClient.
        Theirs.Exchange.ValidateClientCredentialsParameters.Descriptor, Theirs.Introspection.ValidateClientCredentialsParameters.Descriptor,
        Theirs.Revocation.ValidateClientCredentialsParameters.Descriptor, Theirs.Device.ValidateClientCredentialsParameters.Descriptor,
        Theirs.ValidateClientSecret.Descriptor,
        // TellToken, EndToken, TellAccount.
        Theirs.Introspection.ValidateTokenType.Descriptor, Theirs.Introspection.ValidateAuthorizedParty.Descriptor,
        Theirs.Introspection.AttachPrincipal.Descriptor, Theirs.Introspection.AttachMetadataClaims.Descriptor,
        Theirs.Introspection.AttachApplicationClaims.Descriptor,
        Theirs.Revocation.ValidateTokenType.Descriptor, Theirs.Revocation.ValidateAuthorizedParty.Descriptor,
        Theirs.Revocation.AttachPrincipal.Descriptor, Theirs.Revocation.RevokeToken.Descriptor,
        Theirs.UserInfo.AttachPrincipal.Descriptor, Theirs.UserInfo.AttachAudiences.Descriptor, Theirs.UserInfo.AttachClaims.Descriptor,
        // EndSignIn: who may be sent back where hangs on the hint, and a hint that is no good is no error.
        OnHttp.ExtractGetOrPostRequest<ExtractEndSessionRequestContext>.Descriptor, Theirs.Session.ValidateAuthentication.Descriptor,
        Theirs.Session.ValidateClientPostLogoutRedirectUri.Descriptor, Theirs.Session.ValidateEndpointPermissions.Descriptor,
        Theirs.Session.ValidateAuthorizedParty.Descriptor, Theirs.Session.AttachPrincipal.Descriptor,
        // Nothing of that is asked of every client.
        Theirs.Discovery.AttachSecurityRequirements.Descriptor,
        // ReturnToClient, AnswerBrowser.
        Theirs.Authentication.AttachRedirectUri.Descriptor, OnHttp.Authentication.ProcessSelfRedirection.Descriptor,
        OnHttp.Authentication.ProcessFormPostResponse.Descriptor, OnHttp.Authentication.ProcessQueryResponse.Descriptor,
        OnHttp.Authentication.ProcessFragmentResponse.Descriptor,
        OnHttp.ProcessLocalErrorResponse<ApplyAuthorizationResponseContext>.Descriptor,
        // Answer.
        .. Answered<ApplyAuthorizationResponseContext>(), .. Answered<ApplyPushedAuthorizationResponseContext>(),
        .. Answered<ApplyTokenResponseContext>(), .. Answered<ApplyIntrospectionResponseContext>(),
        .. Answered<ApplyRevocationResponseContext>(), .. Answered<ApplyUserInfoResponseContext>(),
        .. Answered<ApplyConfigurationResponseContext>(), .. Answered<ApplyJsonWebKeySetResponseContext>(),
        .. Answered<ApplyDeviceAuthorizationResponseContext>(),
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
        Handler.After<TContext, OneMethod<TContext>>(OnHttp.ExtractBasicAuthenticationCredentials<TContext>.Descriptor),
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
