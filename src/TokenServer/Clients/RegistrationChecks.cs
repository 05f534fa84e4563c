using TokenServer.Foundation;
using TokenServer.Foundation.Precis;
using TokenServer.Keys.Jose;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Clients;

/// <summary>Whether a registration makes sense by itself (contract sections 7 and 9); <see cref="RegistrationRules"/> knows what this
/// server has.</summary>
internal static class RegistrationChecks
{
    private const string AddressRule = "an absolute https address, http on 127.0.0.1, [::1] or localhost, "
        + "a public client's own scheme with a dot in it; without fragment and credentials";

    // Form-encoded and in base 64, as client_secret_basic sends it, a byte may be four: more does not pass a proxy's 8 KB for a header.
    private const int LongestSecret = 1_800;

    /// <summary>What is wrong with it, naming the field; null where nothing is.</summary>
    public static string? ProblemOf(ClientRegistration r) => OfNames(r) ?? OfLists(r) ?? OfAddresses(r) ?? OfAuthentication(r)
        ?? OfTokens(r) ?? OfKind(r);

    private static string? OfNames(ClientRegistration r)
    {
        var (id, name, secret) = (r.ClientId, r.ClientName, r.ClientSecret);
        if (string.IsNullOrEmpty(id) || id.Length > 100 || id.Any(c => c is < '!' or > '~'))
            return "client_id must be 1 to 100 printable ASCII characters without spaces";
        if (id == FirstPartyClient.ClientId) return "client_id is taken by the server itself";
        if (id.All(char.IsAsciiDigit)) return "client_id may not be a number: a user's sub is one";
        if (secret is "" || secret?.Length > 1000 || secret is not null && Encoding.UTF8.GetByteCount(secret) > LongestSecret)
            return $"client_secret must be 1 to 1,000 characters, of {LongestSecret:N0} bytes at most, or absent for a public client";
        if (id is "." or ".." || id.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            return "client_id may not be . or .., nor hold %2F: it is part of addresses";
        if (id is "schedule" or "command line") return "client_id is the name of an actor in the audit trail";
        return name?.Length > 200 || name?.Length > 0 && GivenName.Of(name) is null
            ? $"client_name may have 200 characters at most; it {GivenName.Rule}" : null;
    }

    private static string? OfLists(ClientRegistration r)
    {
        if ((ListProblem("grant_types", r.GrantTypes) ?? ListProblem("audiences", r.Audiences)
            ?? ListProblem("exchange_audiences", r.ExchangeAudiences) ?? ListProblem("redirect_uris", r.RedirectUris)
            ?? ListProblem("post_logout_redirect_uris", r.PostLogoutRedirectUris)
            ?? ListProblem("response_types", r.ResponseTypes ?? [])) is { } problem) return problem;
        if (r.Scope?.Length > ClientRegistration.LongestScope)
            return $"scope may have {ClientRegistration.LongestScope:N0} characters at most: access tokens say it whole";
        return ScopeSet.Parse(r.Scope).FirstOrDefault(s => !ScopeRegistry.IsName(s)) is { } scope
            ? $"scope has a name that is not one: {scope}" : null;
    }

    private static string? OfAddresses(ClientRegistration r)
    {
        foreach (var (field, addresses) in new[]
            { ("redirect_uris", r.RedirectUris), ("post_logout_redirect_uris", r.PostLogoutRedirectUris) })
        {
            if (addresses.FirstOrDefault(u => RedirectUris.FlawOf(u) is not null) is { } flawed)
                return $"{field} has an entry that {RedirectUris.FlawOf(flawed)}: {Clip(flawed)}";
            if (addresses.FirstOrDefault(u => !RedirectUris.Allows(u, r.IsPublic)) is { } wrong)
                return $"{field} has an entry that is none of: {AddressRule}: {wrong}";
            if (Twins(addresses) is var (one, other)) return $"{field} has one address in two spellings: {one} and {other}";
        }
        foreach (var (field, address) in new[]
            { ("client_uri", r.ClientUri), ("logo_uri", r.LogoUri), ("policy_uri", r.PolicyUri), ("tos_uri", r.TosUri) })
        {
            if (address is not null && !RedirectUris.AllowsShown(address))
                return FlawOf(field, address) ?? $"{field} must be an absolute https address, without fragment and credentials";
        }
        // Whether http will do hangs on the server.
        return r.BackChannelLogoutUri is { } uri && !RedirectUris.AllowsBackChannel(uri, isDevelopment: true)
            ? FlawOf("backchannel_logout_uri", uri) ?? BackChannelProblem(isDevelopment: true) : null;
    }

    /// <summary>What a back-channel address has to be.</summary>
    public static string BackChannelProblem(bool isDevelopment) =>
        "backchannel_logout_uri must be an absolute https address, without fragment and credentials"
            + (isDevelopment ? "; in Development http on this machine, too" : "");

    // The same word twice is one; two words of which OpenIddict would keep the first are a mistake, since they are compared to the letter.
    private static (string One, string Other)? Twins(string[] addresses)
    {
        var seen = new Dictionary<Uri, string>();
        foreach (string address in addresses)
        {
            var uri = new Uri(address);
            if (!seen.TryAdd(uri, address) && seen[uri] != address) return (seen[uri], address);
        }
        return null;
    }

    private static string? FlawOf(string field, string address) =>
        RedirectUris.FlawOf(address) is { } flaw ? $"{field} {flaw}" : null;

    private static string Clip(string text) => text.Length > 100 ? text[..100] + "…" : text;

    private static string? OfAuthentication(ClientRegistration r)
    {
        string? method = r.TokenEndpointAuthMethod;
        if (method is not (null or ClientAuthenticationMethods.ClientSecretBasic or ClientAuthenticationMethods.ClientSecretPost
            or ClientAuthenticationMethods.PrivateKeyJwt or ClientAuthenticationMethods.None))
            return "token_endpoint_auth_method must be client_secret_basic, client_secret_post, private_key_jwt or none";
        if (method == ClientAuthenticationMethods.PrivateKeyJwt)
        {
            if (r.Jwks is null) return "token_endpoint_auth_method is private_key_jwt, which wants jwks: the client's public keys";
        }
        else if (method is not null && method == ClientAuthenticationMethods.None == r.ClientSecret is not null)
        {
            return "token_endpoint_auth_method does not go with client_secret: a public client has none, any other has one";
        }
        if (r.Jwks is { } keys && ClientKeys.ProblemOf(keys) is { } problem) return problem;
        return r.Jwks is not null && r.IsPublic ? "jwks is for confidential clients only" : null;
    }

    private static string? OfTokens(ClientRegistration r)
    {
        if (r.AccessTokenFormat is not (null or "jwt" or "opaque")) return "access_token_format must be jwt or opaque";
        if (r.AccessTokenLifetime is { } seconds && (seconds < 1 || seconds > LifetimesOptions.LongestAccessToken.TotalSeconds))
            return $"access_token_lifetime must be 1 to {LifetimesOptions.LongestAccessToken.TotalSeconds} seconds";
        if (r.IdTokenSignedResponseAlg is not (null or SigningKey.RS256 or SigningKey.ES256))
            return "id_token_signed_response_alg must be RS256 or ES256";
        return r.ConsentType is null or ConsentTypes.Explicit or ConsentTypes.Implicit or ConsentTypes.Systematic
            ? null : "consent_type must be explicit, implicit or systematic";
    }

    private static string? OfKind(ClientRegistration r)
    {
        if (r.IsPublic)
        {
            if (r.GrantTypes.FirstOrDefault(g => g is KnownGrants.ClientCredentials or KnownGrants.TokenExchange) is { } grant)
                return $"grant_types has {grant}, which is for confidential clients only";
            if (r.Introspection) return "introspection is for confidential clients only";
        }
        bool usesCodes = r.GrantTypes.Contains(KnownGrants.AuthorizationCode);
        if (!r.RequirePkce && (r.IsPublic || !usesCodes))
            return $"require_pkce may be false for a confidential client with the grant type {KnownGrants.AuthorizationCode} only";
        return r.ResponseTypes is { } types && !types.Contains("code") == usesCodes
            ? $"response_types does not go with grant_types: code is for {KnownGrants.AuthorizationCode}, and goes with it" : null;
    }

    private static string? ListProblem(string member, string[]? list)
    {
        if (list is null || list.Any(entry => string.IsNullOrWhiteSpace(entry) || entry.Any(char.IsControl)))
            return $"{member} has an empty entry, or one with control characters";
        return list.Sum(entry => entry.Length + 1) > ClientRegistration.LongestList
            ? $"{member} may have {ClientRegistration.LongestList:N0} characters at most in all" : null;
    }
}
