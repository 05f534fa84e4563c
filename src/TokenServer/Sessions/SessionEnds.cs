using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Telemetry;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>The one place where a session ends, and with a browser's sign-in the sessions begun from it without <c>offline_access</c>
/// (contract section 9; docs/decisions/0032). A client that wants to hear of it is told.</summary>
internal sealed class SessionEnds(ClientRegistry clients, LogoutDeliveries deliveries, RevocationIndex revocations,
    TimeProvider clock, Instruments instruments)
{
    private const string EndSql = """
        UPDATE "OpenIddictAuthorizations" SET "Status"='revoked', "ConcurrencyToken"='noted' WHERE "Id"=@p0 AND "Status"='valid'
        RETURNING "ApplicationId", "Subject"
        """;

    // By the sign-in's index, whatever else there is one for.
    private const string BegunSql = """
        SELECT "Id" FROM "OpenIddictAuthorizations" WHERE "SignInId"=@p0 AND ("Status"='valid' AND "Type"='ad-hoc') IS TRUE
        """;

    /// <summary>Ends a session in the caller's transaction; give the answer to <see cref="Bury"/> after the commit.</summary>
    /// <returns>What ended: it first, then what ends with it. Empty where it had ended before.</returns>
    public IReadOnlyList<long> End(Statements s, long sessionId)
    {
        DateTime expires = Expiry;
        if (s.First(EndSql, r => new EndedRow(Row.LongOrNull(r, 0), Row.TextOrNull(r, 1)), sessionId) is not { } row)
        {
            // A session whose row is gone has no token that lives; it is noted all the same, since whoever ends it has one.
            if (s.First("""SELECT 1 FROM "OpenIddictAuthorizations" WHERE "Id"=@p0""", _ => "", sessionId) is null)
                RevocationIndex.Insert(s, sessionId, expires);
            return [];
        }
        RevocationIndex.Insert(s, sessionId, expires);
        if (row.ApplicationId is not { } application || clients.FindRow(application) is not { } client) return [sessionId];
        if (client.BackChannelLogoutUri is not null && row.Subject is { } subject) deliveries.Insert(s, client, sessionId, subject);
        // Only a browser's sign-in, the server's own client's session, has others begun from it.
        if (!client.IsInternal) return [sessionId];
        return [sessionId, .. s.All(BegunSql, r => r.GetInt64(0), sessionId).SelectMany(id => End(s, id))];
    }

    /// <summary>Makes the ends that were committed count on this process.</summary>
    /// <param name="sessionIds">What is dead.</param>
    /// <param name="reason">The event that ended it, for the measurements.</param>
    /// <param name="ended">How many had not ended before.</param>
    public void Bury(IReadOnlyCollection<long> sessionIds, string reason, int ended)
    {
        foreach (long id in sessionIds) revocations.Add(id, Expiry);
        deliveries.Announce(sessionIds);
        instruments.SessionsEnded(ended, reason);
    }

    // A session's access tokens were issued before now, and none lives longer than LongestAccessToken.
    private DateTime Expiry => clock.GetUtcNow().UtcDateTime + LifetimesOptions.LongestAccessToken;

    private sealed record EndedRow(long? ApplicationId, string? Subject);
}
