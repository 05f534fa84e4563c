using TokenServer.Clients;
using TokenServer.Foundation;

namespace TokenServer.Admin.Clients;

/// <summary>A client, as administrators see it: RFC 7591's metadata, OpenID Connect's, our own fields, and its state.</summary>
internal sealed record ClientAnswer
{
    public required string ClientId { get; init; }

    /// <summary>In the one answer that shows a new one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? ClientSecret { get; init; }
    public string? ClientName { get; init; }
    public required string[] GrantTypes { get; init; }
    public required string Scope { get; init; }
    public required string[] RedirectUris { get; init; }
    public required string[] PostLogoutRedirectUris { get; init; }
    public required string[] ResponseTypes { get; init; }
    public string? TokenEndpointAuthMethod { get; init; }
    public JsonElement? Jwks { get; init; }
    public required string[] Audiences { get; init; }
    public required string[] ExchangeAudiences { get; init; }
    public required string AccessTokenFormat { get; init; }
    public int? AccessTokenLifetime { get; init; }
    public required string IdTokenSignedResponseAlg { get; init; }
    public bool Introspection { get; init; }
    public required string ConsentType { get; init; }
    public bool RequirePkce { get; init; }
    public bool RequirePushedAuthorizationRequests { get; init; }
    public bool DpopBoundAccessTokens { get; init; }
    public string? BackchannelLogoutUri { get; init; }
    public bool BackchannelLogoutSessionRequired { get; init; }
    public string? ClientUri { get; init; }
    public string? LogoUri { get; init; }
    public string? PolicyUri { get; init; }
    public string? TosUri { get; init; }
    public bool Public { get; init; }
    public required string Status { get; init; }
    public required string CreatedAt { get; init; }
    public string? RevokedAt { get; init; }

    /// <summary>From when on the secret before the last is refused; null where there is only one.</summary>
    public string? OldSecretEndsAt { get; init; }

    /// <summary><paramref name="client"/> as it is, with the <paramref name="secret"/> that was made for it just now.</summary>
    public static ClientAnswer Of(Client client, DateTime? oldSecretEndsAt, string? secret = null)
    {
        var r = ClientRegistration.Of(client);
        return new()
        {
            ClientId = client.ClientId, ClientSecret = secret, ClientName = r.ClientName, GrantTypes = r.GrantTypes, Scope = r.Scope!,
            RedirectUris = r.RedirectUris, PostLogoutRedirectUris = r.PostLogoutRedirectUris,
            ResponseTypes = [.. client.ResponseTypes.Order()], TokenEndpointAuthMethod = r.TokenEndpointAuthMethod, Jwks = r.Jwks,
            Audiences = r.Audiences, ExchangeAudiences = r.ExchangeAudiences, AccessTokenFormat = r.AccessTokenFormat!,
            AccessTokenLifetime = r.AccessTokenLifetime, IdTokenSignedResponseAlg = r.IdTokenSignedResponseAlg!,
            Introspection = r.Introspection, ConsentType = client.ConsentType, RequirePkce = r.RequirePkce,
            RequirePushedAuthorizationRequests = r.RequirePushedAuthorizationRequests, DpopBoundAccessTokens = r.DpopBoundAccessTokens,
            BackchannelLogoutUri = r.BackChannelLogoutUri, BackchannelLogoutSessionRequired = r.BackChannelLogoutSessionRequired,
            ClientUri = r.ClientUri, LogoUri = r.LogoUri, PolicyUri = r.PolicyUri, TosUri = r.TosUri,
            Public = client.IsPublic, Status = client.IsRevoked ? "revoked" : "active",
            CreatedAt = Timestamps.Of(client.CreatedAt), RevokedAt = Timestamps.Of(client.RevokedAt),
            OldSecretEndsAt = Timestamps.Of(oldSecretEndsAt),
        };
    }
}
