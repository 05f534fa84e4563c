using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>What a client's revocation of a token ends (contract section 1): its session, or the token alone where it has none.</summary>
internal sealed class TokenRevocation(TokenLookup tokens, RefreshTokens refreshTokens, UserSessions sessions,
    RevocationIndex revocations, TimeProvider clock)
{
    /// <summary>Revokes <paramref name="text"/> if it is a live token of <paramref name="client"/>; otherwise nothing happens.</summary>
    public async Task RevokeAsync(string text, Client client, string? address)
    {
        // A refresh token that was used still names its session; whoever has it may end that.
        if (ReferenceToken.Parse(ReferenceToken.Refresh, text) is { } used)
        {
            if (refreshTokens.Find(used) is { } stored && stored.Session.Client.Id == client.Id)
                await EndAsync(stored.Session.Id, client, address);
        }
        else if (await tokens.FindAsync(text) is { Client: { } owner } token && owner.Id == client.Id)
        {
            if (token is { SessionId: { } session, Exchanged: null }) await EndAsync(session, client, address);
            else if (token.Id is not null) await revocations.BuryAsync(token);
        }
    }

    private Task<bool> EndAsync(long session, Client client, string? address) => sessions.EndAsync(session,
        new AuditEvent("session.revoked", clock.GetUtcNow().UtcDateTime)
            { Actor = client.ClientId, ClientId = client.ClientId, Target = TimeOrderedId.ToText(session), Address = address });
}
