using TokenServer.Foundation;
using TokenServer.Foundation.Precis;
using TokenServer.Keys.Jose;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Clients;

/// <summary>A client as it is registered: RFC 7591's client metadata and the few fields of our own (contract section 7).</summary>
internal sealed class ClientRegistration
{
    [JsonPropertyName("client_id")] public string? ClientId { get; set; }

    /// <summary>Absent for a public client.</summary>
    [JsonPropertyName("client_secret")] public string? ClientSecret { get; set; }
    [JsonPropertyName("client_name")] public string? ClientName { get; set; }
    [JsonPropertyName("grant_types")] public string[] GrantTypes { get; set; } = [];

    /// <summary>Space-separated scopes that the client may ask for.</summary>
    [JsonPropertyName("scope")] public string? Scope { get; set; }
    [JsonPropertyName("redirect_uris")] public string[] RedirectUris { get; set; } = [];
    [JsonPropertyName("token_endpoint_auth_method")] public string? TokenEndpointAuthMethod { get; set; }
    [JsonPropertyName("audiences")] public string[] Audiences { get; set; } = [];

    /// <summary><c>jwt</c> or <c>opaque</c>.</summary>
    [JsonPropertyName("access_token_format")] public string? AccessTokenFormat { get; set; }

    /// <summary>Seconds.</summary>
    [JsonPropertyName("access_token_lifetime")] public int? AccessTokenLifetime { get; set; }
    [JsonPropertyName("id_token_signed_response_alg")] public string? IdTokenSignedResponseAlg { get; set; }
    [JsonPropertyName("introspection")] public bool Introspection { get; set; }

    /// <summary>The registration of <paramref name="client"/>; its secret, which nobody knows, is there as <see cref="Kept"/>.</summary>
    public static ClientRegistration Of(Client client) => new()
    {
        ClientId = client.ClientId, ClientSecret = client.IsPublic ? null : Kept, ClientName = client.Name,
        GrantTypes = [.. client.GrantTypes.Order()], Scope = client.Scopes.ToString(), RedirectUris = [.. client.RedirectUris],
        TokenEndpointAuthMethod = client.AuthMethod ?? (client.IsPublic ? "none" : null), Audiences = [.. client.Audiences.Order()],
        AccessTokenFormat = client.UsesOpaqueAccessTokens ? "opaque" : "jwt",
        AccessTokenLifetime = (int?)client.AccessTokenLifetime?.TotalSeconds, IdTokenSignedResponseAlg = client.IdentityTokenAlgorithm,
        Introspection = client.MayIntrospect,
    };

    /// <summary>What is other than in <paramref name="before"/>, for the audit trail: the members' names,
    /// and what the client may do now.</summary>
    public string Difference(ClientRegistration before)
    {
        var changed = new List<string>();
        void Compare(string member, bool isSame, string? now = null)
        {
            if (!isSame) changed.Add(now is null ? member : $"{member}: {now}");
        }
        Compare("client_name", ClientName == before.ClientName);
        Compare("grant_types", GrantTypes.ToHashSet().SetEquals(before.GrantTypes), string.Join(' ', GrantTypes));
        Compare("scope", ScopeSet.Parse(Scope).ToHashSet().SetEquals(ScopeSet.Parse(before.Scope)), Scope);
        Compare("redirect_uris", RedirectUris.SequenceEqual(before.RedirectUris));
        Compare("token_endpoint_auth_method", TokenEndpointAuthMethod == before.TokenEndpointAuthMethod);
        Compare("audiences", Audiences.ToHashSet().SetEquals(before.Audiences), string.Join(' ', Audiences));
        Compare("access_token_format", AccessTokenFormat == before.AccessTokenFormat);
        Compare("access_token_lifetime", AccessTokenLifetime == before.AccessTokenLifetime);
        Compare("id_token_signed_response_alg", IdTokenSignedResponseAlg == before.IdTokenSignedResponseAlg);
        Compare("introspection", Introspection == before.Introspection, Introspection ? "yes" : "no");
        return string.Join("; ", changed);
    }

    /// <summary>Characters of <c>scope</c>, and of each list: what an access token, and a form of the console, can hold.</summary>
    public const int LongestScope = 3_000, LongestList = 10_000;

    // Form-encoded and in base 64, as client_secret_basic sends it, a byte may be four: more does not pass a proxy's 8 KB for a header.
    private const int LongestSecret = 1_800;

    /// <summary>Stands for a secret that stays as it is.</summary>
    public const string Kept = "kept";

