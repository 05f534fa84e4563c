using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Storage.Rows;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>The sessions, rows of OpenIddictAuthorizations: they start when an account signs in and end once, everywhere.</summary>
internal sealed class UserSessions(Database database, SessionEnds ends, TimeOrderedId ids, LifetimesOptions lifetimes, TimeProvider clock)
{
    // OpenIddict's types: a permanent one lives by its refresh tokens, an ad-hoc one only as long as its access token.
    public const string Permanent = "permanent", AdHoc = "ad-hoc";

    /// <summary>Marks a row whose end this server has noted itself, for the trigger that notes what others end.</summary>
    public const string Noted = "noted";

    private const string InsertSql = """
        INSERT INTO "OpenIddictAuthorizations" ("Id", "ApplicationId", "CreationDate", "Properties", "Scopes", "Status", "Subject", "Type",
            "SignInId", "Address")
        VALUES (@p0, @p1, @p2, @p3, @p4, 'valid', @p5, @p6, @p7, @p8)
        """;

    private const string BegunSql = """
        SELECT "Type", "SignInId" FROM "OpenIddictAuthorizations" WHERE "Id"=@p0 AND "Subject"=@p1 AND "Status"='valid'
        """;
    private const string MoveSql = """UPDATE "OpenIddictAuthorizations" SET "SignInId"=@p1 WHERE "SignInId"=@p0""";

    /// <summary>Starts a session in the caller's transaction, with a refresh token where <paramref name="refreshable"/>.</summary>
    /// <param name="s">The caller's.</param>
    /// <param name="account">Whose it is.</param>
    /// <param name="client">The client that gets it.</param>
    /// <param name="scopes">What is granted.</param>
    /// <param name="methods">How the account signed in (<c>amr</c>).</param>
    /// <param name="refreshable">Whether it lives by refresh tokens.</param>
    /// <param name="address">From where, if that is known.</param>
    /// <param name="signInId">The browser's session that it is begun from; null where the account signed in for it.</param>
    /// <param name="authTime">When the account signed in, UTC; null where that is now.</param>
    /// <param name="keyThumbprint">The key that its refresh tokens are bound to; null for none.</param>
    /// <param name="marks">What it is known by to its account.</param>
    public StartedSession Start(Statements s, AccountSnapshot account, Client client, ScopeSet scopes,
        string[] methods, bool refreshable, string? address, long? signInId = null, DateTime? authTime = null,
        string? keyThumbprint = null, SessionMarks? marks = null)
    {
        DateTime now = clock.GetUtcNow().UtcDateTime;
        var session = new Session(ids.Next(), account.Id, account.Role, client, scopes, authTime ?? now, methods)
            { StartedAt = now, KeyThumbprint = keyThumbprint };
        string subject = account.Id.ToString(CultureInfo.InvariantCulture);
        var properties = new SessionProperties(methods, address, authTime)
            { KeyThumbprint = keyThumbprint, Marks = marks ?? SessionMarks.None };
        s.Execute(InsertSql, session.Id, client.Id, now, properties.ToJson(),
            ClientColumns.Write(scopes), subject, refreshable ? Permanent : AdHoc, signInId, address);
        if (authTime is null) s.Execute("""UPDATE "AspNetUsers" SET "LastLogin"=@p1 WHERE "Id"=@p0""", account.Id, now);
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
        var ended = await database.WriteAsync(s =>
        {
            var ended = ends.End(s, sessionId);
            if (ended.Count > 0) AuditTrail.Append(s, reason);
            return ended;
        });
        ends.Bury(ended.Count > 0 ? ended : [sessionId], reason.Event, ended.Count);
        return ended.Count > 0;
    }

    /// <summary>Ends a session of the owner's account, its own or another. NotThere where the account has no such session.</summary>
    public async Task<NotOwned> EndAsync(Owner owner, long sessionId)
    {
        var (ended, why) = await database.WriteAsync(s => EndOwn(s, owner, sessionId));
        Bury(ended ?? [], "session.ended");
        return why;
    }

    /// <summary>Signs the owner's browser out: ends its session, and every one begun from it without <c>offline_access</c>.</summary>
    public Task<NotOwned> EndSignInAsync(Owner owner) => EndAsync(owner, owner.SessionId);

    /// <summary>Signs out what an id_token tells of: its session, and, shown by a browser of its account, the sign-in it was begun from
    /// with all that was; not one with <c>offline_access</c>.</summary>
    public async Task EndByHintAsync(int accountId, long sessionId, bool withSignIn, string? address)
    {
        var ended = await database.WriteAsync<IReadOnlyList<long>>(s =>
        {
            if (s.First(BegunSql, r => new Begun(r.GetString(0), Row.LongOrNull(r, 1)), sessionId, Subject(accountId)) is not { } begun)
                return [];
            List<long> ended = [.. withSignIn && begun.SignInId is { } signIn ? ends.End(s, signIn) : [],
                .. begun.Type == AdHoc ? ends.End(s, sessionId) : []];
            if (ended.Count > 0) AuditTrail.Append(s, new AuditEvent("session.ended", clock.GetUtcNow().UtcDateTime)
                { Actor = Subject(accountId), Target = TimeOrderedId.ToText(ended[0]), Address = address });
            return ended;
        });
        Bury(ended, "session.ended");
    }

