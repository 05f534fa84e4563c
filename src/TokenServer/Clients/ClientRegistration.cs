using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Clients;

/// <summary>A client as it is registered: RFC 7591's client metadata, OpenID Connect's, and the few fields of our own (contract sections 7
/// and 9). <see cref="RegistrationChecks"/> says what makes sense.</summary>
internal sealed class ClientRegistration
{
    /// <summary>Stands for a secret that stays as it is.</summary>
    public const string Kept = "kept";

    /// <summary>People are asked once, where a registration says nothing of it.</summary>
    public const string DefaultConsent = ConsentTypes.Explicit;

    /// <summary>Characters of <c>scope</c>, and of each list: what an access token, and a form of the console, can hold.</summary>
    public const int LongestScope = 3_000, LongestList = 10_000;

    [JsonPropertyName("client_id")] public string? ClientId { get; set; }

    /// <summary>Absent for a public client, and for one that has its keys.</summary>
    [JsonPropertyName("client_secret")] public string? ClientSecret { get; set; }
    [JsonPropertyName("client_name")] public string? ClientName { get; set; }
    [JsonPropertyName("grant_types")] public string[] GrantTypes { get; set; } = [];

    /// <summary>Space-separated scopes that the client may ask for.</summary>
    [JsonPropertyName("scope")] public string? Scope { get; set; }
    [JsonPropertyName("redirect_uris")] public string[] RedirectUris { get; set; } = [];
    [JsonPropertyName("post_logout_redirect_uris")] public string[] PostLogoutRedirectUris { get; set; } = [];

    /// <summary>Null: what goes with the grant types, which is all that it may be.</summary>
    [JsonPropertyName("response_types")] public string[]? ResponseTypes { get; set; }
    [JsonPropertyName("token_endpoint_auth_method")] public string? TokenEndpointAuthMethod { get; set; }

    /// <summary>A JWK Set (RFC 7517 section 5) of public keys.</summary>
    [JsonPropertyName("jwks")] public JsonElement? Jwks { get; set; }
    [JsonPropertyName("audiences")] public string[] Audiences { get; set; } = [];
    [JsonPropertyName("exchange_audiences")] public string[] ExchangeAudiences { get; set; } = [];

    /// <summary><c>jwt</c> or <c>opaque</c>.</summary>
    [JsonPropertyName("access_token_format")] public string? AccessTokenFormat { get; set; }

    /// <summary>Seconds.</summary>
    [JsonPropertyName("access_token_lifetime")] public int? AccessTokenLifetime { get; set; }
    [JsonPropertyName("id_token_signed_response_alg")] public string? IdTokenSignedResponseAlg { get; set; }
    [JsonPropertyName("introspection")] public bool Introspection { get; set; }

    /// <summary><c>explicit</c>, <c>implicit</c> or <c>systematic</c>; null leaves a client's as it is, and is
    /// <see cref="DefaultConsent"/> for a new one.</summary>
    [JsonPropertyName("consent_type")] public string? ConsentType { get; set; }
    [JsonPropertyName("require_pkce")] public bool RequirePkce { get; set; } = true;
    [JsonPropertyName("require_pushed_authorization_requests")] public bool RequirePushedAuthorizationRequests { get; set; }
    [JsonPropertyName("dpop_bound_access_tokens")] public bool DpopBoundAccessTokens { get; set; }
    [JsonPropertyName("backchannel_logout_uri")] public string? BackChannelLogoutUri { get; set; }
    [JsonPropertyName("backchannel_logout_session_required")] public bool BackChannelLogoutSessionRequired { get; set; }
    [JsonPropertyName("client_uri")] public string? ClientUri { get; set; }
    [JsonPropertyName("logo_uri")] public string? LogoUri { get; set; }
    [JsonPropertyName("policy_uri")] public string? PolicyUri { get; set; }
    [JsonPropertyName("tos_uri")] public string? TosUri { get; set; }

    /// <summary>Whether it has nothing to prove who it is with.</summary>
    internal bool IsPublic => ClientSecret is null && TokenEndpointAuthMethod != ClientAuthenticationMethods.PrivateKeyJwt;

    /// <summary>Whether the server makes a secret for it, where it is registered without one.</summary>
    internal bool WantsSecret =>
        TokenEndpointAuthMethod is not (ClientAuthenticationMethods.None or ClientAuthenticationMethods.PrivateKeyJwt);