    /// <summary>What is wrong with it, naming the field; null where nothing is.</summary>
    public string? Problem()
    {
        if (string.IsNullOrEmpty(ClientId) || ClientId.Length > 100 || ClientId.Any(c => c is < '!' or > '~'))
            return "client_id must be 1 to 100 printable ASCII characters without spaces";
        if (ClientId == FirstPartyClient.ClientId) return "client_id is taken by the server itself";
        if (ClientId.All(char.IsAsciiDigit)) return "client_id may not be a number: a user's sub is one";
        if (ClientSecret is "" || ClientSecret?.Length > 1000 || ClientSecret is not null && Utf8Size(ClientSecret) > LongestSecret)
            return $"client_secret must be 1 to 1,000 characters, of {LongestSecret:N0} bytes at most, or absent for a public client";
        if (ClientId is "." or ".." || ClientId.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            return "client_id may not be . or .., nor hold %2F: it is part of addresses";
        if (ClientId is "schedule" or "command line") return "client_id is the name of an actor in the audit trail";
        if (ClientName?.Length > 200 || ClientName?.Length > 0 && GivenName.Of(ClientName) is null)
            return $"client_name may have 200 characters at most; it {GivenName.Rule}";
        if ((ListProblem("grant_types", GrantTypes) ?? ListProblem("audiences", Audiences)
            ?? ListProblem("redirect_uris", RedirectUris)) is { } problem) return problem;
        if (Scope?.Length > LongestScope) return $"scope may have {LongestScope:N0} characters at most: access tokens say it whole";
        if (ScopeSet.Parse(Scope).FirstOrDefault(s => !ScopeRegistry.IsName(s)) is { } scope)
            return $"scope has a name that is not one: {scope}";
        if (RedirectUris.FirstOrDefault(u => !Clients.RedirectUris.Allows(u, isPublic: ClientSecret is null)) is { } address)
            return "redirect_uris has an entry that is none of: an absolute https address, http on 127.0.0.1, [::1] or localhost, "
                + $"a public client's own scheme with a dot in it; without fragment and credentials: {address}";
        if (TokenEndpointAuthMethod is not (null or "client_secret_basic" or "client_secret_post" or "none"))
            return "token_endpoint_auth_method must be client_secret_basic, client_secret_post or none";
        if (TokenEndpointAuthMethod is not null && TokenEndpointAuthMethod == "none" == ClientSecret is not null)
            return "token_endpoint_auth_method does not go with client_secret: a public client has none, any other has one";
        if (AccessTokenFormat is not (null or "jwt" or "opaque")) return "access_token_format must be jwt or opaque";
        if (AccessTokenLifetime is { } seconds && (seconds < 1 || seconds > LifetimesOptions.LongestAccessToken.TotalSeconds))
            return $"access_token_lifetime must be 1 to {LifetimesOptions.LongestAccessToken.TotalSeconds} seconds";
        if (IdTokenSignedResponseAlg is not (null or SigningKey.RS256 or SigningKey.ES256))
            return "id_token_signed_response_alg must be RS256 or ES256";
        if (ClientSecret is null && GrantTypes.Contains("client_credentials"))
            return "grant_types has client_credentials, which is for confidential clients only";
        if (ClientSecret is null && Introspection) return "introspection is for confidential clients only";
        return null;
    }

    private static string? ListProblem(string member, string[]? list)
    {
        if (list is null || list.Any(entry => string.IsNullOrWhiteSpace(entry) || entry.Any(char.IsControl)))
            return $"{member} has an empty entry, or one with control characters";
        return list.Sum(entry => entry.Length + 1) > LongestList ? $"{member} may have {LongestList:N0} characters at most in all" : null;
    }

    private static int Utf8Size(string text) => Encoding.UTF8.GetByteCount(text);

    /// <summary>Writes everything but the secret into <paramref name="descriptor"/>, and leaves what it does not know of.</summary>
    public void WriteTo(OpenIddictApplicationDescriptor descriptor)
    {
        descriptor.ClientId = ClientId;
        descriptor.ClientType = ClientSecret is null ? ClientTypes.Public : ClientTypes.Confidential;
        descriptor.ConsentType ??= ConsentTypes.Implicit;
        descriptor.DisplayName = ClientName;
        descriptor.RedirectUris.Clear();
        descriptor.RedirectUris.UnionWith(RedirectUris.Select(u => new Uri(u)));
        string[] others = [.. descriptor.Permissions.Where(p => !ClientColumns.IsRegistrations(p))];
        // Emptied first: a set that has only lost some fills its gaps from the end, and would come out in another order.
        descriptor.Permissions.Clear();
        descriptor.Permissions.UnionWith([ClientColumns.Token, ClientColumns.Revocation,
            .. Introspection ? [ClientColumns.Introspection] : Array.Empty<string>(),
            .. GrantTypes.Select(g => ClientColumns.GrantType + g),
            .. ScopeSet.Parse(Scope).Select(s => ClientColumns.Scope + s), .. Audiences.Select(a => ClientColumns.Audience + a),
            .. others]);
        Set(ClientColumns.AccessTokenLifetime, AccessTokenLifetime is { } seconds ? TimeSpan.FromSeconds(seconds).ToString("c") : null);
        Set(ClientColumns.AccessTokenFormat, AccessTokenFormat);
        Set(ClientColumns.AuthMethod, TokenEndpointAuthMethod);
        Set(ClientColumns.IdentityTokenAlgorithm, IdTokenSignedResponseAlg);

        void Set(string name, string? value)
        {
            if (value is null) descriptor.Settings.Remove(name);
            else descriptor.Settings[name] = value;
        }
    }
}