    /// <summary>The browser has signed in anew: its former sign-in ends. What was begun from that goes on under the new one,
    /// if it is the same account's.</summary>
    public async Task ReplaceSignInAsync(Owner former, Session next)
    {
        var (ended, _) = await database.WriteAsync(s =>
        {
            if (former.AccountId == next.AccountId) s.Execute(MoveSql, former.SessionId, next.Id);
            return EndOwn(s, former, former.SessionId);
        });
        Bury(ended ?? [], "session.ended");
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
        var ended = await database.WriteAsync(s =>
        {
            var open = s.All("""SELECT "Id" FROM "OpenIddictAuthorizations" WHERE "Status"='valid'""", r => r.GetInt64(0));
            var ended = open.SelectMany(id => ends.End(s, id)).ToList();
            // Those of clients belong to no session.
            StoredTokens.DeleteShortLived(s);
            AuditTrail.Append(s, new AuditEvent("session.all_ended", clock.GetUtcNow().UtcDateTime, actor)
                { Detail = $"{ended.Count} sessions" });
            return ended;
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
        return [.. open.Where(id => id != kept).SelectMany(id => ends.End(s, id))];
    }

    /// <summary>Ends every session that a client has of an account, in the caller's transaction; give the answer to
    /// <see cref="Bury"/> after the commit.</summary>
    public IReadOnlyList<long> EndAllOf(Statements s, int accountId, Client client)
    {
        // By the account's index: a client may have everybody's.
        var open = s.All("""
            SELECT "Id" FROM "OpenIddictAuthorizations"
            WHERE "Subject"=@p0 AND ("Status"='valid') IS TRUE AND ("ApplicationId"=@p1) IS TRUE
            """, r => r.GetInt64(0), accountId.ToString(CultureInfo.InvariantCulture), client.Id);
        return [.. open.SelectMany(id => ends.End(s, id))];
    }

    /// <summary>Ends the sign-ins that were made with a passkey but <paramref name="kept"/>, in the caller's transaction; give the answer
    /// to <see cref="Bury"/> after the commit. Of what clients and devices were given through a passkey it is not known through which:
    /// that ends too, but for what was begun from <paramref name="kept"/>.</summary>
    public IReadOnlyList<long> EndAllBy(Statements s, int accountId, long passkeyId, long? kept)
    {
        var open = s.All("""
            SELECT "Id", "Properties", "SignInId" FROM "OpenIddictAuthorizations" WHERE "Subject"=@p0 AND ("Status"='valid') IS TRUE
            """, r => (Id: r.GetInt64(0), Properties: Row.TextOrNull(r, 1), SignInId: Row.LongOrNull(r, 2)), Subject(accountId));
        return [.. open.Where(o => o.Id != kept && IsBy(SessionProperties.Of(o.Properties), o.SignInId))
            .SelectMany(o => ends.End(s, o.Id))];

        bool IsBy(SessionProperties session, long? signInId) => session.Marks.PasskeyId is { } known ? known == passkeyId
            : SignInMethods.AreByPasskey(session.Methods) && !(kept is not null && signInId == kept);
    }

    /// <summary>Makes the ends that were committed count on this process.</summary>
    public void Bury(IReadOnlyCollection<long> sessionIds, string reason = "account.changed") =>
        ends.Bury(sessionIds, reason, sessionIds.Count);

    /// <summary>Ends a session that OpenIddict revokes, in the caller's transaction; give the answer, it and what ends with it,
    /// to <see cref="Bury"/> after the commit. Empty where it had ended before.</summary>
    public IReadOnlyList<long> End(Statements s, long sessionId)
    {
        var ended = ends.End(s, sessionId);
        if (ended.Count > 0) AuditTrail.Append(s, new AuditEvent("session.ended", clock.GetUtcNow().UtcDateTime)
            { Target = TimeOrderedId.ToText(sessionId) });
        return ended;
    }

    private Owned<IReadOnlyList<long>> EndOwn(Statements s, Owner owner, long sessionId)
    {
        if (!owner.IsSignedIn(s)) return NotOwned.SignedOut;
        if (!IsOpen(s, owner.AccountId, sessionId) || ends.End(s, sessionId) is not [_, ..] ended) return NotOwned.NotThere;
        Append(s, "session.ended", owner, TimeOrderedId.ToText(sessionId));
        return new(ended, NotOwned.Owned);
    }

    private static string Subject(int accountId) => accountId.ToString(CultureInfo.InvariantCulture);

    private sealed record Begun(string Type, long? SignInId);

    private void Append(Statements s, string happened, Owner owner, string target, string? detail = null) =>
        AuditTrail.Append(s, new AuditEvent(happened, clock.GetUtcNow().UtcDateTime, owner.Actor) { Target = target, Detail = detail });

    /// <summary>Whether a session of the account goes on, in the caller's transaction.</summary>
    public static bool IsOpen(Statements s, int accountId, long sessionId) => s.First(
        """SELECT 1 FROM "OpenIddictAuthorizations" WHERE "Id"=@p0 AND "Subject"=@p1 AND "Status"='valid'""",
        _ => "", sessionId, accountId.ToString(CultureInfo.InvariantCulture)) is not null;
}

/// <summary>A session that has just started, and its first refresh token if it has one.</summary>
internal sealed record StartedSession(Session Session, string? RefreshToken);
