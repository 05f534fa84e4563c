using System.Collections.Immutable;
using System.Text.Json;
using OpenIddict.Server;
using TokenServer.Clients;
using TokenServer.Keys;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TokenServer.Connect.Discovery;

/// <summary>
/// HandleConfigurationRequest, after OpenIddict's: the issuer to the letter, the scopes that exist now, public clients (RFC 8414
/// section 2).
/// </summary>
internal sealed class DescribeServer(ScopeRegistry scopes) : IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        context.Metadata["issuer"] = ConnectRequest.Of(context).Issuer;
        context.Metadata["scopes_supported"] = ImmutableArray.CreateRange<string?>(scopes.Names);
        // The algorithm that is used where a client says nothing comes first.
        context.Metadata["id_token_signing_alg_values_supported"] = ImmutableArray.CreateRange<string?>(KeyRing.Algorithms.Reverse());
        context.Metadata.Remove("authorization_response_iss_parameter_supported");
        context.TokenEndpointAuthenticationMethods.Add("none");
        context.RevocationEndpointAuthenticationMethods.Add("none");
        return default;
    }
}

/// <summary>
/// ApplyConfigurationResponse: the list that has to be there though nothing is in it yet, and nothing of what is not there (RFC 8414
/// section 2).
/// </summary>
internal sealed class TrimMetadata : IOpenIddictServerHandler<ApplyConfigurationResponseContext>
{
    private static readonly JsonElement None = JsonDocument.Parse("[]").RootElement.Clone();

    public ValueTask HandleAsync(ApplyConfigurationResponseContext context)
    {
        if (!context.Response.HasParameter("response_types_supported")) context.Response.AddParameter("response_types_supported", None);
        context.Response.RemoveParameter("require_pushed_authorization_requests");
        context.Response.RemoveParameter("tls_client_certificate_bound_access_tokens");
        return default;
    }
}
