using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>Refresh tokens: good while they have not been used and their session goes on.</summary>
internal sealed class RefreshTokenKind(RefreshTokens tokens, TimeProvider clock) : ITokenKind
{
    public bool Recognizes(string text) => text.StartsWith(ReferenceToken.Refresh, StringComparison.Ordinal);

    public ValueTask<KnownToken?> FindAsync(string text) => new(Find(text));

    private KnownToken? Find(string text)
    {
        if (ReferenceToken.Parse(ReferenceToken.Refresh, text) is not { } token
            || tokens.Find(token) is not { Status: StoredTokens.Valid } stored || !stored.IsAlive(clock.GetUtcNow().UtcDateTime))
            return null;
        var session = stored.Session;
        return new KnownToken
        {
            Use = TokenUse.Refresh, Id = token.Id, Client = session.Client, Subject = session.AccountId.ToString(),
            Audiences = [session.Client.ClientId], Scope = session.Scopes.ToString(),
            IssuedAt = new DateTimeOffset(stored.CreatedAt).ToUnixTimeSeconds(),
            ExpiresAt = new DateTimeOffset(stored.ExpiresAt).ToUnixTimeSeconds(),
            SessionId = session.Id, Role = session.Role, UserName = stored.UserName, KeyThumbprint = session.KeyThumbprint,
        };
    }
}