    /// <summary>The registration of <paramref name="client"/>; its secret, which nobody knows, is there as <see cref="Kept"/>.</summary>
    public static ClientRegistration Of(Client client) => new()
    {
        ClientId = client.ClientId, ClientSecret = client.IsPublic || client.HasKeysOnly ? null : Kept, ClientName = client.Name,
        GrantTypes = [.. client.GrantTypes.Order()], Scope = client.Scopes.ToString(), RedirectUris = [.. client.RedirectUris],
        PostLogoutRedirectUris = [.. client.PostLogoutRedirectUris],
        TokenEndpointAuthMethod = client.AuthMethod ?? (client.IsPublic ? ClientAuthenticationMethods.None
            : client.HasKeysOnly ? ClientAuthenticationMethods.PrivateKeyJwt : null),
        Jwks = client.JsonWebKeys is null ? null : ClientKeys.OfText(client.Row.JsonWebKeySet!),
        Audiences = [.. client.Audiences.Order()], ExchangeAudiences = [.. client.ExchangeAudiences.Order()],
        AccessTokenFormat = client.UsesOpaqueAccessTokens ? "opaque" : "jwt",
        AccessTokenLifetime = (int?)client.AccessTokenLifetime?.TotalSeconds, IdTokenSignedResponseAlg = client.IdentityTokenAlgorithm,
        Introspection = client.MayIntrospect, ConsentType = client.ConsentType, RequirePkce = client.RequiresPkce,
        RequirePushedAuthorizationRequests = client.RequiresPushedRequests, DpopBoundAccessTokens = client.DpopBoundAccessTokens,
        BackChannelLogoutUri = client.BackChannelLogoutUri, BackChannelLogoutSessionRequired = client.BackChannelLogoutSessionRequired,
        ClientUri = client.ClientUri, LogoUri = client.LogoUri, PolicyUri = client.PolicyUri, TosUri = client.TosUri,
    };

    /// <inheritdoc cref="RegistrationChecks.ProblemOf"/>
    public string? Problem() => RegistrationChecks.ProblemOf(this);

    /// <summary>Writes everything but secret and keys into <paramref name="descriptor"/>, and leaves what it does not know of.</summary>
    public void WriteTo(OpenIddictApplicationDescriptor descriptor)
    {
        descriptor.ClientId = ClientId;
        descriptor.ClientType = IsPublic ? ClientTypes.Public : ClientTypes.Confidential;
        descriptor.ConsentType = ConsentType ?? descriptor.ConsentType ?? DefaultConsent;
        descriptor.DisplayName = ClientName;
        Replace(descriptor.RedirectUris, RedirectUris.Select(u => new Uri(u)));
        Replace(descriptor.PostLogoutRedirectUris, PostLogoutRedirectUris.Select(u => new Uri(u)));
        Replace(descriptor.Permissions,
            [.. Permissions(), .. descriptor.Permissions.Where(p => !ClientColumns.IsRegistrations(p)).ToArray()]);
        bool usesCodes = GrantTypes.Contains(KnownGrants.AuthorizationCode);
        Demand(descriptor, Requirements.Features.ProofKeyForCodeExchange, usesCodes && RequirePkce);
        Demand(descriptor, Requirements.Features.PushedAuthorizationRequests, RequirePushedAuthorizationRequests);
        foreach (var (name, value) in Settings())
        {
            if (value is null) descriptor.Settings.Remove(name);
            else descriptor.Settings[name] = value;
        }
    }

    private IEnumerable<string> Permissions()
    {
        bool usesCodes = GrantTypes.Contains(KnownGrants.AuthorizationCode);
        return
        [
            ClientColumns.Token, ClientColumns.Revocation,
            .. Introspection ? [ClientColumns.Introspection] : Array.Empty<string>(),
            .. usesCodes ? [ClientColumns.Authorization, ClientColumns.PushedAuthorization, ClientColumns.CodeResponse]
                : Array.Empty<string>(),
            .. GrantTypes.Contains(KnownGrants.DeviceCode) ? [ClientColumns.DeviceAuthorization] : Array.Empty<string>(),
            .. usesCodes || PostLogoutRedirectUris.Length > 0 ? [ClientColumns.EndSession] : Array.Empty<string>(),
            .. GrantTypes.Select(g => ClientColumns.GrantType + g),
            .. ScopeSet.Parse(Scope).Select(s => ClientColumns.Scope + s), .. Audiences.Select(a => ClientColumns.Audience + a),
            .. ExchangeAudiences.Select(a => ClientColumns.Resource + a),
        ];
    }

    private (string Name, string? Value)[] Settings() =>
    [
        (ClientColumns.AccessTokenLifetime, AccessTokenLifetime is { } seconds ? TimeSpan.FromSeconds(seconds).ToString("c") : null),
        (ClientColumns.AccessTokenFormat, AccessTokenFormat), (ClientColumns.AuthMethod, TokenEndpointAuthMethod),
        (ClientColumns.IdentityTokenAlgorithm, IdTokenSignedResponseAlg),
        (ClientColumns.BackChannelLogoutUri, BackChannelLogoutUri),
        (ClientColumns.BackChannelLogoutSessionRequired, BackChannelLogoutSessionRequired ? ClientColumns.Yes : null),
        (ClientColumns.DpopBoundAccessTokens, DpopBoundAccessTokens ? ClientColumns.Yes : null),
        (ClientColumns.ClientUri, ClientUri), (ClientColumns.LogoUri, LogoUri), (ClientColumns.PolicyUri, PolicyUri),
        (ClientColumns.TosUri, TosUri),
    ];

    // Emptied first: a set that has only lost some fills its gaps from the end, and would come out in another order.
    private static void Replace<T>(HashSet<T> set, IEnumerable<T> with)
    {
        T[] all = [.. with];
        set.Clear();
        set.UnionWith(all);
    }

    private static void Demand(OpenIddictApplicationDescriptor descriptor, string requirement, bool isDemanded)
    {
        if (isDemanded) descriptor.Requirements.Add(requirement);
        else descriptor.Requirements.Remove(requirement);
    }
}
