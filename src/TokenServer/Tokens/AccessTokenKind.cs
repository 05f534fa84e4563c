using TokenServer.Clients;
using TokenServer.Sessions;

namespace TokenServer.Tokens;

/// <summary>Access tokens, signed or opaque: signature or row, times, client, revocation index.</summary>
internal sealed class AccessTokenKind(AccessTokens signed, OpaqueAccessTokens opaque, ClientRegistry clients, RevocationIndex revocations) : ITokenKind
{
    public bool Recognizes(string text) => text.StartsWith("ey", StringComparison.Ordinal) || text.StartsWith(ReferenceToken.OpaqueAccess, StringComparison.Ordinal);

    public KnownToken? Find(string text)
    {
        var token = text.StartsWith(ReferenceToken.OpaqueAccess, StringComparison.Ordinal) ? opaque.Read(text) : signed.Read(text);
        if (token is null || !signed.IsCurrent(token) || clients.Find(token.ClientId) is not { } client) return null;
        if (!client.Vouches(token.Id) || token.SessionId is { } session && !client.Vouches(session)) return null;
        if (revocations.Contains(token.Id) || token.SessionId is { } sid && revocations.Contains(sid)) return null;
        return new KnownToken
        {
            Use = TokenUse.Access, Id = token.Id, Client = client, Subject = token.Subject, Audiences = token.Audiences, Issuer = token.Issuer, Scope = token.Scope,
            IssuedAt = token.IssuedAt, ExpiresAt = token.ExpiresAt, SessionId = token.SessionId, AuthTime = token.AuthTime, Role = token.Role,
        };
    }
}
