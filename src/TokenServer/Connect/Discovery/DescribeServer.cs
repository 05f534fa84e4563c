using System.Collections.Immutable;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Connect.Token;
using TokenServer.Keys;
using TokenServer.RevocationFeed;
using TokenServer.Tokens.Dpop;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Discovery;

/// <summary>
/// HandleConfigurationRequest, after OpenIddict's: the issuer to the letter, the scopes that exist now, public clients (RFC 8414
/// section 2), proofs of keys (RFC 9449 section 5.1).
/// </summary>
internal sealed class DescribeServer(ScopeRegistry scopes) : IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    private static readonly string[] AssertionEndpoints = ["token_endpoint", "introspection_endpoint", "revocation_endpoint"];
    private static readonly ImmutableArray<string?> AcrValues = [AuthenticationContext.Password, AuthenticationContext.MultiFactor];

    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        context.Metadata["issuer"] = ConnectRequest.Of(context).Issuer;
        context.Metadata["scopes_supported"] = ImmutableArray.CreateRange<string?>(scopes.Names);
        // The algorithm that is used where a client says nothing comes first.
        context.Metadata["id_token_signing_alg_values_supported"] = ImmutableArray.CreateRange<string?>(KeyRing.Algorithms.Reverse());
        foreach (string endpoint in AssertionEndpoints)
            context.Metadata[endpoint + "_auth_signing_alg_values_supported"] = ImmutableArray.CreateRange<string?>(ClientKeys.Algorithms);
        context.Metadata["dpop_signing_alg_values_supported"] = ImmutableArray.CreateRange<string?>(ProofKey.Algorithms);
        context.Metadata["acr_values_supported"] = AcrValues;
        context.Metadata["backchannel_logout_supported"] = context.Metadata["backchannel_logout_session_supported"] = true;
        context.Metadata["revocation_events_endpoint"] = new Uri(context.BaseUri!, ConnectModule.EventsPath).AbsoluteUri;
        context.Metadata["revocation_events_stream_endpoint"] = new Uri(context.BaseUri!, ConnectModule.StreamPath).AbsoluteUri;
        context.Metadata["revocation_events_supported"] = ImmutableArray.CreateRange<string?>(EventTokens.Types);
        context.TokenEndpointAuthenticationMethods.Add("none");
        context.RevocationEndpointAuthenticationMethods.Add("none");
        context.PushedAuthorizationEndpointAuthenticationMethods.Add("none");
        context.DeviceAuthorizationEndpointAuthenticationMethods.Add("none");
        return default;
    }
}

/// <summary>
/// ApplyConfigurationResponse: nothing of what is not there (RFC 8414 section 2).
/// </summary>
internal sealed class TrimMetadata : IOpenIddictServerHandler<ApplyConfigurationResponseContext>
{
    public ValueTask HandleAsync(ApplyConfigurationResponseContext context)
    {
        context.Response.RemoveParameter("require_pushed_authorization_requests");
        context.Response.RemoveParameter("tls_client_certificate_bound_access_tokens");
        return default;
    }
}
