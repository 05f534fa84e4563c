using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>What an administrator's revocation of a token ends, whoever it belongs to: its session, the key or server that it is, or the token alone.</summary>
internal sealed class AnyTokenRevocation(TokenLookup tokens, IEnumerable<ITokenKind> kinds, UserSessions sessions, RevocationIndex revocations, TimeProvider clock)
{
    private readonly IRevocableKind[] kinds = [.. kinds.OfType<IRevocableKind>()];

    /// <summary>Ends whatever <paramref name="text"/> stands for.</summary>
    /// <returns>What it was (<see cref="KnownToken.Use"/>); null where it is no token that is alive.</returns>
    public async Task<string?> RevokeAsync(string text, Actor actor)
    {
        if (await tokens.FindAsync(text) is not { } token) return null;
        if (kinds.FirstOrDefault(k => k.Recognizes(text)) is { } kind) await kind.RevokeAsync(text, token, actor);
        else if (token.SessionId is { } session) await sessions.EndAsync(session, Happened("session.ended", session, token, actor));
        else if (token.Id is { } id) await revocations.BuryAsync(id, token.ExpiresAt!.Value, Happened("token.revoked", id, token, actor));
        return token.Use;
    }

    private AuditEvent Happened(string name, long id, KnownToken token, Actor actor) =>
        new(name, clock.GetUtcNow().UtcDateTime) { Actor = actor.Name, Address = actor.Address, Target = TimeOrderedId.ToText(id), ClientId = token.Client?.ClientId };
}
