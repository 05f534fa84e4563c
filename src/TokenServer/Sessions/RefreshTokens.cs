using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>Refresh tokens rotate (RFC 9700 section 4.14.2), so that a lost answer costs nothing: a used token answers with its one
/// successor while the leeway lasts and the successor has not been used. Any other second use is reuse, and ends the session.</summary>
internal sealed class RefreshTokens(Database database, UserSessions sessions, ClientRegistry clients,
    TimeOrderedId ids, LifetimesOptions lifetimes, TimeProvider clock)
{
    private const string SelectSql = """
        SELECT t."ApplicationId", t."ExpirationDate", t."Payload", t."Properties", t."RedemptionDate", t."Status",
               a."Id", a."CreationDate", a."Properties", a."Scopes", a."Status", u."Id", u."Role", u."UserName", t."CreationDate"
        FROM "OpenIddictTokens" t
        JOIN "OpenIddictAuthorizations" a ON a."Id" = t."AuthorizationId"
        JOIN "AspNetUsers" u ON u."Id" = CAST(a."Subject" AS INTEGER)
        WHERE t."Id"=@p0 AND t."Type"='refresh_token' AND u."DisabledAt" IS NULL
        """;
    private const string RedeemSql = """
        UPDATE "OpenIddictTokens" SET "Status"='redeemed', "RedemptionDate"=@p1, "Properties"=@p2
        WHERE "Id"=@p0 AND "Status"='valid' AND "ExpirationDate" > @p1
          AND EXISTS (SELECT 1 FROM "OpenIddictAuthorizations" a WHERE a."Id"=@p3 AND a."Status"='valid')
        """;

    /// <summary>Exchanges <paramref name="value"/> for its successor.
    /// Nothing changes unless the answer is <see cref="Rotation.Next"/> or <see cref="Rotation.Reused"/>.</summary>
    /// <param name="value">The refresh token as the client sent it.</param>
    /// <param name="client">The client that sent it.</param>
    /// <param name="wanted">The scopes asked for, which must be the session's; null for all of them.</param>
    /// <param name="address">The caller's address, for the audit trail.</param>
    /// <param name="provedKey">The key that the client has proved; null where it has proved none.</param>
    /// <param name="canIssue">Whether an access token can be made for the session; null where any can.</param>
    public async Task<Rotation> RotateAsync(
        string value, Client client, ScopeSet? wanted, string? address, string? provedKey = null, Func<Session, bool>? canIssue = null)
    {
        if (ReferenceToken.Parse(ReferenceToken.Refresh, value) is not { } token
            || Find(token) is not { } stored || stored.Session.Client.Id != client.Id) return new Rotation.Invalid();
        if (!stored.IsAlive(Now)) return new Rotation.Invalid();
        // Before all else: who has stolen it must not be able to end the session, either.
        if (!IsHolder(stored.Session, provedKey)) return new Rotation.WrongKey();
        bool tooWide = wanted?.IsSubsetOf(stored.Session.Scopes) == false || canIssue?.Invoke(stored.Session) == false;
        if (stored.Status == StoredTokens.Valid)
        {
            if (tooWide) return new Rotation.TooWide();
            var successor = ReferenceToken.Create(ids.Next());
            if (await RedeemAsync(token, successor, stored, client.IsPublic && stored.Session.KeyThumbprint is null ? provedKey : null))
                return new Rotation.Next(stored.Session, successor.ToText(ReferenceToken.Refresh));
            // Another use of the same token came first; what it left tells how to answer.
            if (Find(token) is not { } now || !now.IsAlive(Now)) return new Rotation.Invalid();
            if (!IsHolder(now.Session, provedKey)) return new Rotation.WrongKey();
            stored = now;
        }
        var again = await AnswerAgainAsync(token, stored, address);
        return tooWide && again is Rotation.Next ? new Rotation.TooWide() : again;
    }

    /// <summary>Whether <paramref name="value"/> is a refresh token of a session of <paramref name="client"/> that goes on; it may have
    /// been used.</summary>
    public bool Knows(string value, Client client) => ReferenceToken.Parse(ReferenceToken.Refresh, value) is { } token
        && Find(token) is { } stored && stored.Session.Client.Id == client.Id && stored.IsAlive(Now);

    /// <summary>What a refresh token says, whatever its status; null where it is none of ours.</summary>
    public StoredRefreshToken? Find(ReferenceToken token) => database.Read(s =>
        s.First(SelectSql, r => StoredRefreshToken.Read(r, clients), token.Id)) is { } stored && token.Matches(stored.Hash) ? stored : null;

    private static bool IsHolder(Session session, string? provedKey) =>
        session.KeyThumbprint is null || session.KeyThumbprint == provedKey;

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    // A public client that proves a key for the first time has the session bound to it from here on: that is another row.
    private Task<bool> RedeemAsync(ReferenceToken token, ReferenceToken successor, StoredRefreshToken stored, string? newKey)
    {
        DateTime now = Now, end = stored.SessionCreatedAt + lifetimes.Session, slide = now + lifetimes.RefreshToken;
        string heir = Succession.Seal(token, successor);
        var (session, until) = (stored.Session, slide < end ? slide : end);
        var next = new StoredToken(session.Client.Id, session.Id, session.Subject, now, until, null);
        bool Redeem(Statements s)
        {
            if (s.Execute(RedeemSql, token.Id, now, heir, session.Id) != 1) return false;
            StoredTokens.Insert(s, successor, StoredTokens.Refresh, next);
            return true;
        }
        return newKey is null ? database.WriteBesideAsync(Redeem)
            : database.WriteAsync(s => Redeem(s) && SessionProperties.Bind(s, session.Id, newKey));
    }

    private async Task<Rotation> AnswerAgainAsync(ReferenceToken token, StoredRefreshToken stored, string? address)
    {
        if (stored.RedeemedAt is { } redeemed && stored.Properties is { } heir
            && Now <= redeemed + lifetimes.RefreshTokenReuseLeeway && !StoredTime.IsAhead(redeemed, Now))
        {
            var successor = Succession.Open(token, heir);
            if (Find(successor) is { Status: StoredTokens.Valid })
                return new Rotation.Next(stored.Session, successor.ToText(ReferenceToken.Refresh));
        }
        await sessions.EndAsync(stored.Session.Id,
            new AuditEvent("refresh_token.reused", Now) { Target = TimeOrderedId.ToText(stored.Session.Id),
                Actor = stored.Session.AccountId.ToString(), ClientId = stored.Session.Client.ClientId,
                Address = address, Detail = AuditReason.TokenReplayed });
        return new Rotation.Reused(stored.Session.Id);
    }
}
