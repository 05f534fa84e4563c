using System.Collections.Frozen;
using System.Globalization;
using Microsoft.IdentityModel.Tokens;
using TokenServer.Foundation;
using TokenServer.Keys.Jose;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Clients;

/// <summary>A registered client (RFC 6749 section 2), as its row says, ready for the hot path.</summary>
internal sealed class Client
{
    private readonly FrozenSet<string> permissions;
    private readonly IReadOnlyDictionary<string, string> settings;

    public Client(ApplicationRow row)
    {
        permissions = ClientColumns.ReadList(row.Permissions).ToFrozenSet(StringComparer.Ordinal);
        settings = row.ListSettings();
        var properties = row.ListProperties();
        Row = row;
        Id = row.Id;
        ClientId = row.ClientId!;
        Name = row.DisplayName;
        IsInternal = row.ApplicationType == ClientColumns.Internal;
        SecretHash = row.ClientSecret;
        OldSecret = OldSecret.Read(properties, row.ClientSecret);
        RedirectUris = ClientColumns.ReadList(row.RedirectUris);
        PostLogoutRedirectUris = ClientColumns.ReadList(row.PostLogoutRedirectUris);
        ResponseTypes = Permitted(ClientColumns.ResponseType);
        GrantTypes = Permitted(ClientColumns.GrantType);
        Scopes = ScopeSet.Of(ClientColumns.ReadList(row.Permissions)
            .Where(p => p.StartsWith(ClientColumns.Scope, StringComparison.Ordinal)).Select(p => p[ClientColumns.Scope.Length..]));
        Audiences = Permitted(ClientColumns.Audience);
        ExchangeAudiences = Permitted(ClientColumns.Resource);
        AccessTokenLifetime = TimeSpan.TryParse(Setting(ClientColumns.AccessTokenLifetime), CultureInfo.InvariantCulture, out var lifetime)
            ? TimeSpan.FromTicks(Math.Clamp(lifetime.Ticks, TimeSpan.TicksPerSecond, LifetimesOptions.LongestAccessToken.Ticks)) : null;
        UsesOpaqueAccessTokens = Setting(ClientColumns.AccessTokenFormat) == "opaque";
        AuthMethod = Setting(ClientColumns.AuthMethod);
        IdentityTokenAlgorithm = Setting(ClientColumns.IdentityTokenAlgorithm) == SigningKey.ES256 ? SigningKey.ES256 : SigningKey.RS256;
        IsPublic = SecretHash is null && row.ClientType != ClientColumns.Confidential;
        JsonWebKeys = string.IsNullOrEmpty(row.JsonWebKeySet) ? null : ClientKeys.OfRow(row.JsonWebKeySet);
        ConsentType = row.ConsentType is ConsentTypes.Implicit or ConsentTypes.Systematic ? row.ConsentType : ConsentTypes.Explicit;
        var requirements = row.ListRequirements();
        RequiresPushedRequests = requirements.Contains(Requirements.Features.PushedAuthorizationRequests);
        // A row that has nothing to do with codes says nothing of their keys.
        RequiresPkce = IsPublic || !GrantTypes.Contains(KnownGrants.AuthorizationCode)
            || requirements.Contains(Requirements.Features.ProofKeyForCodeExchange);
        BackChannelLogoutUri = Setting(ClientColumns.BackChannelLogoutUri);
        BackChannelLogoutSessionRequired = Setting(ClientColumns.BackChannelLogoutSessionRequired) == ClientColumns.Yes;
        DpopBoundAccessTokens = Setting(ClientColumns.DpopBoundAccessTokens) == ClientColumns.Yes;
        (ClientUri, LogoUri) = (Setting(ClientColumns.ClientUri), Setting(ClientColumns.LogoUri));
        (PolicyUri, TosUri) = (Setting(ClientColumns.PolicyUri), Setting(ClientColumns.TosUri));
        Version = row.ConcurrencyToken ?? "";
        RevokedAt = properties.TryGetValue(ClientColumns.RevokedAt, out var revoked) ? revoked.GetDateTimeOffset().UtcDateTime : null;
        DefaultScopes = Scopes.Without(ScopeSet.OpenId, ScopeSet.OfflineAccess, ScopeSet.Admin);
        ValidAfter = Math.Max(Id, properties.TryGetValue(ClientColumns.ValidAfter, out var after)
            ? TimeOrderedId.Parse(after.GetString()) ?? 0 : 0);
    }

    /// <summary>The client of a row that somebody else wrote and that cannot be read: it is refused, as a revoked one is.</summary>
    public static Client Unreadable(ApplicationRow row, DateTime now) => new(new ApplicationRow
    {
        Id = row.Id, ClientId = row.ClientId, ClientSecret = row.ClientSecret, ClientType = row.ClientType,
        ConcurrencyToken = row.ConcurrencyToken, DisplayName = row.DisplayName,
        Properties = ClientColumns.Write(new Dictionary<string, string> { [ClientColumns.RevokedAt] = now.ToString("O") }),
    });

    /// <summary>Another one after each change of the registration.</summary>
    public string Version { get; }

    /// <summary>When it was revoked, UTC; null while it is not.</summary>
    public DateTime? RevokedAt { get; }

    /// <summary>When it was registered, UTC.</summary>
    public DateTime CreatedAt => TimeOrderedId.TimeOf(Id);

