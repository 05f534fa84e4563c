using TokenServer.Clients;
using TokenServer.Foundation;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Web.Console.Clients;

/// <summary>How a client gets its first token: a line for a shell (client_credentials, RFC 6749 section 4.4), or the address that a browser
/// opens (OpenID Connect Core section 3.1.2).</summary>
/// <param name="Line">The line; null where the client has no such grant, or proves more than a line can.</param>
/// <param name="Address">The address; null where there is a line, or no code flow without a request that was pushed.</param>
internal sealed record FirstToken(string? Line, string? Address)
{
    /// <summary>The verifier of RFC 7636, appendix B, whose challenge the address has: for a try, never for use.</summary>
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    private const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", Placeholder = "$client_secret";

    /// <summary>For <paramref name="client"/>, with its <paramref name="secret"/> where that was made just now.</summary>
    public static FirstToken Of(Client client, string? secret, Issuer issuer, HttpRequest request)
    {
        if (client.IsRevoked) return new(null, null);
        string? line = LineOf(client, secret, issuer.Address(request, "/connect/token"));
        return new(line, line is null ? AddressOf(client, issuer.Address(request, "/connect/authorize")) : null);
    }

    private static string? LineOf(Client client, string? secret, string address)
    {
        if (!client.GrantTypes.Contains(KnownGrants.ClientCredentials) || client.SecretHash is null || client.DpopBoundAccessTokens
            || client.AuthMethod == ClientAuthenticationMethods.PrivateKeyJwt) return null;
        // Form-encoded (RFC 6749 section 2.3.1), it has nothing that a shell reads between double quotes.
        var (id, shown) = (Uri.EscapeDataString(client.ClientId), secret ?? Placeholder);
        string grant = $"-d grant_type={KnownGrants.ClientCredentials} {address}";
        return client.AuthMethod == ClientAuthenticationMethods.ClientSecretPost
            ? $"curl -d \"client_id={id}\" -d \"client_secret={shown}\" {grant}" : $"curl -u \"{id}:{shown}\" {grant}";
    }

    private static string? AddressOf(Client client, string address)
    {
        if (!client.GrantTypes.Contains(KnownGrants.AuthorizationCode) || client.RequiresPushedRequests
            || client.RedirectUris is not [var back, ..]) return null;
        var scopes = client.GrantTypes.Contains(KnownGrants.RefreshToken) ? client.Scopes : client.Scopes.Without(ScopeSet.OfflineAccess);
        var query = QueryString.Create(new KeyValuePair<string, string?>[]
        {
            new("client_id", client.ClientId), new("response_type", ResponseTypes.Code), new("redirect_uri", back),
            new("scope", scopes.ToString()), new("code_challenge", Challenge), new("code_challenge_method", CodeChallengeMethods.Sha256),
        });
        return address + query.ToUriComponent();
    }
}
