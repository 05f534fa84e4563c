using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using TokenServer.Foundation;
using TokenServer.Keys.Jose;
using TokenServer.Storage;
using TokenServer.Storage.Rows;

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
        RedirectUris = ClientColumns.ReadList(row.RedirectUris);
        GrantTypes = Permitted(ClientColumns.GrantType);
        Scopes = ScopeSet.Of(ClientColumns.ReadList(row.Permissions)
            .Where(p => p.StartsWith(ClientColumns.Scope, StringComparison.Ordinal)).Select(p => p[ClientColumns.Scope.Length..]));
        Audiences = Permitted(ClientColumns.Audience);
        AccessTokenLifetime = TimeSpan.TryParse(Setting(ClientColumns.AccessTokenLifetime), CultureInfo.InvariantCulture, out var lifetime)
            ? TimeSpan.FromTicks(Math.Clamp(lifetime.Ticks, TimeSpan.TicksPerSecond, LifetimesOptions.LongestAccessToken.Ticks)) : null;
        UsesOpaqueAccessTokens = Setting(ClientColumns.AccessTokenFormat) == "opaque";
        AuthMethod = Setting(ClientColumns.AuthMethod);
        IdentityTokenAlgorithm = Setting(ClientColumns.IdentityTokenAlgorithm) == SigningKey.ES256 ? SigningKey.ES256 : SigningKey.RS256;
        IsPublic = SecretHash is null && row.ClientType != ClientColumns.Confidential;
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
    public IReadOnlyList<string> RedirectUris { get; }
    public FrozenSet<string> GrantTypes { get; }

    /// <summary>The scopes it may ask for.</summary>
    public ScopeSet Scopes { get; }

    /// <summary>The scopes it gets when it names none (contract section 1).</summary>
    public ScopeSet DefaultScopes { get; }

    /// <summary>The audiences whose tokens it may introspect.</summary>
    public FrozenSet<string> Audiences { get; }

    /// <summary>Its own access token lifetime; null for the server's.</summary>
    public TimeSpan? AccessTokenLifetime { get; }
    public bool UsesOpaqueAccessTokens { get; }

    /// <summary>The one method it must authenticate with; null for either secret method.</summary>
    public string? AuthMethod { get; }
    public string IdentityTokenAlgorithm { get; }
    public bool MayIntrospect => permissions.Contains(ClientColumns.Introspection);

    /// <summary>Whether it is the server's own: it never authenticates, and nobody registers it.</summary>
    public bool IsInternal { get; }

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

/// <summary>The words that a client's columns are written in: OpenIddict's where it has one.</summary>
internal static class ClientColumns
{
    public const string GrantType = "gt:", Scope = "scp:", Audience = "aud:", Introspection = "ept:introspection",
        Token = "ept:token", Revocation = "ept:revocation";
    public const string AccessTokenLifetime = "tkn_lft:act", AccessTokenFormat = "access_token_format",
        AuthMethod = "token_endpoint_auth_method",
        IdentityTokenAlgorithm = "id_token_signed_response_alg";
    public const string Internal = "internal", Confidential = "confidential";
    public const string RevokedAt = "revoked_at", ValidAfter = "valid_after";

    /// <summary>The condition of a row that is not the server's own.</summary>
    public const string IsRegistered = """coalesce("ApplicationType", '')<>'internal'""";

    /// <summary>Whether a permission is one that a registration speaks of; others are left as they are.</summary>
    public static bool IsRegistrations(string permission) => permission is Introspection or Token or Revocation
        || permission.StartsWith(GrantType, StringComparison.Ordinal) || permission.StartsWith(Scope, StringComparison.Ordinal)
        || permission.StartsWith(Audience, StringComparison.Ordinal);

    public static string[] ReadList(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, StorageJson.Default.StringArray) ?? [];
    public static Dictionary<string, string> ReadTexts(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, StorageJson.Default.DictionaryStringString) ?? [];
    public static string Write(IEnumerable<string> list) => JsonSerializer.Serialize([.. list], StorageJson.Default.StringArray);
    public static string Write(Dictionary<string, string> texts) =>
        JsonSerializer.Serialize(texts, StorageJson.Default.DictionaryStringString);
}
