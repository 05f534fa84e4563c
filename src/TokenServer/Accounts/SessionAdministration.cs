using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Sessions;
using TokenServer.Storage;

namespace TokenServer.Accounts;

/// <summary>The sessions that administrators end: one, ticked ones, an account's, a client's (contract section 6).</summary>
internal sealed class SessionAdministration(
    Database database, UserSessions sessions, UserAccounts accounts, SessionsOfClient ofClient, TimeProvider clock)
{
    private const string SubjectSql = """SELECT "Subject" FROM "OpenIddictAuthorizations" WHERE "Id"=@p0""";

    /// <summary>Whether <paramref name="actor"/> may end a session. An account whose role changes meanwhile loses its sessions
    /// anyway.</summary>
    public bool MayEnd(long sessionId, Actor actor) => ObstacleTo(sessionId, actor) != SessionEnd.Refused;

    /// <summary>Ends a session. NotThere where it has ended, or there is none: what is no session, as the id of a token, is left
    /// alone.</summary>
    public async Task<SessionEnd> EndAsync(long sessionId, Actor actor)
    {
        if (ObstacleTo(sessionId, actor) is { } obstacle) return obstacle;
        var happened = new AuditEvent("session.ended", Now, actor) { Target = TimeOrderedId.ToText(sessionId) };
        return await sessions.EndAsync(sessionId, happened) ? SessionEnd.Ended : SessionEnd.NotThere;
    }

    private SessionEnd? ObstacleTo(long sessionId, Actor actor)
    {
        if (database.Read(s => s.First(SubjectSql, r => Row.TextOrNull(r, 0) ?? "", sessionId)) is not { } subject)
            return SessionEnd.NotThere;
        // Another application on the database may have written something else.
        string? role = int.TryParse(subject, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? accounts.Find(id)?.Role : null;
        return Rank.MayTouch(actor, role) ? null : SessionEnd.Refused;
    }

    /// <summary>Ends every session of an account and whatever sign-in is under way; its keys and tunnels stay. How many; null where there
    /// is no such account, or it is above the <see cref="Rank"/> of who does it.</summary>
    public async Task<int?> EndAllOfAsync(int accountId, Actor actor)
    {
        var ended = await database.WriteAsync(s =>
        {
            if (UserAccounts.Find(s, accountId) is not { } account || !Rank.MayTouch(actor, account.Role)) return null;
            var ended = accounts.EndSessions(s, accountId);
            if (ended.Count > 0) AuditTrail.Append(s, new AuditEvent("account.sessions_ended", Now, actor)
                { Target = account.Subject, Detail = $"{ended.Count} sessions" });
            return ended;
        });
        sessions.Bury(ended ?? [], "account.sessions_ended");
        return ended?.Count;
    }

    /// <inheritdoc cref="SessionsOfClient.EndAsync"/>
    public Task<int> EndAllOfAsync(Client client, Actor actor) => ofClient.EndAsync(client, actor);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}

/// <summary>What became of a session that was to end. Refused: it is an account's that administers, and who asks is no
/// administrator.</summary>
internal enum SessionEnd { Ended, NotThere, Refused }
