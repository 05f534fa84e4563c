using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>What an administrator's revocation of a token ends, whoever it belongs to: its session, the key or server that it is,
/// or the token alone.</summary>
internal sealed class AnyTokenRevocation(TokenLookup tokens, IEnumerable<ITokenKind> kinds,
    RefreshTokens refreshTokens, UserSessions sessions, RevocationIndex revocations, PendingGrants pending)
{
    private readonly IRevocableKind[] kinds = [.. kinds.OfType<IRevocableKind>()];

    /// <summary>Ends whatever <paramref name="text"/> stands for.</summary>
    /// <returns>What it was (<see cref="KnownToken.Use"/>); null where it is no token that is alive.</returns>
    public async Task<string?> RevokeAsync(string text, Actor actor)
    {
        if (kinds.FirstOrDefault(k => k.Recognizes(text)) is { } kind) return await kind.RevokeAsync(text, actor);
        if (await tokens.FindAsync(text) is not { } token)
            return await EndByUsedAsync(text, actor) ?? await pending.RevokeAsync(text, actor);
        if (token is { SessionId: { } session, Exchanged: null })
            await sessions.EndAsync(session, Happened("session.ended", session, token.Client, actor));
        else if (token.Id is { } id)
            await revocations.BuryAsync(token, Happened("token.revoked", id, token.Client, actor));
        return token.Use;
    }

    // A refresh token that was used is what turns up where tokens leak; its session may go on with the successor.
    private async Task<string?> EndByUsedAsync(string text, Actor actor) =>
        ReferenceToken.Parse(ReferenceToken.Refresh, text) is { } used && refreshTokens.Find(used) is { } stored
        && await sessions.EndAsync(stored.Session.Id, Happened("session.ended", stored.Session.Id, stored.Session.Client, actor))
            ? TokenUse.Refresh : null;

    private AuditEvent Happened(string name, long id, Client? client, Actor actor) =>
        new(name, pending.Now, actor) { Target = TimeOrderedId.ToText(id), ClientId = client?.ClientId };
}
