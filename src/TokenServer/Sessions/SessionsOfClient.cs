using TokenServer.Audit;
using TokenServer.Clients;
using TokenServer.Foundation;
using TokenServer.Storage;
using TokenServer.Tokens;

namespace TokenServer.Sessions;

/// <summary>Ends all sessions of a client that goes on: it is not revoked, its own tokens stay good, and new sessions may begin
/// (contract section 6).</summary>
internal sealed class SessionsOfClient(Database database, SessionEnds ends, BlastRadii radii, TimeOrderedId ids, TimeProvider clock)
{
    private const int Batch = 500;
    private const string Ended = "client.sessions_ended";

    /// <summary>Ends every session that <paramref name="client"/> has, and the codes and sign-ins that would begin one. They are ended in
    /// batches, between which others write; whoever was cut off does it again. How many ended.</summary>
    public async Task<int> EndAsync(Client client, Actor actor)
    {
        long last = ids.Next(), open = radii.OfClient(client).Sessions;
        await database.WriteAsync(s =>
        {
            int pending = StoredTokens.RevokePending(s, client.Id, Now);
            if (open + pending > 0) AuditTrail.Append(s, new AuditEvent(Ended, Now, actor)
                { Target = client.ClientId, ClientId = client.ClientId, Detail = $"{open} sessions" });
            return pending;
        });
        int all = 0;
        while (true)
        {
            var (found, ended) = await database.WriteAsync(s => EndSome(s, client.Id, last));
            ends.Bury(ended, Ended, ended.Count);
            all += ended.Count;
            if (found < Batch) return all;
        }
    }

    // One without refresh tokens that is older than any access token is dead by its age, and takes no batch's time.
    private (int Found, IReadOnlyList<long> Ended) EndSome(Statements s, long clientRow, long last)
    {
        var open = s.All($"""
            SELECT "Id" FROM "OpenIddictAuthorizations"
            WHERE {s.Slice("\"ApplicationId\"", "\"Id\"", "@p0", "0", "@p1")} AND ("Status"='valid') IS TRUE
                AND ("Type"='permanent' OR "Id">@p3)
            ORDER BY "ApplicationId" DESC, "Id" DESC LIMIT @p2
            """, r => r.GetInt64(0), clientRow, last, Batch, TimeOrderedId.FirstAt(Now - LifetimesOptions.LongestAccessToken));
        return (open.Count, [.. open.SelectMany(id => ends.End(s, id))]);
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;
}
