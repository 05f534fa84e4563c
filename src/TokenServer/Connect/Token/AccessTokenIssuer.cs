using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Connect.Token;

/// <summary>
/// Makes the access token of a grant: those of its scopes that still exist, their resources as audience, else the issuer; the client's
/// lifetime, else the server's; signed without a write, or opaque with one.
/// </summary>
internal sealed class AccessTokenIssuer(
    AccessTokens signed, OpaqueAccessTokens opaque, ScopeRegistry scopes, TimeOrderedId ids, LifetimesOptions lifetimes)
{
    /// <summary>The token; null where it would be longer than <see cref="AccessTokens.Longest"/>.</summary>
    public async ValueTask<IssuedToken?> IssueAsync(Client client, Grant grant, string issuer)
    {
        var token = Describe(client, grant, ids.Next(), issuer);
        if (client.UsesOpaqueAccessTokens) return new(await opaque.StoreAsync(token, client), token);
        string text = signed.Sign(token);
        return text.Length <= AccessTokens.Longest ? new(text, token) : null;
    }

    /// <summary>Whether the token of an exchange can be issued.</summary>
    public bool Fits(Client client, ExchangeResult.Granted exchange, string issuer, string? keyThumbprint)
    {
        if (client.UsesOpaqueAccessTokens) return true;
        var grant = new Grant(null, exchange.Scopes, null) { Exchange = exchange, KeyThumbprint = keyThumbprint };
        return AccessTokens.LengthOf(Describe(client, grant, long.MaxValue, issuer)) <= AccessTokens.Longest;
    }

    /// <summary>Whether a user's token of <paramref name="client"/> for <paramref name="wanted"/> can be issued, whoever the user is; asked
    /// before a session begins, or goes on.</summary>
    public bool Fits(Client client, ScopeSet wanted, string issuer, string? keyThumbprint = null)
    {
        if (client.UsesOpaqueAccessTokens) return true;
        var granted = scopes.Existing(wanted);
        var token = signed.Describe(client, long.MaxValue, issuer, granted, AudiencesOf(granted, issuer), lifetimes.AccessToken);
        var longest = token with
            { SessionId = long.MaxValue, AuthTime = token.IssuedAt, Role = LongestRole, KeyThumbprint = keyThumbprint };
        return AccessTokens.LengthOf(longest) <= AccessTokens.Longest;
    }

    private AccessToken Describe(Client client, Grant grant, long id, string issuer)
    {
        var token = Unbound(client, grant, id, issuer);
        return grant.KeyThumbprint is { } thumbprint ? token with { KeyThumbprint = thumbprint } : token;
    }

    private AccessToken Unbound(Client client, Grant grant, long id, string issuer)
    {
        var granted = scopes.Existing(grant.Scopes);
        var lifetime = client.AccessTokenLifetime ?? lifetimes.AccessToken;
        string[] audiences = grant.Exchange is { Audiences: { Length: > 0 } named } ? named : AudiencesOf(granted, issuer);
        if (grant.Exchange is { } exchange) return signed.Describe(client, exchange, id, issuer, granted, audiences, lifetime);
        return grant.Session is { } session ? signed.Describe(session, id, issuer, granted, audiences, lifetime)
            : signed.Describe(client, id, issuer, granted, audiences, lifetime);
    }

    private static readonly string LongestRole = new('r', 32);

    private string[] AudiencesOf(ScopeSet granted, string issuer) =>
        scopes.ResourcesOf(granted) is { Length: > 0 } resources ? resources : [issuer];
}

/// <summary>An access token as it goes out, and what it says.</summary>
internal sealed record IssuedToken(string Text, AccessToken Token)
{
    public long ExpiresIn => Token.ExpiresAt - Token.IssuedAt;
}
