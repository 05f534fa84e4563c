using TokenServer.Storage;

namespace TokenServer.Clients;

/// <summary>Writes down that the sessions of a client that was revoked or deleted have ended.</summary>
internal sealed class ClientSessions(Database database, KnownClients known, LogoutDeliveries deliveries, TimeOrderedId ids)
{
    private const int Batch = 2_000;

    // Every token is dead with the commit of the revocation. This follows in batches: others write in between.
    public async Task EndAsync(long rowId)
    {
        long last = ids.Next();
        // One that was deleted has no address any more.
        bool isTold = known.FindRow(rowId)?.BackChannelLogoutUri is not null;
        while (await database.WriteAsync(s => End(s, rowId, last, isTold)) == Batch)
        {
            if (isTold) deliveries.Signal();
        }
        if (isTold) deliveries.Signal();
    }

    private int End(Statements s, long rowId, long last, bool isTold)
    {
        if (isTold) deliveries.Insert(s, Open(s), rowId, last, Batch);
        return s.Execute($"""
            UPDATE "OpenIddictAuthorizations" SET "Status"='revoked', "ConcurrencyToken"='noted' WHERE "Id" IN ({Open(s)})
            """, rowId, last, Batch);
    }

    // Written so that it is found by the client, whatever else there is an index for.
    private static string Open(Statements s) => $"""
        SELECT "Id" FROM "OpenIddictAuthorizations"
        WHERE {s.Slice("\"ApplicationId\"", "\"Id\"", "@p0", "0", "@p1")} AND ("Status"='valid') IS TRUE
        ORDER BY "ApplicationId" DESC, "Id" DESC LIMIT @p2
        """;
}
