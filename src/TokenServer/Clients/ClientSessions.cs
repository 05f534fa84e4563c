using TokenServer.Storage;

namespace TokenServer.Clients;

/// <summary>Writes down that the sessions of a client that was revoked or deleted have ended.</summary>
internal sealed class ClientSessions(Database database, TimeOrderedId ids)
{
    private const int Batch = 2_000;

    // Every token is dead with the commit of the revocation. This follows in batches: others write in between.
    public async Task EndAsync(long rowId)
    {
        long last = ids.Next();
        while (await database.WriteAsync(s => s.Execute(EndSql(s), rowId, last, Batch)) == Batch)
        {
        }
    }

    // Written so that it is found by the client, whatever else there is an index for.
    private static string EndSql(Statements s) => $"""
        UPDATE "OpenIddictAuthorizations" SET "Status"='revoked', "ConcurrencyToken"='noted' WHERE "Id" IN
        (SELECT "Id" FROM "OpenIddictAuthorizations"
        WHERE {s.Slice("\"ApplicationId\"", "\"Id\"", "@p0", "0", "@p1")} AND ("Status"='valid') IS TRUE
        ORDER BY "ApplicationId" DESC, "Id" DESC LIMIT @p2)
        """;
}
