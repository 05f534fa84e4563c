using TokenServer.Audit;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Accounts.Explaining;

/// <summary>Since when, and by whose act, as the audit trail tells.</summary>
internal sealed class Blame(AuditLog log, RevocationIndex revocations)
{
    private const int Looked = 50;
    private static readonly TimeSpan Around = TimeSpan.FromSeconds(5);

    private static readonly string[] OfSession = ["session.ended", "session.revoked", "refresh_token.reused", "code.reused"],
        OfAccount = ["account.sessions_ended", "account.disabled", "account.password_set", "account.password_changed", "account.changed",
            "account.deleted", "second_factor.removed", "session.others_ended"],
        OfClient = ["client.sessions_ended", "client.revoked", "client.deleted", "consent.withdrawn"],
        OfEverybody = ["session.all_ended", "import.applied"];

    /// <summary>The last time that one of <paramref name="events"/> happened to <paramref name="target"/>, null for to anything.</summary>
    public AuditEvent? Last(string? target, params ReadOnlySpan<string> events)
    {
        AuditEvent? last = null;
        foreach (string name in events)
        {
            if (log.List(new AuditFilter(Event: name, Target: target), null, 1) is [var entry] && !(last?.Time > entry.Said.Time))
                last = entry.Said;
        }
        return last;
    }

    /// <summary>What ended a session: the entry that names it or the browser's sign-in it was begun from; else, of what ends many, what
    /// happened at the moment when it ended.</summary>
    public (DateTime? Since, string? By) OfEnd(long sessionId, EndedSession session)
    {
        string[] names = session.SignInId is { } signIn ? [TimeOrderedId.ToText(sessionId), TimeOrderedId.ToText(signIn)]
            : [TimeOrderedId.ToText(sessionId)];
        foreach (string name in names)
            if (Last(name, OfSession) is { } named) return (named.Time, named.Actor);
        if (revocations.SessionEndedAt(sessionId) is not { } ended) return (null, null);
        var found = Near(ended, session.Subject, OfAccount).Concat(Near(ended, session.ClientId, OfClient))
            .Concat(OfEverybody.SelectMany(name => Near(ended, null, [name]))).MinBy(e => (e.Time - ended).Duration());
        return (ended, found?.Actor);
    }

    private IEnumerable<AuditEvent> Near(DateTime moment, string? target, string[] events)
    {
        if (target is null && events.Length > 1) return [];
        var filter = new AuditFilter(Event: target is null ? events[0] : null, Target: target, From: moment - Around, To: moment + Around);
        return log.List(filter, null, Looked).Select(e => e.Said).Where(e => events.Contains(e.Event));
    }
}

/// <summary>Whose a session was that has ended.</summary>
/// <param name="Subject">The account, as the audit trail names it.</param>
/// <param name="ClientId">The client's.</param>
/// <param name="SignInId">The browser's sign-in it was begun from; null where it was from none.</param>
internal sealed record EndedSession(string? Subject, string? ClientId, long? SignInId);
