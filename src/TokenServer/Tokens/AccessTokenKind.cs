using TokenServer.Clients;
using TokenServer.Storage;

namespace TokenServer.Tokens;

/// <summary>Access tokens, signed or opaque: signature or row, times, client, revocation index.</summary>
internal sealed class AccessTokenKind(AccessTokens signed, OpaqueAccessTokens opaque, ClientRegistry clients,
    RevocationIndex revocations, ChangeFeed changes) : ITokenKind
{
    // base64url of {"alg":"ES256, as every one of them begins.
    private const string HeaderStart = "eyJhbGciOiJFUzI1Ni";

    public bool Recognizes(string text) => text.StartsWith(HeaderStart, StringComparison.Ordinal) || IsOpaque(text);

    public ValueTask<KnownToken?> FindAsync(string text) =>
        new(Read(text) is { } token
            && signed.IsCurrent(token) && Client(token) is { } client ? Known(token, client, IsOpaque(text)) : null);

    /// <summary>Whether a token that was good is so still, as far as no row of its own tells otherwise.</summary>
    public bool IsStillGood(KnownToken known) => known.Signed is { } token && signed.IsCurrent(token) && Client(token) == known.Client;

    /// <summary>Whether <paramref name="text"/> would be good but for its age.</summary>
    public bool HasExpired(string text) =>
        Recognizes(text) && Read(text) is { } token && signed.HasExpired(token) && Client(token) is not null;

    private AccessToken? Read(string text)
    {
        if (!IsOpaque(text)) return signed.Read(text);
        var token = opaque.Read(text);
        // That may have taken a while, and what is looked at next is what is known of revocations now.
        changes.EnsureFresh();
        return token;
    }

    // The client, if it vouches for the token and nothing of it has been revoked.
    private Client? Client(AccessToken token)
    {
        if (clients.Find(token.ClientId) is not { } client || !client.Vouches(token.Id) || revocations.Contains(token.Id)) return null;
        if (token.SessionId is { } session && revocations.Contains(session)) return null;
        if (token.Exchanged is { } exchanged) return IsAlive(exchanged, token.SessionId) ? client : null;
        return token.SessionId is { } own && !client.Vouches(own) ? null : client;
    }

    // What an exchanged token came from, and its session, are another client's.
    private bool IsAlive(ExchangedFor exchanged, long? session) => clients.Find(exchanged.ClientId) is { } first
        && exchanged.TokenIds is [var oldest, ..] && first.Vouches(oldest) && (session is not { } id || first.Vouches(id))
        && !exchanged.TokenIds.Any(revocations.Contains);

    private static bool IsOpaque(string text) => text.StartsWith(ReferenceToken.OpaqueAccess, StringComparison.Ordinal);

    private static KnownToken Known(AccessToken token, Client client, bool isOpaque) => new()
    {
        Signed = isOpaque ? null : token, Use = TokenUse.Access, Id = token.Id, Client = client, Subject = token.Subject,
        Audiences = token.Audiences, Issuer = token.Issuer, Scope = token.Scope, IssuedAt = token.IssuedAt, ExpiresAt = token.ExpiresAt,
        SessionId = token.SessionId, AuthTime = token.AuthTime, Role = token.Role, Actor = token.Actor,
        KeyThumbprint = token.KeyThumbprint, Exchanged = token.Exchanged,
    };
}
