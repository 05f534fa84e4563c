using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tokens;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace TokenServer.Accounts;

/// <summary>What accounts have allowed clients (contract section 9), a row for each account and client: remembered, widened,
/// taken back.</summary>
internal sealed class Consents(
    Database database, UserSessions sessions, ClientRegistry clients, TimeProvider clock, Instruments instruments)
{
    /// <summary>Whether <paramref name="client"/> may have <paramref name="scopes"/> without the account being asked (again).</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="client">The client; one whose consent type is implicit never asks by itself.</param>
    /// <param name="scopes">What it would get.</param>
    /// <param name="wasAsked">Whether it has been asked for this very request: it is always asked for a systematic client, and by
    /// <c>prompt=consent</c>.</param>
    public bool Cover(int accountId, Client client, ScopeSet scopes, bool wasAsked = false)
    {
        if (!wasAsked && client.ConsentType == ConsentTypes.Implicit) return true;
        if (!wasAsked && client.ConsentType == ConsentTypes.Systematic) return false;
        return database.Read(s => StoredConsents.Find(s, accountId, client.Id)) is { } consent && scopes.IsSubsetOf(consent.Scopes);
    }

    /// <summary>What an account has allowed clients that are still registered, the last first.</summary>
    public IReadOnlyList<Consent> Of(int accountId) =>
        [.. database.Read(s => s.All(
            """SELECT "Scopes", "GrantedAt", "ApplicationId" FROM "Consents" WHERE "AccountId"=@p0 ORDER BY "GrantedAt" DESC""",
            r => clients.FindRow(r.GetInt64(2)) is { } client ? StoredConsents.Read(r) with { Client = client } : null,
            accountId)).OfType<Consent>()];

    /// <summary>Remembers that the owner allows <paramref name="client"/> these scopes, beside those it has allowed before.
    /// NotThere where the client is gone or revoked.</summary>
    public async Task<NotOwned> AllowAsync(Owner owner, Client client, ScopeSet scopes)
    {
        var why = await database.WriteAsync(s =>
        {
            if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
            if (!ClientRegistry.MayStart(s, client)) return NotOwned.NotThere;
            StoredConsents.Widen(s, owner.AccountId, client.Id, scopes, Now);
            Append(s, "consent.allowed", owner, client, scopes.ToString());
            return NotOwned.Owned;
        });
        if (why == NotOwned.Owned) instruments.ConsentGiven("allowed");
        return why;
    }

    /// <summary>Keeps in the audit trail that the owner said no. Nothing is remembered: it may be asked again.</summary>
    public async Task NoteDeniedAsync(Owner owner, Client client, ScopeSet scopes)
    {
        await database.WriteAsync(s => Append(s, "consent.denied", owner, client, scopes.ToString()));
        instruments.ConsentGiven("denied");
    }

    /// <summary>Forgets what the owner has allowed a client, and ends the sessions that the client has of the account, with its codes that
    /// were not used yet. NotThere where nothing was allowed.</summary>
    public async Task<NotOwned> WithdrawAsync(Owner owner, string clientId)
    {
        if (clients.Find(clientId) is not { } client) return NotOwned.NotThere;
        IReadOnlyList<long> ended = [];
        var why = await database.WriteAsync(s =>
        {
            ended = [];
            if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
            if (s.Execute("""DELETE FROM "Consents" WHERE "AccountId"=@p0 AND "ApplicationId"=@p1""", owner.AccountId, client.Id) != 1)
                return NotOwned.NotThere;
            StoredTokens.RevokeCodes(s, owner.Actor.Name, client.Id, Now);
            ended = sessions.EndAllOf(s, owner.AccountId, client);
            Append(s, "consent.withdrawn", owner, client, $"{ended.Count} sessions");
            return NotOwned.Owned;
        });
        sessions.Bury(ended, "consent.withdrawn");
        if (why == NotOwned.Owned) instruments.ConsentGiven("withdrawn");
        return why;
    }

    private void Append(Statements s, string happened, Owner owner, Client client, string detail) =>
        AuditTrail.Append(s, new AuditEvent(happened, Now, owner.Actor)
            { Target = client.ClientId, ClientId = client.ClientId, Detail = detail });

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}
