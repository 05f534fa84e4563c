using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Telemetry;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>The sessions, rows of OpenIddictAuthorizations: they start when an account signs in and end once, everywhere.</summary>
internal sealed class UserSessions(Database database, RevocationIndex revocations, TimeOrderedId ids,
    LifetimesOptions lifetimes, TimeProvider clock, Instruments instruments)
{
    // OpenIddict's types: a permanent one lives by its refresh tokens, an ad-hoc one only as long as its access token.
    public const string Permanent = "permanent", AdHoc = "ad-hoc";

    /// <summary>Marks a row whose end this server has noted itself, for the trigger that notes what others end.</summary>
    public const string Noted = "noted";

    private const string InsertSql = """
        INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type")
        VALUES (@p0, @p1, @p2, @p3, @p4, 'valid', @p5, @p6)
        """;

    /// <summary>Starts a session in the caller's transaction, with a refresh token where <paramref name="refreshable"/>.</summary>
    public StartedSession Start(Statements s, AccountSnapshot account, Client client, ScopeSet scopes,
        string[] methods, bool refreshable, string? address)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var session = new Session(ids.Next(), account.Id, account.Role, client, scopes, now, methods);
        string subject = account.Id.ToString(CultureInfo.InvariantCulture);
        var properties = new Dictionary<string, string> { ["amr"] = string.Join(' ', methods) };
        if (address is not null) properties["address"] = address;
        s.Execute(InsertSql, session.Id, client.Id, now, ClientColumns.Write(properties),
            ClientColumns.Write(scopes), subject, refreshable ? Permanent : AdHoc);
        s.Execute("""UPDATE "AspNetUsers" SET "LastLogin"=@p1 WHERE "Id"=@p0""", account.Id, now);
        AuditTrail.Append(s, new AuditEvent("session.started", now) { Actor = subject,
            Target = TimeOrderedId.ToText(session.Id), ClientId = client.ClientId, Address = address });
        if (!refreshable) return new(session, null);
        var token = ReferenceToken.Create(ids.Next());
        StoredTokens.Insert(s, token, StoredTokens.Refresh, new(client.Id, session.Id, subject, now, now + lifetimes.RefreshToken, null));
        return new(session, token.ToText(ReferenceToken.Refresh));
    }

    /// <summary>Ends a session: its access and refresh tokens are dead when this completes. False where it had ended before.</summary>
    public async Task<bool> EndAsync(long sessionId, AuditEvent reason)
    {
        DateTime expires = Expiry;
        bool ended = await database.WriteAsync(s =>
        {
            if (!End(s, sessionId, expires)) return false;
            AuditTrail.Append(s, reason);
            return true;
        });
        revocations.Add(sessionId, expires);
        instruments.SessionsEnded(ended ? 1 : 0, reason.Event);
        return ended;
    }

    /// <summary>Ends a session of the owner's account, its own or another. NotThere where the account has no such session.</summary>
    public async Task<NotOwned> EndAsync(Owner owner, long sessionId)
    {
        var why = await database.WriteAsync(s =>
        {
            if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
            if (!IsOpen(s, owner.AccountId, sessionId) || !End(s, sessionId, Expiry)) return NotOwned.NotThere;
            Append(s, "session.ended", owner, TimeOrderedId.ToText(sessionId));
            return NotOwned.Owned;
        });
        if (why == NotOwned.Owned) Bury([sessionId], "session.ended");
        return why;
    }

    /// <summary>Ends every session of the owner's account but the owner's own.</summary>
    public async Task<NotOwned> EndOthersAsync(Owner owner)
    {
        var ended = await database.WriteAsync(s =>
        {
            if (!owner.IsSignedIn(s)) return null;
            var others = EndAll(s, owner.AccountId, owner.SessionId);
            if (others.Count > 0) Append(s, "session.others_ended", owner, owner.Actor.Name, $"{others.Count} sessions");
            return others;
        });
        Bury(ended ?? [], "session.others_ended");
        return ended is null ? NotOwned.SignedOut : NotOwned.Owned;
    }

    /// <summary>Ends every session of everybody, for a database that may not know which have ended already. The number ended.</summary>
    public async Task<int> EndEveryAsync(Actor actor)
    {
        DateTime expires = Expiry;
        var ended = await database.WriteAsync(s =>
        {
            var open = s.All("""SELECT "Id" FROM "OpenIddictAuthorizations" WHERE "Status"='valid'""", r => r.GetInt64(0));
            foreach (long id in open) End(s, id, expires);
            // Those of clients belong to no session.
            StoredTokens.DeleteShortLived(s);
            AuditTrail.Append(s, new AuditEvent("session.all_ended", clock.GetUtcNow().UtcDateTime, actor)
                { Detail = $"{open.Count} sessions" });
            return open;
        });
        Bury(ended);
        return ended.Count;
    }

    /// <summary>Ends every session of an account but <paramref name="kept"/>, in the caller's transaction;
    /// give the answer to <see cref="Bury"/> after the commit.</summary>
    public IReadOnlyList<long> EndAll(Statements s, int accountId, long? kept)
    {
        // By the account's index, not by that of all sessions that go on.
        var open = s.All("""SELECT "Id" FROM "OpenIddictAuthorizations" WHERE "Subject"=@p0 AND ("Status"='valid') IS TRUE""",
            r => r.GetInt64(0), accountId.ToString(CultureInfo.InvariantCulture));
        open.RemoveAll(id => id == kept);
        foreach (long id in open) End(s, id, Expiry);
        return open;
    }

    /// <summary>Makes the ends that were committed count on this process.</summary>
    public void Bury(IReadOnlyCollection<long> sessionIds, string reason = "account.changed")
    {
        foreach (long id in sessionIds) revocations.Add(id, Expiry);
        instruments.SessionsEnded(sessionIds.Count, reason);
    }

    private void Append(Statements s, string happened, Owner owner, string target, string? detail = null) =>
        AuditTrail.Append(s, new AuditEvent(happened, clock.GetUtcNow().UtcDateTime, owner.Actor) { Target = target, Detail = detail });

    /// <summary>Ends a session that OpenIddict revokes, in the caller's transaction; <see cref="Bury"/> follows the commit. False where it
    /// had ended before.</summary>
    public bool End(Statements s, long sessionId)
    {
        bool ended = End(s, sessionId, Expiry);
        if (ended) AuditTrail.Append(s, new AuditEvent("session.ended", clock.GetUtcNow()
            .UtcDateTime) { Target = TimeOrderedId.ToText(sessionId) });
        return ended;
    }

    // A session's access tokens were issued before now, and none lives longer than LongestAccessToken.
    private DateTime Expiry => clock.GetUtcNow().UtcDateTime + LifetimesOptions.LongestAccessToken;

    private static bool End(Statements s, long sessionId, DateTime expires)
    {
        bool ended = s.Execute(
            """UPDATE "OpenIddictAuthorizations" SET "Status"='revoked', "ConcurrencyToken"=@p1 WHERE "Id"=@p0 AND "Status"='valid'""",
            sessionId, Noted) == 1;
        // A session whose row is gone has no token that lives; it is noted all the same, since whoever ends it has one.
        bool gone = !ended && s.First("""SELECT 1 FROM "OpenIddictAuthorizations" WHERE "Id"=@p0""", _ => "", sessionId) is null;
        if (ended || gone) RevocationIndex.Insert(s, sessionId, expires);
        return ended;
    }

    /// <summary>Whether a session of the account goes on, in the caller's transaction.</summary>
    public static bool IsOpen(Statements s, int accountId, long sessionId) => s.First(
        """SELECT 1 FROM "OpenIddictAuthorizations" WHERE "Id"=@p0 AND "Subject"=@p1 AND "Status"='valid'""",
        _ => "", sessionId, accountId.ToString(CultureInfo.InvariantCulture)) is not null;
}

/// <summary>A session that has just started, and its first refresh token if it has one.</summary>
internal sealed record StartedSession(Session Session, string? RefreshToken);
