using TokenServer.Clients;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Explaining;

/// <summary>The checks that several kinds have in common: time, the token itself, its client, its session, its account.</summary>
internal sealed class CommonChecks(Database database, ClientRegistry clients, RevocationIndex revocations, Blame blame, TimeProvider clock)
{
    private const string SessionSql =
        """SELECT "Status", "Subject", "ApplicationId", "SignInId" FROM "OpenIddictAuthorizations" WHERE "Id"=@p0""";

    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>Its times; a clock may be a minute ahead of ours.</summary>
    public void Times(TokenFacts facts)
    {
        if (facts.ExpiresAt <= Now) facts.Fails(Checks.Expired, facts.ExpiresAt);
        if (facts.IssuedAt is { } issued && StoredTime.IsAhead(issued, Now)) facts.Fails(Checks.NotYet);
    }

    /// <summary>Whether a token was revoked alone. Who did it without an entry was its client.</summary>
    public void Token(TokenFacts facts, long id)
    {
        if (!revocations.Contains(id)) return;
        var act = blame.Last(TimeOrderedId.ToText(id), "token.revoked");
        facts.Fails(Checks.Revoked, act?.Time, act is null ? facts.ClientId : act.Actor);
    }

    /// <summary>Whether the client that has it vouches for <paramref name="ids"/>.</summary>
    public void Client(TokenFacts facts, params ReadOnlySpan<long> ids)
    {
        if (facts.ClientId is null || clients.Find(facts.ClientId) is not { } client)
        {
            var deleted = facts.ClientId is null ? null : blame.Last(facts.ClientId, "client.deleted");
            facts.Fails(Checks.ClientDeleted, deleted?.Time, deleted?.Actor);
            return;
        }
        bool vouches = !client.IsRevoked;
        foreach (long id in ids) vouches &= client.Vouches(id);
        if (vouches) return;
        var act = blame.Last(client.ClientId, "client.revoked");
        facts.Fails(Checks.ClientRevoked, client.RevokedAt ?? act?.Time, act?.Actor);
    }

    /// <summary>Whether a session goes on.</summary>
    /// <param name="facts">Of the token.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="check">The check that fails where it does not.</param>
    /// <param name="needsRow">Whether it must be known: an access token outlives the row of a short session.</param>
    public void Session(TokenFacts facts, long sessionId, string check = Checks.SessionEnded, bool needsRow = true)
    {
        var row = database.Read(s => s.First(SessionSql, r => new SessionRow(r.GetString(0), Row.TextOrNull(r, 1),
            Row.LongOrNull(r, 2), Row.LongOrNull(r, 3)), sessionId));
        bool hasEnded = row is null ? needsRow : row.Status != StoredTokens.Valid;
        bool isNoted = revocations.Contains(sessionId);
        // Those of a client that was revoked ended by that, and are written down later.
        bool isClients = !isNoted && facts.Failed.Exists(f => f.Check is Checks.ClientRevoked or Checks.ClientDeleted);
        if (isClients || !hasEnded && !isNoted) return;
        var session = new EndedSession(row?.Subject ?? facts.Subject,
            row?.ClientRow is { } client ? clients.FindRow(client)?.ClientId ?? facts.ClientId : facts.ClientId, row?.SignInId);
        var (since, by) = blame.OfEnd(sessionId, session);
        facts.Fails(check, since, by);
    }

    /// <summary>Whether the account may sign in, and is as it was.</summary>
    /// <param name="facts">Of the token.</param>
    /// <param name="stamp">The account's security stamp when the token was made; null where it does not hang on that.</param>
    public void Account(TokenFacts facts, string? stamp = null)
    {
        string subject = facts.AccountId!.Value.ToString(CultureInfo.InvariantCulture);
        if (database.Read(s => UserAccounts.Find(s, facts.AccountId.Value)) is not { } account)
            Blamed(facts, Checks.AccountDeleted, blame.Last(subject, "account.deleted"), null);
        else if (account.DisabledAt is { } disabled)
            Blamed(facts, Checks.AccountDisabled, blame.Last(subject, "account.disabled"), disabled);
        else if (stamp is not null && account.SecurityStamp != stamp)
            Blamed(facts, Checks.AccountChanged, blame.Last(subject, "account.password_set", "account.password_changed", "account.changed",
                "account.sessions_ended", "account.disabled", "second_factor.removed"), null);
    }

    private static void Blamed(TokenFacts facts, string check, Audit.AuditEvent? act, DateTime? since) =>
        facts.Fails(check, since ?? act?.Time, act?.Actor);

    private sealed record SessionRow(string Status, string? Subject, long? ClientRow, long? SignInId);
}