    /// <summary>What it was read from, for OpenIddict; shared, so nobody changes it.</summary>
    public ApplicationRow Row { get; }

    /// <summary>The row's key; not the <c>client_id</c>.</summary>
    public long Id { get; }
    public string ClientId { get; }
    public string? Name { get; }

    /// <summary>The secret's PBKDF2 hash; null for a public client.</summary>
    public string? SecretHash { get; }

    /// <summary>The secret before that one, where it was kept; it may have ended.</summary>
    public OldSecret? OldSecret { get; }
    public IReadOnlyList<string> RedirectUris { get; }

    /// <summary>Where a browser may be sent after it signed out (OpenID Connect RP-Initiated Logout section 3.1).</summary>
    public IReadOnlyList<string> PostLogoutRedirectUris { get; }
    public FrozenSet<string> GrantTypes { get; }
    public FrozenSet<string> ResponseTypes { get; }

    /// <summary>The public keys that it signs its assertions with; null where it has none.</summary>
    public JsonWebKeySet? JsonWebKeys { get; }

    /// <summary>Where logout tokens for it go; null where it wants none.</summary>
    public string? BackChannelLogoutUri { get; }

    /// <summary>Whether a logout token for it must have a <c>sid</c>.</summary>
    public bool BackChannelLogoutSessionRequired { get; }

    /// <summary>Whether its authorization requests must have been pushed (RFC 9126 section 6).</summary>
    public bool RequiresPushedRequests { get; }

    /// <summary><c>explicit</c>, <c>implicit</c> or <c>systematic</c>: whether people are asked once, never, or each time.</summary>
    public string ConsentType { get; }

    /// <summary>Whether it acts for people only as far as they allowed it: they are asked, and never give it their password.</summary>
    public bool ActsByConsent => ConsentType != ConsentTypes.Implicit && !GrantTypes.Contains(KnownGrants.Password);

    /// <summary>Whether each of its codes must have a challenge (RFC 7636).</summary>
    public bool RequiresPkce { get; }

    /// <summary>What people are shown of it: its home page, its logo, its privacy policy, its terms of service; https.</summary>
    public string? ClientUri { get; }
    public string? LogoUri { get; }
    public string? PolicyUri { get; }
    public string? TosUri { get; }

    /// <summary>The audiences that it may exchange a token for (RFC 8693).</summary>
    public FrozenSet<string> ExchangeAudiences { get; }

    /// <summary>Whether it must prove a key of its own with each token (RFC 9449 section 5.2).</summary>
    public bool DpopBoundAccessTokens { get; }

    /// <summary>The scopes it may ask for.</summary>
    public ScopeSet Scopes { get; }

    /// <summary>The scopes it gets when it names none (contract section 1).</summary>
    public ScopeSet DefaultScopes { get; }

    /// <summary>The audiences whose tokens it may introspect.</summary>
    public FrozenSet<string> Audiences { get; }

    /// <summary>Its own access token lifetime; null for the server's.</summary>
    public TimeSpan? AccessTokenLifetime { get; }
    public bool UsesOpaqueAccessTokens { get; }

    /// <summary>The one method it must authenticate with; null for either secret method, and for its keys, where it has some.</summary>
    public string? AuthMethod { get; }
    public string IdentityTokenAlgorithm { get; }
    public bool MayIntrospect => permissions.Contains(ClientColumns.Introspection);

    /// <summary>Whether it may know of a token, and of its end: of its own, and of one for any of its audiences (contract section 1). The
    /// one rule of introspection and of the feed of what was revoked.</summary>
    /// <param name="isOwn">Whether it was given to this client.</param>
    /// <param name="audiences">Whom it is for, or may have been.</param>
    public bool MayKnow(bool isOwn, IEnumerable<string> audiences)
    {
        if (isOwn) return true;
        foreach (string audience in audiences)
            if (Audiences.Contains(audience)) return true;
        return false;
    }

    /// <summary>Whether it may show its secret, in the header or not.</summary>
    public bool TakesSecret(bool usedBasic) => SecretHash is not null && (AuthMethod is null
        || AuthMethod == (usedBasic ? ClientAuthenticationMethods.ClientSecretBasic : ClientAuthenticationMethods.ClientSecretPost));

    /// <summary>Whether it is the server's own: it never authenticates, and nobody registers it.</summary>
    public bool IsInternal { get; }

    /// <summary>Whether its keys are all that it could authenticate with.</summary>
    public bool HasKeysOnly => !IsPublic && SecretHash is null && JsonWebKeys is not null;

    /// <summary>Whether it has no secret and is not said to have one.</summary>
    public bool IsPublic { get; }
    public bool IsRevoked => RevokedAt is not null;

    /// <summary>Every token and session with an id up to this one is dead: it was made before the client,
    /// or before it was last restored.</summary>
    public long ValidAfter { get; }

    /// <summary>Whether what was given out to this client under <paramref name="id"/> may still be alive.</summary>
    public bool Vouches(long id) => !IsRevoked && id > ValidAfter;

    private string? Setting(string name) => settings.GetValueOrDefault(name);

    private FrozenSet<string> Permitted(string prefix) =>
        permissions.Where(p => p.StartsWith(prefix, StringComparison.Ordinal))
            .Select(p => p[prefix.Length..]).ToFrozenSet(StringComparer.Ordinal);
}
